story "Night"
  .model kirin_v3_t2v

shot street 5
  A wet street.

shot door 4
  A door opens.
