"""An attempt at a job: one row of the ledger, which is the truth about money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from storyboard.jobs.request import Request


class AttemptState(StrEnum):
    """How far an attempt is known to have come."""

    INTENT = "intent"
    """It may have been sent; no answer is known. Its price stays reserved."""
    SUBMITTED = "submitted"
    """The gateway named its task, which is not known to have ended."""
    FINISHED = "finished"
    """Its task is completed and charged; the clip is not here yet."""
    DONE = "done"
    """Its clip is in the store."""
    FAILED = "failed"
    """Its task failed, or was refused."""
    LOST = "lost"
    """Its task, or the file of it, is gone. Looked up again by every run."""
    WITHDRAWN = "withdrawn"
    """Nothing can have been created. Its number and id are free again."""
    ABANDONED = "abandoned"
    """A person gave up an unknown outcome; it counts as spent."""
    TWICE = "twice"
    """A second task that the gateway made of the same id; nobody asked for it, and it counts as spent."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Where an attempt was bought: only there can its task be asked about. `account` is a fingerprint of the key."""

    provider: str
    base_url: str = ""
    dialect: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class StoryRef:
    """The story whose build reserved the price: its project's folder, its path in there, its variant ("" without)."""

    project: str
    path: str
    variant: str = ""


@dataclass(frozen=True, slots=True)
class AttemptError:
    """Why it failed, in the server's words. `final` means that the same job would be refused again."""

    code: str | None
    message: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at the job of `key`; `number` only rises.

    `sends` counts the POSTs that may have left. Times are seconds since the epoch by this machine's clock. `reserved`
    and `charged` are US dollars: `reserved` None where no price is known, `charged` None where none was stated.
    `run` names the run that reserved the price. `took` is the seconds from the submit to the task's end, where known.
    `rate` is the same for jobs that cost and take the same per second. `said` is the gateway's last answer
    about the task where it used a word that is not known.
    """

    key: str
    number: int
    external_id: str
    whose: Whose
    story: StoryRef
    state: AttemptState
    content: str
    addresses: tuple[str, ...]
    seconds: int
    model: str
    request: Request
    run: str
    opened_at: float
    take: int = 1
    base: str = ""
    sends: int = 0
    submitted_at: float | None = None
    ended_at: float | None = None
    task: str | None = None
    clip: str | None = None
    reserved: Decimal | None = None
    charged: Decimal | None = None
    error: AttemptError | None = None
    took: float | None = None
    rate: str = ""
    said: str | None = None

    @property
    def costs(self) -> Decimal:
        """What it counts against a cap, in US dollars: charged, else reserved; a withdrawn one, nothing."""
        if self.state is AttemptState.WITHDRAWN:
            return Decimal(0)
        price = self.charged if self.charged is not None else self.reserved
        return price if price is not None else Decimal(0)

    @property
    def billed_failure(self) -> bool:
        """Whether it failed and was charged all the same: it is bought again only when the author says so."""
        return self.state is AttemptState.FAILED and bool(self.charged)

    @property
    def open(self) -> bool:
        """Whether a task of it may exist that has not been accounted for."""
        return self.state in (AttemptState.INTENT, AttemptState.SUBMITTED, AttemptState.FINISHED)
