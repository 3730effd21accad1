story "Night"
  .model kirin_v3_t2v
  .aspect 16:9
  .negativ blurry

shot street 5s
  A wet street.
