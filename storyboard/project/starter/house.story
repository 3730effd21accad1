edition 1

# What all episodes share. A change here re-makes every shot that uses it: `storyboard plan` says what that costs.

let keeper = the keeper, an old woman in a yellow oilskin coat, a brass whistle round her neck
let clean = blurry, on-screen text, crowds
let look = 35mm film grain, muted colours, overcast light.

template opening(place, landmark, hold = 4s)
  shot wide hold
    Wide shot of {{ place }}; {{ landmark }} stands in the mist.

  shot step 3s
    {{ keeper }} walks along {{ place }}, seen from behind.
