story "Bounds"
  .model kirin_v3_t2v

template t(n)
  for a in 1..300
    for b in 1..300
      split

phrase p(x)
  {{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}

phrase q(x)
  {{ p(p(p(p(x)))) }}

shot first 3s
  {{ q("lamp") }}

shot second 3s
  {{ q("") }}A lamp.

use t(1)
use t(2)
use t(3)
