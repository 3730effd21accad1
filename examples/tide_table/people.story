# Who and what must look the same in every shot.
edition 1

let ines = Ines (a harbour pilot of sixty, grey plait, yellow oilskin with a mended left cuff)
let tomas = Tomas (a boy of ten in a navy jumper too large for him)
let petrel = the Petrel (a small blue pilot boat with a white wheelhouse)
