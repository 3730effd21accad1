"""The behaviour of a simulated gateway, apart from faults that are staged for single requests."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from storyboard.cards import Catalog, builtin_cards
from storyboard.fast_dataclasses import dataclass, field
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Dialect

Duplicates: TypeAlias = Literal["refuse", "bad-request", "replay", "second"]
DUPLICATES: tuple[Duplicates, ...] = get_args(Duplicates)


@dataclass(frozen=True, slots=True)
class SimulatorConfig:
    """Times are real seconds unless said otherwise; money is US dollars. The defaults are a well-behaved gateway."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free one."""
    base_path: str = ""
    """Prefix of every path of the gateway (`/api`)."""
    keys: frozenset[str] = frozenset()
    """The accepted keys; empty: any. Each key is an account."""
    catalog: Catalog = field(default_factory=builtin_cards)

    queue_seconds: float = 2.0
    """Seconds that a task waits before it is rendered, at speed 1."""
    render_factor: float = 12.0
    """Seconds of rendering per second of film, at speed 1."""
    take: float | None = None
    """Total seconds of every task, whatever its length, at speed 1."""
    speed: float = 1.0
    """Factor by which waiting and rendering are faster; nothing else is."""

    discount: Decimal = Decimal(1)
    """The charge is the card's price times this."""
    unpriced: Decimal = Decimal("0.1")
    """Price per second of a model whose card has none."""
    balance: Decimal | None = None
    """The starting balance of each account; None: unlimited."""
    bill_failed: bool = False
    """Whether a failed task stays charged; otherwise it is refunded."""

    duplicates: Duplicates = "refuse"
    """A repeated `external_task_id` of an account: 409, 400, the old task, or a second task."""
    free_failed_ids: bool = False
    """Whether the id of a failed task can be used again."""
    no_lookup: frozenset[Dialect] = frozenset()
    """The dialects without look-up by `external_task_id`."""
    show_after: float = 0.0
    """Seconds after the submit until a task is found by its `external_task_id`."""
    poll_after: float = 0.0
    """Seconds after the submit until a task is found by its own id."""
    forget_after: float | None = None
    """Seconds after its end until a task is deleted, with its id and its file."""
    url_life: float = 3600.0
    """Seconds that a result's address works after the poll that returned it."""

    rate: float | None = None
    """Allowed requests per second and account, averaged over a second."""
    concurrency: int | None = None
    """Allowed unfinished tasks per account."""
    wrapped: bool = False
    """Wrap every answer as `{"data": …, "status": …}`."""

    faults: tuple[FaultRule, ...] = ()
    chaos: float = 0.0
    """The share of requests that get a random fault."""
    seed: int = 0
    """Seed of the random faults."""

    book: Path | None = None
    """File of the account book; None: in memory only."""
    max_tasks: int = 100_000
    """Most finished tasks that are kept; older ones are deleted."""
    certificate: Path | None = None
    """For https, with its key in `private_key`."""
    private_key: Path | None = None

    def lasts(self, seconds: int) -> tuple[float, float]:
        """Return how long a task for `seconds` of film waits, and how long it is rendered."""
        if self.take is not None:
            return self.take / self.speed / 10, self.take / self.speed * 9 / 10
        return self.queue_seconds / self.speed, self.render_factor * seconds / self.speed
