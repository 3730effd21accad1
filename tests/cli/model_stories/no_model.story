story "Night"

shot street 5s
  A wet street.
