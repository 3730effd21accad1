story "Night"
  .model kirin_v3_t2v

for bank in [north, south]
  shot boats 3s
    From the {{ bank }} bank, boats drift past.
