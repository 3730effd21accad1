story "Night"
  .model kirin_v3_t2v

shot street "The street" 5s
  A wet street.

shot door "The door" 4s
  A door opens.
