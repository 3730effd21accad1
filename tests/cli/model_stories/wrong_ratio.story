story "Night"
  .model kirin_v3_t2v
  .aspect_ratio 21:9

shot street 5s
  A wet street.
