story "Night"
  .model kirin_v3_t2v

shot street 5s
  say Mei: Wait for me.
  Mei runs down a wet street.
