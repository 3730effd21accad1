edition 1
story "Glass" 12s
  .model kirin_v3_t2v
  .aspect_ratio 16:9
  .negative blurry, low quality

char anna = "Anna, a glassblower, grey apron"

template close(who): "Close-up of {{who}}, firelight."

scene workshop "Workshop"
  shot a 4s
    {{close(anna)}} She turns the pipe.
  shot b 4s:
    {{ anna }} blows, the glass swells.
# transition
  shot c 4s
    The vase on a sill at dawn.
