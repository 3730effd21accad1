story "Night"
  .model kirin_v3_t2v

shot shot 5s
  A wet street.

shot door 4s
  A door opens.

shot door 3s
  It closes.
