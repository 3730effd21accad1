edition 1

# storyboard lint    what to mend      storyboard plan    what it would cost
# storyboard build   the film, as a free local animatic

story "TITLE" 15s
  .model kirin_v3_t2v
  .mode std
  .aspect_ratio 9:16
  .negative blurry, logos, on-screen text
  .suffix Bright studio light, shallow depth of field.
  An advertisement of 15 seconds for a phone held upright.

param product in a cup of coffee, a pot of tea
let hands = the hands of a baker, dusted with flour

shot hook 3s
  .caption Every morning.
  Extreme close-up: steam rises from {{ product }}, backlit by a low sun.

shot make 5s
  .say The first one is the one that counts.
  Close-up: {{ hands }} set {{ product }} on a wooden counter.

shot smile 4s
  .avoid looking at the camera
  Medium shot: a cyclist at an open window takes {{ product }} and laughs.

# Put your logo in its place: `.still logo.png` shows a picture, and is not bought either.
shot logo 3s
  .card
  TITLE
