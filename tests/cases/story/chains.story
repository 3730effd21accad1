story "Chains"
  .model kirin_v3_t2v

import "house.story" as house

let greeting = {{ house.welcome("Mei") }}

phrase walk(who)
  {{ house.look(who) }} walks{% if shot.seconds > who %} slowly{% endif %}.

template pair(who, hold = 4s)
  shot wide hold
    {{ walk(who) }} {{ greeting }}

  for side in left, right
    shot close 3s
      .mode {{ side }}
      {{ who }} from the {{ side }}.

scene one 20s
use pair("Mei", hold = "soon")

scene two
for n in 1..2
  use pair("Lin") as lin
--- house.story
phrase look(who)
  {{ who | shout }}, {{ missing }},

phrase welcome(who)
  In {{ scene.name }}, {{ who }}.
