# How we shoot.
edition 1

let look = Natural light, 40mm, muted blues and one yellow.
let never = drone shots, lens flare, slow motion, captions

phrase follow(what, place)
  Handheld, close behind {{ what }}, across {{ place }}.

phrase drift(what, lens = "40mm")
  Slow sideways drift on {{ lens }} along {{ what }}.

template open_on(what)
  shot still 6s
    Locked wide shot of {{ what }}.

  shot closer 4s
    The same place from nearer, the camera at knee height: {{ what }}.

template reveal(what, hold = 5s)
  shot hidden 3s
    A long lens finds only haze and the line of the sea.

  shot seen hold
    The haze thins, and there it is: {{ what }}.
