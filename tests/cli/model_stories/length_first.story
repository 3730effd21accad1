story "Night"
  .model kirin_v3_t2v

shot 5s street
  A wet street.
