# An advertisement in one shot. The smallest story there is: a model, a shot, its prompt.
edition 1

story "First Coffee" 8s
  .model kirin_v3_t2v
  .mode pro
  .sound on
  A spot for a small roastery: one shot, one gesture, nobody speaks.

shot pour 8s
  .avoid logos, lettering, faces
  Macro shot on a 100mm lens, level with a worn oak counter. Low winter sun through a steamed-up window.
  A hand tilts a copper kettle; the thin stream meets the coffee bed, which blooms, swells and sighs.
  Steam drifts across the light and hides the cup for a moment, then clears: it is full, and quite still.
  Sounds of the pour, a wooden drawer, the street waking up outside.
