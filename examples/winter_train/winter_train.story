# An older model: no several shots in a job, five or ten seconds each, sound only in the mode `pro`.
edition 1

story "Winter Train" 40s
  .model kirin_v2_6_t2v
  .mode pro
  .sound on
  .negative text, modern trains, people looking at the camera
  .suffix Muted colours, 16mm film, natural sound.
  A night train through snow, told by what is left in the compartment.

let compartment = an empty sleeping-car compartment of the 1960s, green velvet, brass lamp

shot platform 5s
  A small station in falling snow at night. One lit window moves off, then the next, then all of them.

shot glass 10s
  Inside {{ compartment }}. Frost flowers creep over the window; behind them a village slides past, light by light.
  On the table a glass of tea trembles in its metal holder, and the spoon in it rings very quietly.

shot corridor 5s
  Along the empty corridor, the carpet rucked, every door a little open, all swinging together in the curve.

shot letter 10s
  Inside {{ compartment }}. A letter lies on the pillow, half out of its envelope. The train brakes; the letter slides,
  stops at the edge, stays. Outside someone runs along a platform, and is too late.

shot morning 5s
  The train from far away, a dark line on a white plain. The sun comes up exactly at its end.

shot station 5s
  A terminus under a glass roof, morning. On the platform one suitcase stands, and nobody near it.
