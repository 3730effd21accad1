"""What no ledger may write, however late a process comes: the rules, and the same through SQLite."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.errors import StoreError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.store import Attempt, AttemptError, StoryRef, Whose
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive, joined, version_of
from storyboard.store.sqlite.ledger import SqliteLedger

CLIP, OTHER_CLIP = "a" * 64, "b" * 64
WANTED = Attempt(
    key="k",
    number=1,
    external_id="sb-k-1-1",
    whose=Whose("kirin", "https://gateway.test", "generation", "acc"),
    story=StoryRef("/films", "lantern.story"),
    state=PurchaseState.INTENT,
    content="c",
    addresses=("river.wide",),
    seconds=5,
    model="m",
    request=Request("m", ()),
    run="r",
    opened_at=100.0,
    sends=1,
    reserved=Decimal("0.42"),
)
ENDED = (PurchaseState.FINISHED, PurchaseState.FAILED, PurchaseState.LOST)


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "ledger.sqlite3")


def reserved(ledger: SqliteLedger, attempt: Attempt = WANTED, seen: int = 0) -> Attempt:
    row = ledger.reserve(attempt, [], seen)
    assert isinstance(row, Attempt)
    return row


def done(ledger: SqliteLedger) -> tuple[Attempt, Attempt]:
    """The row that one process has read while it ran, and the row when another had fetched it."""
    running = ledger.heard(replace(reserved(ledger), task="t1"))
    return running, ledger.settle(
        replace(running, state=PurchaseState.DONE, clip=CLIP, charged=Decimal("0.40"), ended_at=200.0)
    )


def now(ledger: SqliteLedger) -> Attempt:
    (row,) = ledger.history(["k"])["k"]
    return row


def test_c1_intent_based_on_an_older_history_is_not_written(ledger: SqliteLedger) -> None:
    row = reserved(ledger)
    ledger.leave(row)
    before = now(ledger)
    assert isinstance(ledger.reserve(WANTED, [], 0), HistoryChanged), "it was decided when there was nothing"
    assert now(ledger) == before


def test_c1_holds_across_accounts_and_attempts_of_one_key(ledger: SqliteLedger) -> None:
    reserved(ledger)
    theirs = replace(WANTED, whose=replace(WANTED.whose, account="other"))
    assert isinstance(ledger.reserve(theirs, [], 0), HistoryChanged)
    assert isinstance(ledger.reserve(replace(WANTED, number=2, external_id="sb-k-1-2"), [], 0), HistoryChanged)


def test_c7_late_withdrawal_does_not_free_the_next_intent(ledger: SqliteLedger) -> None:
    first = reserved(ledger)
    assert ledger.leave(first, nothing_created=True) is not None
    second = reserved(ledger, seen=version_of(ledger.history(["k"])["k"]))
    assert (second.version, second.state) == (3, PurchaseState.INTENT)
    again = replace(WANTED, sends=2)
    third = reserved(ledger, again, seen=3)
    late = ledger.leave(third, nothing_created=True)
    assert late is not None
    assert late.state is PurchaseState.INTENT, "it was sent twice, so the id is not free"


def test_c8_living_sender_blocks_another_one(ledger: SqliteLedger) -> None:
    theirs = replace(WANTED, may=("mei",), version=1)
    assert joined([theirs], replace(WANTED, sends=2), "raj") == SendersAlive(("mei",))
    assert joined([theirs], replace(WANTED, number=2, external_id="sb-k-1-2"), "raj") == SendersAlive(("mei",))
    taken = joined([theirs], replace(WANTED, sends=2), "raj", dead=("mei",))
    assert isinstance(taken, Attempt) and taken.may == ("raj",)


def test_a_gateway_with_unique_ids_lets_a_second_sender_use_the_same_id_only(ledger: SqliteLedger) -> None:
    theirs = replace(WANTED, may=("mei",), version=1)
    beside = joined([theirs], replace(WANTED, sends=2), "raj", unique_ids=True)
    assert isinstance(beside, Attempt) and beside.may == ("mei", "raj")
    another = joined([theirs], replace(WANTED, number=2, external_id="sb-k-1-2"), "raj", unique_ids=True)
    assert another == SendersAlive(("mei",))


def test_c14_reply_is_kept_whoever_receives_it(ledger: SqliteLedger) -> None:
    row = reserved(ledger)
    ledger.leave(row)
    heard = ledger.heard(replace(row, task="t1"))
    assert (heard.state, heard.task, heard.may) == (PurchaseState.SUBMITTED, "t1", ())


@pytest.mark.parametrize("state", [PurchaseState.ABANDONED, PurchaseState.FAILED])
def test_late_task_id_replaces_an_end_without_a_task(ledger: SqliteLedger, state: PurchaseState) -> None:
    ledger.correct(replace(WANTED, state=state, reserved=Decimal(0)))
    heard = ledger.heard(replace(WANTED, task="t1"))
    assert (heard.state, heard.task, heard.costs) == (PurchaseState.SUBMITTED, "t1", Decimal("0.42"))


def test_second_task_of_an_id_is_kept_beside_the_first_and_counts(ledger: SqliteLedger) -> None:
    ledger.heard(replace(reserved(ledger), task="t1"))
    for _ in range(2):
        first = ledger.heard(replace(WANTED, task="t2", charged=Decimal("0.50")))
        assert first.task == "t1"
    rows = ledger.history(["k"])["k"]
    assert sorted((row.state, row.task, row.costs) for row in rows) == [
        (PurchaseState.SUBMITTED, "t1", Decimal("0.42")),
        (PurchaseState.TWICE, "t2", Decimal("0.50")),
    ]


@pytest.mark.parametrize("state", ENDED)
def test_stale_process_cannot_overwrite_done(ledger: SqliteLedger, state: PurchaseState) -> None:
    running, row = done(ledger)
    stale = replace(running, state=state, charged=Decimal("0.99"), error=AttemptError("1", "late"), ended_at=900.0)
    assert ledger.settle(stale) == row == now(ledger)


def test_stale_process_cannot_replace_the_clip_of_done(ledger: SqliteLedger) -> None:
    running, row = done(ledger)
    assert ledger.settle(replace(running, state=PurchaseState.DONE, clip=OTHER_CLIP)) == row


def test_late_task_id_and_late_leave_do_not_change_a_done_attempt(ledger: SqliteLedger) -> None:
    running, row = done(ledger)
    assert ledger.heard(running) == row
    assert ledger.leave(running, nothing_created=True) == row
    with pytest.raises(StoreError, match="is done"):
        ledger.reserve(replace(WANTED, sends=2), [], row.version)


def test_sender_that_has_read_done_can_mark_its_clip_as_lost(ledger: SqliteLedger) -> None:
    _, row = done(ledger)
    lost = ledger.settle(replace(row, state=PurchaseState.LOST))
    assert lost.state is PurchaseState.LOST
    assert ledger.settle(replace(lost, state=PurchaseState.DONE, clip=OTHER_CLIP)).clip == OTHER_CLIP


def test_cost_is_stated_once(ledger: SqliteLedger) -> None:
    row = ledger.settle(replace(reserved(ledger), state=PurchaseState.FINISHED, task="t", charged=Decimal("0.40")))
    assert ledger.settle(replace(row, state=PurchaseState.DONE, clip=CLIP, charged=Decimal("0.80"))).costs == Decimal(
        "0.40"
    )


def test_manual_correction_applies_only_to_the_row_that_was_seen(ledger: SqliteLedger) -> None:
    row = reserved(ledger)
    ledger.heard(replace(row, task="t1"))
    assert isinstance(ledger.correct(replace(row, state=PurchaseState.ABANDONED)), HistoryChanged)
    assert now(ledger).state is PurchaseState.SUBMITTED
