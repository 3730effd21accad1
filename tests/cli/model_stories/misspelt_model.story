story "Night"
  .model kirin_v3

shot street 5s
  A wet street.
