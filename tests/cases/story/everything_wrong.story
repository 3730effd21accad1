story "Wrong" 60s
  .model kirin_v3_t2v
  .moed pro
  .mode fast
  .sound on
  .duration 5
  .negative crowds, crowds
  .negative - text
  .suffix {{ shot.name }}

import "nowhere.story" as nowhere

let city = Suzhou
let city = Hangzhou
let a = {{ b }}
let b = {{ a }}
let quoted = "Mei"

phrase meet(who, where)
  {{ who }} at {{ where }}.

scene gate 12s

shot one 5s
  {{ nowhere.anything }} {{ meet("Mei") }} {{ cty }}

shot two 2.5s
  mode pro
  {{ city + 1 }} {{ true }} {% if city %}x

shot empty 4s

shot three sometime
  {{ scene.txt }} {{ story }} {{ meet }} {{ "x" | uper }}

use nobody(1)

scene gate

shot four 3s
  .budget 12 USD
  .take 0
  .watermark maybe
  A lamp.
