# Two minutes in four scenes, with people and camera moves kept in libraries of their own.
edition 1

import "people.story" as people
import "camera.story" as camera

story "The Tide Table" 120s
  .model kirin_v3_t2v
  .mode pro
  .sound on
  .negative {{ camera.never }}
  .suffix {{ camera.look }}
  .budget 25 USD
  The last pilot of a small harbour takes the supply boat to the island, once more, and comes back with the tide.

scene harbour "Before the tide" 28s
  .prefix {{ scene.text }}
  A stone harbour on the Atlantic coast, blue hour, boats aground on wet sand.

use camera.open_on("the harbour at low water, ropes slack, gulls asleep on the rail") as low_water

shot table 4s
  Insert: {{ people.ines }} runs a finger down a printed tide table, a pencil mark beside one line.
  Lamp light, breath on the glass.

shot boots 3s
  Low angle on {{ people.ines }}, pulling on sea boots by the door; the dog watches and does not get up.

shot engine 5s
  Inside the wheelhouse of {{ people.petrel }}: a hand turns the key, needles rise, the whole frame starts to tremble.

shot cast_off 6s
  {{ camera.follow("the stern line", "the wet stones of the quay") }}
  It drops into the water as {{ people.petrel }} swings away from the wall.

scene crossing "The crossing" 34s

shot bow 5s
  Locked on the bow of {{ people.petrel }}: it lifts, hangs, and goes down into grey water. Spray hits the lens.

for side in port, starboard
  shot watch 3s
    Profile of {{ people.ines }} from the {{ side }} side, eyes on something far ahead. The horizon tilts behind.

shot radio 5s
  Close on an old radio, its dial lit amber. A voice reads the sea areas; a thumb turns it down, but not off.

split

use camera.reveal("the island, one white house, one light still burning", hold = 6s) as landfall

shot gulls 4s
  Gulls hold still in the wind above the mast of {{ people.petrel }}, then slide away all at once.

shot rope 5s
  {{ people.tomas }} runs down the slip and catches the line that {{ people.ines }} throws; neither looks at the rope.

scene island "The island" 32s
  .prefix {{ scene.text }}
  A whitewashed house above the slip, wind in the grass, late morning sun between clouds.

shot crates 4s
  Crates pass from hand to hand up the slip: flour, batteries, a birthday cake in a clear box.

shot kitchen 6s
  Inside, {{ people.ines }} sets down the cake; {{ people.tomas }} has laid three cups for two people.

shot wall 4s
  {{ camera.drift("a kitchen wall of height marks in pencil, each with a year") }}
  The newest is shoulder high and says this year.

shot cake 5s
  A match is struck. {{ people.tomas }} shields the one candle from the draught with both hands.

split

shot window 6s
  Through salt on the window {{ people.ines }} looks down at the slip: the water has begun to turn.

shot goodbye 7s
  Wide: two small figures on the slip beside {{ people.petrel }}. They shake hands, and then it becomes an embrace.

scene return "With the tide" 26s

use camera.open_on("{{ people.petrel }} alone on a sea like hammered tin, a straight wake behind") as alone

shot chart 4s
  Insert: {{ people.ines }} opens the tide table and crosses out today's line with the pencil.

shot lights 5s
  The harbour lights come up one by one out of the dusk, over the shoulder of {{ people.ines }}.

shot moor 7s
  Dusk. Slowly {{ people.petrel }} touches the wall where it began. The engine stops; for the first time there is no sound but water.
