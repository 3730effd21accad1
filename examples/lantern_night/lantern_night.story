# A short film with most of the language in it: settings, names, phrases, a template, a loop, a split.
edition 1

import "house_style.story" as house

story "Lantern Night"
  .model kirin_v3_t2v
  .mode pro
  .aspect_ratio 16:9
  .sound on
  .negative {{ house.clean }}, crowds
  .suffix {{ house.grain }}
  A courier crosses Suzhou on the night of the lantern festival.

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
  Wide establishing shot. {{ scene.text }} Wet flagstones double every light.

shot walk 4s
  .avoid smiling, looking at the camera
  {{ tracking(mei, "the night market") }}
  Lanterns sway; her sleeve brushes a stall.

shot face 3s
  Close-up of {{ mei }}, warm light on her face, one drop of rain on her cheek.

scene river "The river" 21s
  .mode std

use reveal(mei, "the lantern river of {{ city }}")

split

for bank in north, south
  shot crowd 3s
    From the {{ bank }} bank: paper boats drift past, each with a candle end.

use reveal("an old boatman in a straw cape", "the moon bridge", hold = 5s) as boatman
