"""Spending that no line of a lock shows any more: pruned jobs, and attempts that were followed by a later one.

It is recorded per purchase, so that it can be joined after a merge without counting anything twice or losing it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState


class PastPurchase(NamedTuple):
    """One task that was, or may have been, bought. `name` is the job's key, or its content if the key is not known;
    `task` is None until the gateway has named it.
    """

    name: str
    attempt: int
    task: str | None

    def may_be(self, other: PastPurchase) -> bool:
        """Whether both can be one task: one attempt can have two if two machines made it."""
        same = (self.name, self.attempt) == (other.name, other.attempt)
        return same and (None in (self.task, other.task) or self.task == other.task)


class Paid(NamedTuple):
    """The last recorded state of a purchase, and its cost then: US dollars, None if unknown."""

    state: PurchaseState
    cost: Decimal | None


Past: TypeAlias = Mapping[PastPurchase, Paid]


def joined(told: Iterable[tuple[PastPurchase, Paid]]) -> dict[PastPurchase, Paid]:
    """Join records, each purchase once; one without a task counts as another of the same attempt that has one."""
    by_attempt: defaultdict[tuple[str, int], dict[str | None, list[Paid]]] = defaultdict(lambda: defaultdict(list))
    for purchase, paid in told:
        by_attempt[purchase[:2]][purchase.task].append(paid)
    found = {}
    for (name, attempt), tasks in by_attempt.items():
        heard = sorted(task for task in tasks if task is not None)
        unheard = tasks.get(None, [])
        for task in heard:
            found[PastPurchase(name, attempt, task)] = latest([*tasks[task], *(unheard if len(heard) == 1 else [])])
        if not heard:
            found[PastPurchase(name, attempt, None)] = latest(unheard)
    return found


def latest(told: Iterable[Paid]) -> Paid:
    """Return the latest record of one purchase. A cost of 0 may only mean that it counts in another story, so any other
    cost takes precedence."""
    further = sorted(told, key=lambda paid: (LOCK_STATES.index(paid.state), paid.cost or Decimal(0)), reverse=True)
    costs = [paid.cost for paid in further if paid.cost is not None]
    return Paid(further[0].state, next(filter(None, costs), costs[0] if costs else None))


def last_attempts(purchases: Iterable[PastPurchase]) -> dict[str, int]:
    """Return the number of the last recorded attempt at each job."""
    last: dict[str, int] = {}
    for purchase in purchases:
        last[purchase.name] = max(last.get(purchase.name, 0), purchase.attempt)
    return last
