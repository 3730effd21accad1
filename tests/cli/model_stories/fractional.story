story "Night"
  .model kirin_v3_t2v

shot street 4.5s
  A wet street.

shot door 3.5s
  A door opens.
