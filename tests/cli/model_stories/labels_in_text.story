story "Night"
  .model kirin_v3_t2v

shot street 5s
  Camera: slow dolly in
  A wet street at night.
  Negative prompt: blurry, text
