"""Stories to measure with: like those people write, as many as wanted."""

from __future__ import annotations

from pathlib import Path

HOUSE = """\
edition 1

let clean = text, watermark
let mei = Mei, a young woman in a red hanfu with a silver hairpin
let lin = Lin, an old boatman with a straw hat

phrase tracking(who, place, lens = "50mm")
  Tracking shot on {{ lens }}: {{ who }} walks through {{ place }}.

phrase rain(much = "light")
  {% if much == "heavy" %}Rain pours{% else %}A {{ much }} rain falls{% endif %} on the stones.

template reveal(who, what, hold = 4s)
  shot wide hold
    Wide shot of {{ what }}, nobody in frame.

  shot push 3s
    Slow push in on {{ who }}; {{ what }} glows behind.
"""

TOP = """\
edition 1

story "Film {number}"
  .model kirin_v3_t2v
  .aspect_ratio 16:9
  .negative {{{{ clean }}}}, crowds
  .suffix 35mm film grain, soft contrast.
  The film of number {number}.

import "house.story"

param city = Suzhou
"""

SCENE = """
scene s{number} "Scene {number}"
  A street of {{{{ city }}}} at the hour {number}.

shot street 5s
  Wide establishing shot. {{{{ scene.text }}}} Lanterns hang over the wet stones, number {number}.

shot walk 4s
  .avoid smiling, looking at the camera
  {{{{ tracking(mei, "the night market of row {number}") }}}}
  {{{{ rain() }}}}

shot face 3s
  Close-up of {{{{ mei }}}}, warm light on her face, the clock shows {number}.

use reveal(lin, "the lantern river of {{{{ city }}}}, mile {number}")

shot 灯 4s
  灯笼在雨中摇晃，第{number}盏。

for bank in north, south
  shot crowd 3s
    From the {{{{ bank }}}} bank: paper boats drift past post {number}.

shot last 5s
  {{{{ tracking(lin, "the reeds", lens = "85mm") }}}} {{{{ rain("heavy") }}}} Mile {number}.
"""

SHOTS_A_SCENE = 9


def write_film(folder: Path, jobs: int) -> None:
    """Writes `film.story`, of so many jobs that all differ."""
    shots = "".join(f"\nshot s{number} 3s\n  .pack shot\n  Boat number {number}.\n" for number in range(jobs))
    top = 'edition 1\n\nstory "Film"\n  .model kirin_v3_t2v\n'
    (folder / "film.story").write_text(top + shots, encoding="utf-8")


def write_stories(folder: Path, shots: int, files: int) -> int:
    """Writes `files` stories with about `shots` shots in all, and a library that they import; the shots there are."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "storyboard.toml").write_text("", encoding="utf-8")
    (folder / "house.story").write_text(HOUSE, encoding="utf-8")
    scenes = max(1, round(shots / files / SHOTS_A_SCENE))
    for number in range(files):
        begin = number * scenes
        text = TOP.format(number=number) + "".join(SCENE.format(number=begin + index) for index in range(scenes))
        (folder / f"film{number:04}.story").write_text(text, encoding="utf-8")
    return files * scenes * SHOTS_A_SCENE
