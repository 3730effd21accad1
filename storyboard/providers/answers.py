"""What a provider can be reported, read out of whatever form it came in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.providers.calls import HttpCall, LocalNotice


class Phase(StrEnum):
    """How far a task is, as far as it matters."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed, in the server's words. `passing`: the same job may go well another time."""

    code: str | None
    message: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the gateway tells of it.

    `id` is what the provider asks about the task by: the vendor's id, or where the vendor names an address instead, the
    path of that address. The ledger and the lock keep it. It is None if the reply names none.
    `status` is the word that was said, `known` whether it is one we know.
    `cost` is in US dollars, `took` the seconds from its creation to its end, by the gateway's clock; None if not
    stated. `result` is a further call that has the result, where this reply only says that there is one.
    `remarks` are what a person should know of how the reply was read.
    `raw` is the reply itself, shortened, where its word is not known.
    """

    id: str | None
    phase: Phase
    status: str = ""
    known: bool = True
    urls: tuple[str, ...] = ()
    cost: Decimal | None = None
    error: TaskError | None = None
    took: float | None = None
    result: HttpCall | None = None
    remarks: tuple[str, ...] = ()
    raw: str = ""

    @property
    def billed(self) -> bool:
        """Whether the gateway charged for it, as far as it says."""
        return bool(self.cost)


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is no such task, as far as this key can see now."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class NoGateway:
    """What answered does not speak the gateway's language: a web page, a redirect, a port that wants TLS."""

    message: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """One cannot ask that here."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was understood and not taken. `passing`: it may be taken another time."""

    code: str | None
    message: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The caller's id was used before, or so it says."""

    message: str


@dataclass(frozen=True, slots=True)
class Denied:
    """Not with this key, or not with this balance. Nothing was created."""

    what: Literal["key", "balance"]
    message: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Too many requests; nothing was created. `after` is how many seconds to wait, where it was said."""

    after: float | None
    message: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing can have reached the gateway."""

    message: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows what happened: no reply, a broken one, or an error of the gateway's own."""

    message: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The work is done and its clip is here."""

    clip: Path
    notices: tuple[LocalNotice, ...] = ()


SubmitAnswer: TypeAlias = Task | Refused | Exists | Denied | Limited | NotSent | Unclear
TaskAnswer: TypeAlias = Task | NotFound | NoGateway | Unsupported | Denied | Limited | NotSent | Unclear
