"""What a run counts of its own spending, without any ledger: one that forgets cannot make it spend more."""

from __future__ import annotations

from decimal import Decimal

import pytest

from storyboard.run.admission import Allowance
from storyboard.store import Cap, CapReached, StoryRef

DOLLAR = Decimal(1)
NIGHT, DAY = StoryRef("/films", "night.story"), StoryRef("/films", "day.story")


@pytest.mark.parametrize(
    "cap",
    [
        Cap("--max-cost", Decimal("2.5"), run="r"),
        Cap(".budget of night.story", Decimal("2.5"), story=NIGHT),
        Cap("the project's budget", Decimal("2.5"), project="/films"),
        Cap("your own budget", Decimal("2.5")),
    ],
    ids=lambda cap: cap.name,
)
def test_reservations_of_this_run_count_under_every_cap(cap: Cap) -> None:
    allowance = Allowance()
    assert allowance.reserve("a", DOLLAR, [cap]) is None
    assert allowance.reserve("b", DOLLAR, [cap]) is None
    assert allowance.reserve("b", DOLLAR, [cap]) is None, "the same attempt is counted once"
    assert allowance.reserve("c", DOLLAR, [cap]) == CapReached(cap, Decimal(2), DOLLAR)
    allowance.release("a")
    assert allowance.reserve("c", DOLLAR, [cap]) is None


def test_charge_replaces_the_reservation() -> None:
    allowance, cap = Allowance(), Cap("your own budget", Decimal(2))
    assert allowance.reserve("a", DOLLAR, [cap]) is None
    allowance.charge("a", Decimal("1.50"))
    assert allowance.reserve("b", DOLLAR, [cap]) == CapReached(cap, Decimal("1.50"), DOLLAR)


def test_spending_of_other_stores_counts_from_the_start() -> None:
    cap = Cap("your own budget", Decimal(2), pruned=Decimal("1.50"))
    assert Allowance().reserve("a", DOLLAR, [cap]) == CapReached(cap, Decimal("1.50"), DOLLAR)


def test_reservations_of_one_story_leave_other_budgets_alone() -> None:
    allowance = Allowance()
    assert allowance.reserve("a", DOLLAR, [Cap("n", DOLLAR, story=NIGHT)]) is None
    assert allowance.reserve("b", DOLLAR, [Cap("d", DOLLAR, story=DAY)]) is None
    assert allowance.reserve("c", DOLLAR, [Cap("d", DOLLAR, story=DAY)]) is not None


def test_reservation_refused_by_one_cap_counts_under_none() -> None:
    allowance, wide = Allowance(), Cap("the project's budget", DOLLAR, project="/films")
    assert allowance.reserve("a", DOLLAR, [wide, Cap("--max-cost", Decimal(0), run="r")]) is not None
    assert allowance.reserve("b", DOLLAR, [wide]) is None


def test_unknown_price_fits_no_cap() -> None:
    assert Allowance().reserve("a", None, []) is None
    cap = Cap("--max-cost", DOLLAR, run="r")
    assert Allowance().reserve("a", None, [cap]) == CapReached(cap, Decimal(0), None)
