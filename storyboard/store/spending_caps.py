"""Limits on spending, which a reservation must not exceed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from storyboard.fast_dataclasses import dataclass, field
from storyboard.store.attempt import StoryRef


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` US dollars for the attempts that `run`, `story` or `project` selects: all where none is set.

    `name` is how the user knows it (`--max-cost`). `elsewhere` is what was spent that this ledger may lack, by
    `external_task_id`: blocks of the lock; an id that the ledger has is not counted twice. `pruned` is what left it,
    and what other ledgers hold.
    """

    name: str
    limit: Decimal
    run: str | None = None
    story: StoryRef | None = None
    project: str | None = None
    elsewhere: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    pruned: Decimal = Decimal(0)

    @property
    def scope(self) -> tuple[str | None, StoryRef | None, str | None]:
        """What it counts: caps of the same scope count the same attempts."""
        return self.run, self.story, self.project


@dataclass(frozen=True, slots=True)
class CapReached:
    """A reservation that was not made: `spent` of `cap` is used, and `price` does not fit (None: the price is not
    known). `holds` says, in words, what of it is reserved for jobs that do not go on, and how to free that."""

    cap: Cap
    spent: Decimal
    price: Decimal | None
    holds: tuple[str, ...] = ()
