# Words beside the picture, shots that cost nothing, and a cut: a title, a chart, dialogue, a caption, notes.
edition 1

story "Night Ferry" 20s
  .model kirin_v3_t2v
  .sound on
  .note Both actors in wool coats; keep the deck wet between takes.
  The last boat of the year, and the one passenger who nearly missed it.

let mara = Mara, a woman of sixty in a grey wool coat, a small suitcase in her hand

shot title 2s
  .card
  Night Ferry

scene crossing "The crossing"

shot deck 5s
  .say Deckhand: Last one tonight.
  .say Mara: I know. I have been late for thirty years.
  .note Slow push in, end on her hands.
  Rain on the deck of a small car ferry at night, sodium light. {{ mara }}, steps over the ramp as it rises. A
  deckhand speaks to her, and she answers without looking up. {{ shot.say }}

# The model needs a moment to begin moving: half a second is left out on both sides.
shot engine 4s
  .cut 0.5s..3.5s
  Close-up of the throttle as a gloved hand pushes it forward; the whole bridge trembles, a cup slides.

shot chart 3s
  .still chart.png
  The route on an old chart.

scene arrival "The other side"

shot harbour 6s
  .caption Hafen Nord, 23:40
  Wide shot from the bow: harbour lights come out of the rain, one window lit above the quay. {{ mara }}, seen from
  behind, lifts her hand.

shot end 1s
  .card
