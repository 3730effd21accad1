# A vertical clip for a phone: fifteen seconds, six shots, made together as one job.
edition 1

story "Rooftop, 5 a.m." 15s
  .model kirin_v3_t2v
  .mode pro
  .aspect_ratio 9:16
  .sound on
  .prefix Vertical phone footage, handheld, true colours before sunrise.
  A skater has the city to herself for a quarter of a minute.

let kit = Kit (a skater in a faded green bomber jacket)

shot wake 2s
  Through the eyes of {{ kit }}: a hand stops an alarm at 4:58, the ceiling fan turns.

shot stairs 2s
  From above, down a spiral stairwell: {{ kit }} climbs with a board under one arm.

shot door 2s
  {{ kit }} shoulders open a steel door; cold blue light floods in.

for where in along the parapet, over the skylight
  shot ride 3s
    Low behind the wheels: {{ kit }} rides {{ where }}, the whole city asleep below.

shot sun 3s
  {{ kit }} stops dead. The first sun hits the glass towers, and then the green jacket.
