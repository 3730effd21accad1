story "Night"
  .model kirin_v3_t2v

shot street 5s
A wet street at night.

shot door 4s
A door opens.
