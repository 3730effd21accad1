"""Moving a ledger between a store and PostgreSQL: nothing is lost, counted twice or set back, and sums stay the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.migration import Moved, move_rows
from storyboard.cluster.troubles import LedgerClosed
from storyboard.errors import StoreError, UsageError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, AttemptError
from storyboard.store.gateway_traits import GatewayTraits, Lookup
from storyboard.store.spending_caps import Cap
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.attempts import WHOSE, an_attempt
from tests.support.farm import Farm, check_sums, joined

OVER = replace(WHOSE, account="fedcba9876543210")
"""The account by the salt of the ledger on the server."""
ROWS = (
    an_attempt("k1", state=PurchaseState.DONE, task="t1", clip="a" * 64, charged=Decimal("0.83"), sends=1),
    an_attempt("k2", state=PurchaseState.FAILED, task="t2", charged=Decimal(0), sends=1),
    an_attempt("k2", 2, state=PurchaseState.SUBMITTED, task="t3", sends=1, submitted_at=5.0),
    an_attempt("k3", state=PurchaseState.ABANDONED, sends=1, reserved="0.017"),
    an_attempt("k4", state=PurchaseState.WITHDRAWN, reserved="0"),
    an_attempt("k5", state=PurchaseState.LOST, task="t5", charged=Decimal("1.10"), sends=2),
    an_attempt("k6", state=PurchaseState.FAILED, error=AttemptError("x", "no", final=True), reserved="0", sends=1),
    an_attempt("k7", state=PurchaseState.INTENT, sends=1, reserved=None),
    replace(an_attempt("k1", state=PurchaseState.TWICE, task="t1b", charged=Decimal("0.5")), external_id="sb-k1-1+t1b"),
    replace(an_attempt("k8", state=PurchaseState.DONE, task="t1", clip="a" * 64), external_id="sb-same-task"),
)
SPENT = Decimal("0.83") + 1 + Decimal("0.017") + Decimal("1.10") + Decimal("0.5")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(tmp_path / "ledger.sqlite3")) as ledger:
        yield ledger


def over(attempt: Attempt) -> Attempt:
    return replace(attempt, whose=replace(attempt.whose, account=OVER.account))


def back(attempt: Attempt) -> Attempt:
    return replace(attempt, whose=replace(attempt.whose, account=WHOSE.account))


def bare(ledger: SqliteLedger | PostgresLedger) -> set[Attempt]:
    return {replace(row, version=0, whose=WHOSE) for row in ledger.all()}


def filled(ledger: SqliteLedger) -> SqliteLedger:
    for row in ROWS:
        ledger.correct(row)
    ledger.learn(WHOSE, GatewayTraits(Lookup.SEEN, True, 12.5))
    return ledger


def test_ledger_moves_to_postgres_and_back_unchanged(farm: Farm, local: SqliteLedger, tmp_path: Path) -> None:
    mei = farm.machine()
    assert move_rows(filled(local), mei, over) == Moved(len(ROWS), 0, 0, SPENT)
    assert bare(mei) == bare(local) == set(ROWS)
    assert mei.spent(Cap("all", Decimal(9))) == local.spent(Cap("all", Decimal(9))) == SPENT
    assert mei.known(OVER) == local.known(WHOSE)
    check_sums(farm)
    with closing(SqliteLedger(tmp_path / "second.sqlite3")) as second:
        assert move_rows(mei, second, back) == Moved(len(ROWS), 0, 0, SPENT)
        assert bare(second) == set(ROWS)
        assert second.spent(Cap("all", Decimal(9))) == SPENT
        assert {row.whose for row in second.all()} == {WHOSE}


def test_interrupted_move_continues_and_repeated_move_changes_nothing(farm: Farm, local: SqliteLedger) -> None:
    mei = farm.machine()
    for row in ROWS[:4]:
        mei.correct(over(row))
    assert move_rows(filled(local), mei, over) == Moved(len(ROWS) - 4, 0, 4, SPENT)
    assert move_rows(local, mei, over) == Moved(0, 0, len(ROWS), SPENT)
    check_sums(farm)


def test_later_row_is_brought_forward_and_never_set_back(farm: Farm, local: SqliteLedger) -> None:
    mei = farm.machine()
    move_rows(filled(local), mei, over)
    fetched = replace(ROWS[2], state=PurchaseState.DONE, clip="b" * 64, charged=Decimal(1))
    local.settle(fetched)
    assert move_rows(local, mei, over).changed == 1
    assert bare(mei) == bare(local)
    lost = an_attempt("k1", state=PurchaseState.LOST, task="t1", charged=Decimal("0.83"))
    mei.settle(over(lost))
    move_rows(local, mei, over)
    assert [row.state for row in mei.history(["k1"])["k1"]].count(PurchaseState.DONE) == 1


def test_nothing_is_moved_while_somebody_may_still_send(farm: Farm, local: SqliteLedger) -> None:
    mei = farm.machine()
    local.reserve(an_attempt("k9"), (), 0)
    with pytest.raises(UsageError, match=r"river\.wide may still be sent") as refused:
        move_rows(local, mei, over)
    assert refused.value.help is not None and "storyboard resolve" in refused.value.help
    assert mei.all() == ()


def test_ledger_is_moved_back_only_when_nobody_else_works_with_it(farm: Farm, local: SqliteLedger) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    joined(tom, an_attempt())
    with pytest.raises(UsageError, match="tom@desk still works with the ledger"):
        mei.close_for_move()
    tom.close()
    mei.close_for_move()
    with pytest.raises(UsageError, match="may still be sent"):
        move_rows(mei, local, back)
    mei.bury_named("tom@desk", "retired")
    moved = move_rows(mei, local, back, mei.dead_senders())
    assert moved == Moved(1, 0, 0, Decimal("1.00"))
    assert local.history(["k1"])["k1"][0].may == (), "it is looked up before it is sent again"


def test_ledger_that_was_moved_is_closed_until_it_comes_back_from_there(farm: Farm) -> None:
    mei = farm.machine()
    mei.close_for_move()
    mei.close_for_move()
    with pytest.raises(LedgerClosed, match="its purchases were moved to the store of mei@laptop"):
        joined(farm.machine("ann@desk", "ann"), an_attempt("k2"))
    with pytest.raises(UsageError, match="and this is another store"):
        farm.machine("tom@desk", "tom").reopen_after_move()
    mei.trust()
    with pytest.raises(LedgerClosed, match="were moved"):
        mei.check_open()
    mei.reopen_after_move()
    joined(mei, an_attempt())


def test_different_sums_are_reported_and_the_move_does_not_count(farm: Farm, local: SqliteLedger) -> None:
    mei = farm.machine()
    mei.correct(over(replace(ROWS[0], charged=Decimal("0.84"))))
    with pytest.raises(StoreError, match=r"the sums differ: \$3\.447 here, \$3\.457 there"):
        move_rows(filled(local), mei, over)
