"""How a simulated gateway behaves, apart from faults that are staged for single requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from storyboard.cards import Catalog, builtin_cards
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Dialect

Duplicates: TypeAlias = Literal["refuse", "bad-request", "replay", "second"]
DUPLICATES: tuple[Duplicates, ...] = get_args(Duplicates)


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Times are real seconds unless said otherwise; money is US dollars. The defaults are a well-behaved gateway."""

    host: str = "127.0.0.1"
    port: int = 0
    """0: any free one."""
    base_path: str = ""
    """Stands before every path of the gateway (`/api`)."""
    keys: frozenset[str] = frozenset()
    """The keys that are let in; empty: any. Each key is an account."""
    catalog: Catalog = field(default_factory=builtin_cards)

    queue_seconds: float = 2.0
    """How long a task waits before it is rendered, at speed 1."""
    render_factor: float = 12.0
    """How many seconds a second of film is rendered, at speed 1."""
    take: float | None = None
    """Every task takes so long in all, whatever its length, at speed 1."""
    speed: float = 1.0
    """Waiting and rendering are so many times faster; nothing else is."""

    discount: Decimal = Decimal(1)
    """What is charged is the card's price times this."""
    unpriced: Decimal = Decimal("0.1")
    """A second of a model whose card has no price."""
    balance: Decimal | None = None
    """What each account has to spend; None: enough."""
    bill_failed: bool = False
    """Whether a failed task keeps its charge; else it is given back."""

    duplicates: Duplicates = "refuse"
    """A repeated `external_task_id` of an account: 409, 400, the old task, or a second task."""
    free_failed_ids: bool = False
    """Whether an id may be used again once its task failed."""
    no_lookup: frozenset[Dialect] = frozenset()
    """The dialects on which a task is not found by its `external_task_id`."""
    show_after: float = 0.0
    """How long after its submit a task is first found by its `external_task_id`."""
    poll_after: float = 0.0
    """How long after its submit a task is first found by its own id."""
    forget_after: float | None = None
    """How long after its end a task is cleared, with its id and its file."""
    url_life: float = 3600.0
    """How long a result's address lives after the poll that gave it."""

    rate: float | None = None
    """Requests a second that an account may make, on average over a second."""
    concurrency: int | None = None
    """Unfinished tasks that an account may have."""
    wrapped: bool = False
    """Every answer comes as `{"data": …, "status": …}`."""

    faults: tuple[FaultRule, ...] = ()
    chaos: float = 0.0
    """The share of requests that meet a fault by chance."""
    seed: int = 0
    """Decides which."""

    book: Path | None = None
    """Where the account book is kept; None: in memory only."""
    max_tasks: int = 100_000
    """The oldest finished tasks beyond this are cleared."""
    certificate: Path | None = None
    """For https, with its key in `private_key`."""
    private_key: Path | None = None

    def lasts(self, seconds: int) -> tuple[float, float]:
        """How long a task for `seconds` of film waits, and how long it is rendered."""
        if self.take is not None:
            return self.take / self.speed / 10, self.take / self.speed * 9 / 10
        return self.queue_seconds / self.speed, self.render_factor * seconds / self.speed
