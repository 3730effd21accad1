# lantern_night.story
edition 1

story "Lantern Night"
  .model kirin_v3_t2v
  .mode pro
  .aspect_ratio 16:9
  .sound on
  .negative {{ house.clean }}, crowds
  .suffix 35mm film grain, soft contrast.
  A courier crosses Suzhou on the night of the lantern festival.

import "house_style.story" as house

param city = Suzhou
let mei = Mei, a young woman in a red hanfu with a silver hairpin

phrase tracking(who, place, lens = "50mm")
  Tracking shot on {{ lens }}: {{ who }} walks through {{ place }}.

template reveal(who, what, hold = 4s)
  shot wide hold
    Wide shot of {{ what }}, nobody in frame.

  shot push 3s
    Slow push in on {{ who }}; {{ what }} glows behind.

scene arrival "The arrival" 12s
  The lantern street of {{ city }} at dusk, rain just over.

shot street 5s
  Wide establishing shot. {{ scene.text }} "Quotes", {braces} and signs like #5 need no escape.

shot walk 4s
  .avoid smiling, looking at the camera
  {{ tracking(mei, "the night market") }}
  Lanterns sway; her sleeve brushes a stall.

shot face 3s
  Close-up of {{ mei }}, warm light on her face.

scene river
  .mode std

use reveal(mei, "the lantern river of {{ city }}")

split

for bank in north, south
  shot crowd 3s
    From the {{ bank }} bank: paper boats drift past.

use reveal("an old boatman", "the moon bridge", hold = 5s) as boatman
--- house_style.story
let clean = text, watermark
