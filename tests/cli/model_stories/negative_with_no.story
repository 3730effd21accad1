story "Night"
  .model kirin_v3_t2v
  .negative no text, no logos

shot street 5s
  A wet street.
