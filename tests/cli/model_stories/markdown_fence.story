```story
story "Night"
  .model kirin_v3_t2v

shot street 5s
  A wet street.
```
