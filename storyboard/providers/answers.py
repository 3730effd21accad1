"""The answers of a gateway, independent of their format."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.providers.calls import HttpCall, LocalNotice


class Phase(StrEnum):
    """The phases of a task."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed, in the server's words. `passing`: the same job may succeed another time."""

    code: str | None
    message: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A task as reported by the gateway. `id` is what the provider uses to poll the task: the vendor's id, or the path
    of the address that the vendor returns instead. The ledger and the lock keep it. It is None if the reply names none.
    `status` is the reported word, `known` whether we know it. `cost` is in US dollars, `took` the seconds from its
    creation to its end, by the gateway's clock; None if not stated. `result` is a further call for the result, if this
    reply only says that there is one. `remarks` tell the user about oddities in the reply. `raw` is the reply itself,
    shortened, if its status is unknown.
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
        """Whether the gateway says that it charged for it."""
        return bool(self.cost)


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is no such task, as far as this key can see now."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class NoGateway:
    """The reply is not from a gateway: a web page, a redirect, a port that expects TLS."""

    message: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The gateway does not support this question."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The request was understood and refused. `passing`: it may be accepted another time."""

    code: str | None
    message: str
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """The gateway says that our id was used before."""

    message: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The key or the balance is not accepted. Nothing was created."""

    what: Literal["key", "balance"]
    message: str


@dataclass(frozen=True, slots=True)
class Limited:
    """Too many requests; nothing was created. `after` is the requested wait in seconds, if stated."""

    after: float | None
    message: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request certainly did not reach the gateway."""

    message: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The outcome is unknown: no reply, a broken one, or an internal error of the gateway."""

    message: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The local work is done, and its clip is here."""

    clip: Path
    notices: tuple[LocalNotice, ...] = ()


SubmitAnswer: TypeAlias = Task | Refused | Exists | Denied | Limited | NotSent | Unclear
TaskAnswer: TypeAlias = Task | NotFound | NoGateway | Unsupported | Denied | Limited | NotSent | Unclear
