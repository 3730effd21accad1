story "Night"
  .model kirin_v3_t2v

shot street 0:00-0:05
  A wet street.

shot door 0:05-0:09
  A door opens.
