edition 1

# storyboard lint    what to mend      storyboard plan    what it would cost
# storyboard build   the film, as a free local animatic

story "TITLE" 24s
  .model kirin_v3_t2v
  .mode std
  .aspect_ratio 16:9
  .negative blurry, on-screen text
  .suffix 35mm film grain, soft contrast.
  A courier crosses an old river town on the night of the lantern festival.

param city = Suzhou
let mei = Mei, a young courier in a red coat, a silver pin in her hair

phrase tracking(who, place, lens = "50mm")
  Tracking shot on {{ lens }}: {{ who }} walks through {{ place }}.

scene arrival "The arrival" 12s
  The lantern street of {{ city }} at dusk, rain just over.

shot street 5s
  Wide establishing shot. {{ scene.text }}
  Lanterns are reflected in the wet stones.

shot walk 4s
  {{ tracking(mei, "the night market") }}
  Steam rises from the stalls; nobody looks up.

shot face 3s
  Close-up of {{ mei }}, warm light on her face.

scene river "The river" 12s

for bank in north, south
  shot boats 3s
    From the {{ bank }} bank: paper boats with candles drift past.

shot farewell 6s
  {{ mei }}, kneels at the water's edge and sets a last paper boat afloat.
  The camera rises until the river is a line of lights.
