edition 1

story "Coast" 10s
  model kirin_v3_t2v
  mode std
  aspect_ratio 16:9
  negative blurry, text

var hero = a fisherman in a yellow coat
macro closeup(who) = Close-up of {{ who }}.

clip boat 5s
  {{ closeup(hero) }} He rows.

clip shore 5s
  {{ hero }} drags the boat up the shore.
