"""The film as a table, one row a shot."""

from __future__ import annotations

import csv
import io
from fractions import Fraction

from storyboard.film.timeline import Timeline
from storyboard.forms import cell_text

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
)


def to_csv(cut: Timeline) -> str:
    """Comma-separated values, with a row of names; times in seconds of the film."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for job in cut.jobs:
        for each in job.shots:
            times = (_plain(each.start), _plain(each.end), _plain(each.end - each.start))
            shot = each.shot
            writer.writerow(
                cell_text(value)
                for value in (
                    each.number,
                    shot.scene,
                    shot.address,
                    job.job.id,
                    job.file,
                    *times,
                    job.job.model,
                    shot.prompt,
                    " / ".join(said.written for said in shot.beside.say),
                    " / ".join(shot.beside.captions),
                    " / ".join(shot.beside.notes),
                )
            )
    return out.getvalue()


def _plain(seconds: Fraction) -> str:
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".")
