"""What reports are written from: a story of the run at each stage."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.jobs.job import Job

if TYPE_CHECKING:
    from storyboard.film import Film
    from storyboard.plan import Plan
    from storyboard.run.result import RunResult


@dataclass(frozen=True, slots=True)
class JobsView:
    """A story's jobs in story order, each with its key for `provider`."""

    path: Path
    title: str
    provider: str
    jobs: tuple[tuple[Job, str], ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent for good, and what has been; US dollars."""

    name: str
    limit: Decimal
    spent: Decimal


@dataclass(frozen=True, slots=True)
class PlanView:
    """A story's plan. `pays` tells whether its provider costs money."""

    path: Path
    plan: Plan
    pays: bool
    budgets: tuple[Budget, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildView:
    """A story of a build: what was planned, how every job ended, what was left."""

    planned: PlanView
    result: RunResult
    film: Film
