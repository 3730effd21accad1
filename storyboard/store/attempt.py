"""An attempt at a job: one row of the ledger, which is the truth about money."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from storyboard.fast_dataclasses import dataclass, field
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request


@dataclass(frozen=True, slots=True)
class Whose:
    """Where an attempt was bought: only there can its task be asked about. `account` is a fingerprint of the key."""

    provider: str
    base_url: str = ""
    dialect: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class StoryRef:
    """The story whose build reserved the price: its project, its path in there, its variant ("" without).

    `project` is the project's name, which is the same on every machine; where it has none, its folder. `folder` is
    where this machine has the project, "" where it does not; it tells no story from another one.
    """

    project: str
    path: str
    variant: str = ""
    folder: str = field(default="", compare=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        """Project, path and variant: what tells a story from any other."""
        return self.project, self.path, self.variant

    @property
    def file(self) -> Path:
        """The story's file on this machine, which may be gone."""
        return Path(self.folder or self.project) / self.path


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
    and `charged` are US dollars: `reserved` None if no price is known, `charged` None if none was stated.
    `run` names the run that reserved the price. `took` is the seconds from the submit to the task's end, where known.
    `rate` is the same for jobs that cost and take the same per second. `said` is the gateway's last answer
    about the task where it used a word that is not known. `may` names everybody who may still send a request under
    `external_id`. `version` rises with every change to any attempt at the key; 0 is not written yet. Only a ledger
    sets these two.
    """

    key: str
    number: int
    external_id: str
    whose: Whose
    story: StoryRef
    state: PurchaseState
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
    may: tuple[str, ...] = ()
    version: int = 0

    @property
    def costs(self) -> Decimal:
        """What it counts against a cap, in US dollars: charged, else reserved; a withdrawn one, nothing."""
        if self.state is PurchaseState.WITHDRAWN:
            return Decimal(0)
        price = self.charged if self.charged is not None else self.reserved
        return price if price is not None else Decimal(0)

    @property
    def billed_failure(self) -> bool:
        """Whether it failed and was charged anyway: it is bought again only when the author says so."""
        return self.state is PurchaseState.FAILED and bool(self.charged)

    @property
    def open(self) -> bool:
        """Whether a task of it may exist that has not been accounted for."""
        return self.state in (PurchaseState.INTENT, PurchaseState.SUBMITTED, PurchaseState.FINISHED)
