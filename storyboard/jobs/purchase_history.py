"""What was spent and stands in no line of a lock any more: what was pruned, and attempts that a later one followed.

It is kept by purchase, so that it can be joined after a merge, and nothing of it is counted twice or forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState


class PastPurchase(NamedTuple):
    """One task that was, or may have been, bought.

    `name` is the job's key, its content where the key is not known; `task` is None as long as nobody has heard it.
    """

    name: str
    attempt: int
    task: str | None

    def may_be(self, other: PastPurchase) -> bool:
        """Whether both can be one task: of one attempt there may be two, where two machines made it."""
        same = (self.name, self.attempt) == (other.name, other.attempt)
        return same and (None in (self.task, other.task) or self.task == other.task)


class Paid(NamedTuple):
    """How far a purchase had come when it was last told of, and what it cost then: US dollars, None if unknown."""

    state: PurchaseState
    cost: Decimal | None


Past: TypeAlias = Mapping[PastPurchase, Paid]


def joined(told: Iterable[tuple[PastPurchase, Paid]]) -> dict[PastPurchase, Paid]:
    """Each purchase once; one whose task nobody has heard is taken for one of the same attempt that has a task."""
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
    """What was last told of one purchase. A cost of 0 may only mean that it counts in another story: any other goes
    before it."""
    further = sorted(told, key=lambda paid: (LOCK_STATES.index(paid.state), paid.cost or Decimal(0)), reverse=True)
    costs = [paid.cost for paid in further if paid.cost is not None]
    return Paid(further[0].state, next(filter(None, costs), costs[0] if costs else None))


def last_attempts(purchases: Iterable[PastPurchase]) -> dict[str, int]:
    """The number of the last attempt at each job that is told of."""
    last: dict[str, int] = {}
    for purchase in purchases:
        last[purchase.name] = max(last.get(purchase.name, 0), purchase.attempt)
    return last
