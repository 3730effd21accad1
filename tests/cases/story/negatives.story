story "Negatives"
  .model kirin_v3_t2v
  .negative {{ common }}, crowds
  .negative + text

let common = blur、noise

scene field

shot plain 5s
  A lamp.

shot avoiding 5s
  .avoid smiling, smiling
  A face.

scene inline
  .negatives inline
  .negative - crowds

shot both_kinds 5s
  .avoid text, tears
  A face.

scene cleared
  .negative none

shot free 5s
  A crowd.

scene own
  .negatives both
  .prefix Film.
  .suffix none

shot last 5s
  A lamp.

  In the rain.
