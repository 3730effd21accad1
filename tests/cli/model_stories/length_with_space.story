story "Night"
  .model kirin_v3_t2v

shot street 5 s
  A wet street.

shot door 4 seconds
  A door opens.
