edition 1

# storyboard lint    what to mend      storyboard plan    what it would cost
# storyboard build   the film, as a free local animatic

story "TITLE, episode 1" 21s
  .model kirin_v3_t2v
  .mode std
  .aspect_ratio 16:9
  .negative {{ house.clean }}
  .suffix {{ house.look }}
  The keeper of a lighthouse finds a bottle on the shore.

import "house.story" as house

scene shore "The shore" 12s
  .prefix {{ scene.text }}
  A grey shore below a lighthouse, early morning.

use house.opening("the shore", "a lighthouse") as opening

shot bottle 5s
  {{ house.keeper }} bends down and lifts a green bottle out of the seaweed.

scene lamp "The lamp room" 9s
  .prefix {{ scene.text }}
  The lamp room of the lighthouse, brass and glass.

shot read 5s
  .say Keeper: It is dated tomorrow.
  {{ house.keeper }} unrolls a letter under the lamp.

shot light 4s
  The great lamp turns; its beam sweeps over {{ house.keeper }}.
