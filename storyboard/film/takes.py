"""Other takes of a job: shown beside the one in the film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.film.names import take_name
from storyboard.film.timeline import CutJob

TAKES = "takes"
"""The folder of the takes that the film does not show; there only while there are any."""


@dataclass(frozen=True, slots=True)
class Take:
    """A take that is kept: its number and its clip in the store."""

    number: int
    sha256: str
    clip: Path


Takes: TypeAlias = Mapping[str, Sequence[Take]]
"""The other takes of jobs, by what they are takes of: the job's `base`."""


def others(job: CutJob, takes: Takes) -> tuple[Take, ...]:
    """Return the takes of a job that the film does not show, by number."""
    kept = (take for take in takes.get(job.job.base, ()) if take.sha256 != job.result.sha256)
    return tuple(sorted(kept, key=lambda take: take.number))


def take_file(job: CutJob, take: Take) -> str:
    """Return where in the folder that a build leaves a take of a job lies."""
    return f"{TAKES}/{take_name(job.file, take.number)}"


def take_key(job: CutJob, take: Take) -> str:
    """Return what a take's picture is of: its clip's hash and the middle of the first shot."""
    middle = job.shots[0].middle
    return f"{take.sha256}@{middle.numerator}/{middle.denominator}"
