"""The film as a table, one row a shot."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from storyboard.film.timecode import timecode
from storyboard.forms import cell_text
from storyboard.plain_text import plain

COLUMNS = (
    "number",
    "scene",
    "address",
    "job",
    "clip",
    "in",
    "out",
    "seconds",
    "model",
    "prompt",
    "say",
    "caption",
    "note",
    "first frame",
    "frames",
    "clip frame",
    "timecode in",
    "timecode out",
    "take",
    "provider",
    "task",
    "cost usd",
    "key",
)


def to_csv(film: ExportedFilm) -> str:
    """Comma-separated values, with a row of names; times in seconds and frames of the film."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for shot in film.line.shots:
        writer.writerow([cell_text(plain(str(value))) for value in _row(film, shot)])
    return out.getvalue()


def _row(film: ExportedFilm, placed: FrameShot) -> list[object]:
    shot, rate = placed.cut.shot, film.line.rate
    block = film.bought.get(placed.job.job.content)
    seconds = (_plain(each / rate) for each in (placed.start, placed.end, placed.length))
    return [
        placed.cut.number,
        shot.scene,
        shot.address,
        placed.job.job.id,
        placed.job.file,
        *seconds,
        placed.job.job.model,
        shot.prompt,
        " / ".join(said.written for said in shot.beside.say),
        " / ".join(shot.beside.captions),
        " / ".join(film.notes(placed)),
        placed.start,
        placed.length,
        placed.enters,
        timecode(placed.start, rate),
        timecode(placed.end, rate),
        placed.job.job.take,
        block.provider if block else "",
        (block.task or "") if block else "",
        f"{block.cost:f}" if block and block.cost is not None else "",
        placed.job.result.key,
    ]


def _plain(seconds: Fraction) -> str:
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".") or "0"
