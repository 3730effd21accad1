story "Night"
  .model kirin_v3_t2v

let mei: Mei, a young courier

shot street 5s
  {{ mei }} walks down a street.
