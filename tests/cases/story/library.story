# A file without `story`: nothing here becomes film.
let clean = text, {{ watermark }}
let watermark = watermark

phrase glow(what, how = mood)
  {{ what }} glows {{ how }}, {{ shot.seconds }} s, {{ nothing }}.

param mood = softly

template reveal(what, hold = 4s)
  shot wide hold
    .camera slow
    .avoid {{ clean }}
    {{ glow(what, much = "x") }}
