"""The animatic of a film, beside ffmpeg making the same cards: `drawtext`, one process a card, joined at the end."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from bench.rows import Row, Rows
from bench.tables import megabytes, ratio, seconds, table, times
from bench.timing import Taken, interleaved, medians, run, surroundings
from bench.tools import Bench
from bench.verdicts import Verdict, at_least

ANIMATIC = "animatic"
OURS = "storyboard build"
PRESETS = {"ffmpeg, as it comes": (), "ffmpeg, as fast as it can": ("-preset", "ultrafast", "-tune", "stillimage")}
SHOTS, SECONDS = 120, 3
WIDTH, HEIGHT, FPS = 1280, 720, 24
ROUNDS = 3
LEAST = 2.0
"""How many times as much CPU time ffmpeg has to take."""
FILM = "film.mp4"


def measure(bench: Bench, shots: int = SHOTS, rounds: int = ROUNDS) -> Rows:
    """Wall and CPU seconds of making the whole film from nothing; raises RuntimeError where a film is not as long."""
    folder = bench.work / ANIMATIC
    shutil.rmtree(folder, ignore_errors=True)
    runs = {OURS: partial(_ours, bench, folder / "ours", shots)}
    ffmpeg = bench.program("ffmpeg") if bench.peers else None
    if ffmpeg is not None:
        for number, (name, options) in enumerate(PRESETS.items()):
            runs[name] = partial(_ffmpeg, ffmpeg, folder / f"ffmpeg-{number}", shots, options)
    taken = interleaved(runs, rounds, warm_up=0)
    rows = []
    for name, found in taken.items():
        rows.append(Row(ANIMATIC, name, shots, medians(found) if found else {}, "" if found else "stopped"))
    return Rows(tuple(rows))


def prompt(number: int) -> str:
    """The words on a card."""
    return (
        f"Paper lanterns drift past boat {number} below the stone bridge, a boatman leans on his pole and looks up; "
        "slow dolly in, warm light, mist over the water."
    )


def _ours(bench: Bench, folder: Path, shots: int) -> Taken:
    shutil.rmtree(folder, ignore_errors=True)
    place = folder / "story"
    place.mkdir(parents=True)
    head = 'edition 1\n\nstory "Film"\n  .model kirin_v3_t2v\n  .aspect_ratio 16:9\n'
    text = "".join(f"\nshot s{number} {SECONDS}s\n  {prompt(number)}\n" for number in range(shots))
    (place / "film.story").write_text(head + text, encoding="utf-8")
    return _timed((str(bench.storyboard), "build"), place, folder / "home", place / "build/film" / FILM, shots)


def _ffmpeg(program: str, folder: Path, shots: int, options: tuple[str, ...]) -> Taken:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = ["set -e"]
    for number in range(shots):
        words = prompt(number).split()
        wrapped = "\n".join(" ".join(words[at : at + 7]) for at in range(0, len(words), 7))
        (folder / f"{number}.txt").write_text(wrapped, encoding="utf-8")
        card = (
            f"color=c=0x1c1f24:s={WIDTH}x{HEIGHT}:r={FPS}:d={SECONDS},"
            f"drawtext=textfile={number}.txt:fontcolor=white:fontsize=44:line_spacing=14:x=64:y=(h-text_h)/2"
        )
        encode = ("-c:v", "libx264", *options, "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", str(SECONDS))
        inputs = ("-f", "lavfi", "-i", f"'{card}'", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo")
        lines.append(" ".join((program, "-v", "error", "-y", *inputs, *encode, f"{number}.mp4")))
    (folder / "list").write_text("".join(f"file {number}.mp4\n" for number in range(shots)), encoding="utf-8")
    lines.append(f"{program} -v error -y -f concat -i list -c copy -movflags +faststart {FILM}")
    (folder / "make.sh").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return _timed(("sh", "make.sh"), folder, folder / "home", folder / FILM, shots)


def _timed(command: tuple[str, ...], place: Path, home: Path, film: Path, shots: int) -> Taken:
    taken = run(command, place, surroundings(home), None)
    if taken is None or taken.code:
        raise RuntimeError(f"{' '.join(command)}: {taken.told[-2000:] if taken else 'stopped'}")
    lasts = _seconds(film)
    if lasts is not None and abs(lasts - shots * SECONDS) > shots / FPS:
        raise RuntimeError(f"{film} lasts {lasts} s, not {shots * SECONDS} s")
    return taken


def _seconds(film: Path) -> float | None:
    """How long a film lasts, by ffprobe; None where that is not installed."""
    if shutil.which("ffprobe") is None:
        return None
    command = ("ffprobe", "-v", "error", "-show_entries", "stream=duration", "-select_streams", "v", "-of", "json")
    told = subprocess.run((*command, str(film)), stdout=subprocess.PIPE, check=True).stdout
    return float(json.loads(told)["streams"][0]["duration"])


def verdicts(found: Rows) -> Iterable[Verdict]:
    """Against each way of using ffmpeg."""
    cpu = _cpu(found)
    for name in PRESETS:
        more = ratio(cpu.get(name), cpu.get(OURS))
        yield at_least(f"at most half the CPU time of {name}", more, LEAST, f"{times(more)} as much for ffmpeg")


def _cpu(found: Rows) -> Mapping[str, float]:
    return {row.tool: row.figures["cpu"] for row in found.of(ANIMATIC) if row.figures}


def page(found: Rows) -> str:
    """Its part of the page."""
    ours = _cpu(found).get(OURS)
    lines = [
        (
            f"{row.size} cards of {SECONDS} s",
            row.tool,
            seconds(row.figures.get("wall")),
            seconds(row.figures.get("cpu")),
            times(ratio(row.figures.get("cpu"), ours)),
            megabytes(row.figures.get("memory")),
        )
        for row in found.of(ANIMATIC)
    ]
    return table(("film", "tool", "time", "CPU", "CPU × ours", "memory"), lines)


def main() -> None:
    """`python -m bench.animatic`: this part alone, ours as it is in this clone."""
    from dataclasses import replace

    from bench.tools import WORK, in_place

    found = measure(replace(in_place(WORK), peers=WORK))
    print(page(found))
    for each in verdicts(found):
        print(f"{each.aim}: {each.measured} ({each.word})")


if __name__ == "__main__":
    main()
