// Night, version 2
story "Night"
  .model kirin_v3_t2v

// the street
shot street 5s
  A wet street.
