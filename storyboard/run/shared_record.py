"""The record of purchases that all machines of a team see, as a purchase uses it. Without a team there is none."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import JobResult
from storyboard.store import Attempt, AttemptError, Cap, CapReached
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive


@dataclass(frozen=True, slots=True)
class SharedPurchase:
    """What the record says of a key: its latest attempt.

    `others` are the other senders that may still send it, in words; `mine` says that this store may, `only_mine` that
    no other was ever let to. `joins` counts how often one was let, `begun_at` is the first time, in seconds since the
    epoch, 0 where nobody knows. `writer` is who wrote it last, in words. `own_account`: it was bought with the key at
    hand.
    """

    number: int
    external_id: str
    state: PurchaseState
    others: tuple[str, ...] = ()
    mine: bool = False
    only_mine: bool = False
    joins: int = 1
    begun_at: float = 0.0
    task: str | None = None
    clip: str | None = None
    cost: Decimal | None = None
    error: AttemptError | None = None
    writer: str = ""
    own_account: bool = True
    row: Attempt | None = None
    """The whole attempt, where the record keeps it."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Nothing was written: the account may not send yet. It is worth another try after so many seconds."""

    reason: str
    seconds: float


class RecordAway(StoreError):
    """The record was there when the run began, and cannot be reached now: nothing is sent until it is back."""


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """Where a job stands in the line for workers: the name of the one that works on it, if one does. `outcome` says
    why it left the line without a clip, `blame` is the exit code for that."""

    worker: str | None
    done: bool
    outcome: str
    blame: int


class SharedRecord(Protocol):
    """All methods may take a while, and raise `StoryboardError` where the record cannot be reached."""

    def claim(self, key: str) -> str | None:
        """Begin to work on a job; the name of who else does now, None where this process may."""
        ...

    def place(self, key: str) -> WorkerPlace | None:
        """Where a job stands in the line for workers; None where no worker can buy it."""
        ...

    def release(self, key: str, result: JobResult) -> None:
        """Let others have a job, which ended so in this run. Never raises."""
        ...

    def read(self, key: str) -> SharedPurchase | None:
        """What the record says of a key; what is decided now is decided on it."""
        ...

    def join(
        self, attempt: Attempt, caps: Iterable[Cap], *, resend: bool, retry: bool, rebuy: bool, looked_up: bool
    ) -> CapReached | SendersAlive | HistoryChanged | NotNow | None:
        """Put this store among those that may send the attempt, or say why not. None: it may be sent once.

        `resend`: the attempt may have been sent before. `looked_up`: the attempt before was sent by more than one, and
        was looked up through the wait.
        """
        ...

    def first_look_waits(self) -> bool:
        """Whether the record may have forgotten a task: then a first look counts only after the whole wait."""
        ...

    def may_send(self, key: str) -> bool:
        """Whether a request for the key may leave now: looked at right before its first byte."""
        ...

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> None:
        """Say that this store sends no more under the id; follows later where the record is away."""
        ...

    def tell(self, attempt: Attempt) -> None:
        """Say what was heard of an attempt, or how it ended; follows later where the record is away."""
        ...

    def fetch(self, clip: str) -> Path | None:
        """Take a clip into the store; None where it cannot be had."""
        ...
