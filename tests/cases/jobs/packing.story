story "Packing"
  .model kirin_v3_t2v

scene even
# four times five: two and two, not three and one

for n in 1..4
  shot s 5s
    Lantern {{ n }}.

scene many
# seven short ones: no more than six in a job

for n in 1..7
  shot s 2s
    Boat {{ n }}.

scene apart

shot a 3s
  One.

split

shot b 3s
  Two.

shot c 3s
  .sound on
  Three.

shot d 3s
  .negative crowds
  Four.

shot e 3s
  .pack shot
  Five.

shot f 3s
  .sound off
  .take 2
  Six.

shot g 3s
  Seven.
