"""What reports are written from: a story of the run at each stage."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from storyboard.jobs.job import Job
from storyboard.plan.model import Plan
from storyboard.run.result import RunResult


@dataclass(frozen=True, slots=True)
class CompiledStory:
    """A story's jobs in story order, each with its key for `provider`."""

    path: Path
    title: str
    provider: str
    jobs: tuple[tuple[Job, str], ...]


@dataclass(frozen=True, slots=True)
class PlannedStory:
    """A story's plan. `pays` tells whether its provider costs money; `worth` is what the clips that are there already
    would cost to buy, `budget` what the story may cost in all, `spent` what it has; US dollars."""

    path: Path
    plan: Plan
    pays: bool
    worth: Decimal | None = None
    budget: Decimal | None = None
    spent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a build left: the folder, the film (None unless every job is there), the contact sheet, and each job's clip
    there, in the order of the jobs (None where there is none)."""

    folder: Path
    film: Path | None
    sheet: Path
    clips: tuple[Path | None, ...]


@dataclass(frozen=True, slots=True)
class BuiltStory:
    """A story of a build: what was planned, how every job ended, what was left."""

    planned: PlannedStory
    result: RunResult
    delivery: Delivery
    seconds: Decimal
