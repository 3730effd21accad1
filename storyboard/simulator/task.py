"""A task of the gateway: what was ordered, and its state at any time."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from math import inf

from storyboard.fast_dataclasses import dataclass
from storyboard.simulator.messages import Dialect


class TaskPhase(StrEnum):
    """The phases of a task."""

    IN_QUEUE = "in_queue"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether it is final."""
        return self in (TaskPhase.COMPLETED, TaskPhase.FAILED)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task failed. `as_completed`: it is reported as a completed task with an error."""

    code: str
    message: str
    as_completed: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What a fault decided about a task in advance; the defaults change nothing. `share` is how far it gets before it
    fails, `lost` that no look-up finds it, `silent` that no cost is stated, `stated` that a failure states one.
    `currency` and `rate` (to one US dollar) are those in which the cost is stated. The result's address is returned
    `address_after` seconds after the end; its file is available, or complete if it is `half` before, `file_after`
    seconds after the end. `undocumented`: replies of the queue have undocumented fields.
    """

    failure: Failure | None = None
    share: float = 0.5
    stuck: bool = False
    lost: bool = False
    silent: bool = False
    stated: bool = False
    billed: bool | None = None
    cost: Decimal | None = None
    takes: float | None = None
    show_after: float | None = None
    url_life: float | None = None
    clip_seconds: int | None = None
    currency: str = ""
    rate: float = 1.0
    address_after: float = 0.0
    file_after: float = 0.0
    half: bool = False
    undocumented: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedTask:
    """Times are seconds since the epoch, by the gateway's clock; `cost` was charged when it was accepted."""

    id: str
    account: str
    dialect: Dialect
    model: str
    external_id: str | None
    callback_url: str | None
    prompt: str
    payload: str
    """A digest of what was ordered, without ids and addresses."""
    seconds: int
    ratio: str
    cost: Decimal
    created: float
    begins: float
    ends: float
    """When it ends; infinity for never."""
    shown_from: float
    polled_from: float
    fate: Fate = Fate()

    def phase(self, now: float) -> TaskPhase:
        """Return its phase."""
        if now < min(self.begins, self.ends):
            return TaskPhase.IN_QUEUE
        if now < self.ends:
            return TaskPhase.IN_PROGRESS
        return TaskPhase.FAILED if self.fate.failure else TaskPhase.COMPLETED

    def has_address(self, now: float) -> bool:
        """Whether its result's address is reported."""
        return self.phase(now) is TaskPhase.COMPLETED and now >= self.ends + self.fate.address_after

    def progress(self, now: float) -> float:
        """Return its progress, 0 to 1; it never decreases."""
        if now >= self.ends:
            return 1.0
        if now <= self.begins:
            return 0.0
        length = self.ends - self.begins if self.ends < inf else 60.0
        return round(min(0.99, (now - self.begins) / length), 2)

    def refunded(self, bill_failed: bool) -> bool:
        """Whether its charge is refunded at its end."""
        billed = bill_failed if self.fate.billed is None else self.fate.billed
        return self.fate.failure is not None and not billed
