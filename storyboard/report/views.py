"""Input of reports: a story of the run at each stage."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.job import Job
from storyboard.report.style import Line
from storyboard.story.story import Shot, Transition

if TYPE_CHECKING:
    from storyboard.film import Film
    from storyboard.plan import Plan
    from storyboard.plan.shot_changes import ShotChange
    from storyboard.report.document_types import BuiltStoryDocument, PlannedJobDocument
    from storyboard.run.result import RunResult


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with its key, its payload for the story's provider, and its transport."""

    job: Job
    key: str
    payload: Mapping[str, Json]
    transport: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class JobsView:
    """A story's jobs in story order, for `provider`."""

    path: Path
    title: str
    provider: str
    jobs: tuple[JobView, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on total spending, and what was spent; US dollars."""

    name: str
    limit: Decimal
    spent: Decimal


@dataclass(frozen=True, slots=True)
class PlanView:
    """A story's plan. `pays` says whether its provider costs money; `free` are the shots that are not bought, and
    `film_seconds` is the length of the film, which cuts and free shots change."""

    path: Path
    plan: Plan
    pays: bool
    budgets: tuple[Budget, ...] = ()
    free: tuple[Shot, ...] = ()
    film_seconds: Decimal | None = None
    variant: str = ""
    """The variant and its values in words; empty where the story is built as it is written."""
    transitions: tuple[Transition, ...] = ()
    """The dissolves and fades of the film."""


@dataclass(frozen=True, slots=True)
class AgainstView:
    """What changed since a commit: `name` is how it was named, `commit` its hash. `keys` are those of the jobs that a
    build would buy because of this change; `unreadable` are stories that had errors at the commit."""

    name: str
    commit: str
    changes: tuple[ShotChange, ...]
    keys: frozenset[str]
    unreadable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildView:
    """A story of a build: the plan, the result of every job, the film. `new_lock` is the story's lock if this build
    created it."""

    planned: PlanView
    result: RunResult
    film: Film
    new_lock: Path | None = None


Purchase: TypeAlias = tuple[str, int, Decimal | None]
"""A key that would be bought, the seconds, and what it would cost in US dollars; None if no price is known."""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """The report on one story's plan, in plain values, so that it can be cached.

    `lines` are for a person, `jobs` for scripts. `bought` has each key once. `reused_worth` is in US dollars, zero
    where the provider is free. `budgets` are each a name, the limit and what is spent, in US dollars.
    """

    lines: tuple[Line, ...]
    jobs: tuple[PlannedJobDocument, ...]
    pays: bool
    bought: tuple[Purchase, ...]
    reused_seconds: int
    reused_worth: Decimal
    budgets: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class BuildPart:
    """The report on one story's build, in plain values, so that it can be cached.

    `lines` are for a person, `document` for scripts. `renewed` if something was made, `whole` if there is a film.
    `paid`, and `reserved` for purchases without a stated cost yet, are in US dollars.
    """

    lines: tuple[Line, ...]
    document: BuiltStoryDocument | None
    pays: bool
    renewed: bool
    whole: bool
    paid: Decimal
    reserved: Decimal
