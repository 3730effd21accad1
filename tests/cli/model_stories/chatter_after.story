story "Night"
  .model kirin_v3_t2v

shot street 5s
  A wet street.

Let me know if you would like more shots!
