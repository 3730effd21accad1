# One film for every city of the series. Each city is a variant with its own folder and its own lock:
#   storyboard build city_marathon.story --as oslo --set city=Oslo --set "light=clear northern light"
edition 1

story "Run Home" 20s
  .model kirin_v3_t2v
  .mode pro
  .sound on
  .negative brand names, race numbers, slow motion
  .suffix Documentary look, 35mm lens, {{ light }}.
  A marathon seen by the people who are not running it. The same film for every city of the series.

param city = Lisbon
param light = low golden light
param street = a steep street with tram rails
param runner = a woman of fifty in a plain white shirt
param welcome = 5s

scene street "The street" 9s
  {{ city }}, early on a Sunday, {{ street }}.

shot shutters 3s
  {{ scene.text }} A baker rolls up a shutter, looks up the street, waits.

shot drum 3s
  {{ scene.text }} On a balcony a child tries out a saucepan as a drum; a neighbour across the way answers.

shot first 3s
  {{ scene.text }} Far up the hill the first of the field come round the corner, small and quite silent.

scene home "Home"

shot pass 3s
  Close beside {{ runner }}, running between two walls of noise; only the breath is near.

shot stop 3s
  In the middle of the race {{ runner }} slows, sees somebody at the barrier, and stops.

shot welcome welcome
  Over the shoulder of {{ runner }}: an old man holds out one orange, already peeled.
  {% if city == "Lisbon" %}Behind them a yellow tram waits for the runners to pass.{% endif %}
