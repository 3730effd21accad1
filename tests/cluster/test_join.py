"""Reserving and joining: all conditions at once or nothing, on a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from storyboard.cluster.reservation import (
    ClaimLost,
    LookUpFirst,
    SendPermission,
    SlotsTaken,
    TooSoon,
)
from storyboard.cluster.troubles import LedgerBusy
from storyboard.errors import UsageError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import Attempt, AttemptError
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.interface import Ledger
from storyboard.store.spending_caps import Cap, CapReached
from tests.support.attempts import STORY, WHOSE, an_attempt
from tests.support.farm import Farm, check_sums, joined, latest, wanted


def test_attempt_comes_back_as_it_was_written(farm: Farm) -> None:
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    assert farm.machine("tom@desk", "tom").history(["k1", "other"]) == {"k1": (permission.attempt,)}
    assert permission.attempt == an_attempt(may=(mei.session.holder.sender,), version=permission.attempt.version)
    check_sums(farm)


def test_job_is_joined_only_by_the_holder_of_its_claim(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    assert mei.join(an_attempt(), (), 0) == ClaimLost()
    mei.want(wanted("k1"))
    assert mei.claim("k1")
    assert not tom.claim("k1")
    assert tom.join(an_attempt(), (), 0) == ClaimLost()
    assert isinstance(mei.join(an_attempt(), (), 0), SendPermission)


def test_join_decided_on_an_older_version_is_refused(farm: Farm) -> None:
    """P2 reads *nothing*; P1 joins, sends, loses the reply and leaves; P2's first intent must not pass (C1)."""
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    assert second.history(["k1"]) == {}
    joined(first, an_attempt())
    first.leave(an_attempt())
    first.release("k1")
    assert second.claim("k1")
    assert second.join(an_attempt(), (), 0) == HistoryChanged()
    assert isinstance(second.join(an_attempt(), (), latest(second).version), SendPermission)


def test_holder_cannot_join_while_another_may_still_send(farm: Farm) -> None:
    """A session that ended is no death: the process may be cut off and still reach the gateway (C8, C9, R4)."""
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    now = latest(second)
    assert second.join(an_attempt(), (), now.version) == SendersAlive((first.session.holder.sender,))
    second.bury(first.session.holder.id, "its machine was taken apart")
    assert isinstance(second.join(an_attempt(), (), now.version), SendPermission)


def test_living_process_cannot_be_declared_dead(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    with pytest.raises(UsageError, match="`one` is not dead"):
        second.bury(first.session.holder.id, "I think so")


def test_unique_ids_let_a_second_one_join_with_the_same_id_alone(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    now = latest(second)
    assert isinstance(second.join(an_attempt(number=2), (), now.version, unique_ids=True), SendersAlive)
    assert isinstance(second.join(an_attempt(), (), now.version, unique_ids=True), SendPermission)
    assert latest(second).may == (first.session.holder.sender, second.session.holder.sender)
    check_sums(farm)


def test_next_attempt_after_two_joins_needs_a_look_up(farm: Farm) -> None:
    """The second POST may have made a task of the id that the failure freed (C6)."""
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    again = mei.join(an_attempt(), (), permission.attempt.version)
    assert isinstance(again, SendPermission)
    mei.heard(an_attempt(task="t1"))
    mei.settle(an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0)))
    now = latest(mei)
    assert mei.join(an_attempt(number=2), (), now.version) == LookUpFirst()
    assert isinstance(mei.join(an_attempt(number=2), (), now.version, looked_up=True), SendPermission)


def test_next_attempt_waits_for_all_who_may_send_under_the_one_before(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    second.heard(an_attempt(task="t1"))
    second.settle(an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0)))
    now = latest(second)
    assert second.join(an_attempt(number=2), (), now.version) == SendersAlive((first.session.holder.sender,))


def test_cap_bars_a_join_and_nothing_is_written(farm: Farm) -> None:
    mei = farm.machine()
    joined(mei, an_attempt("k0", reserved="1.50"))
    mei.want(wanted("k1"))
    assert mei.claim("k1")
    for cap in (
        Cap("--max-cost", Decimal(2), run="run-1"),
        Cap(".budget", Decimal(2), story=STORY),
        Cap("budget", Decimal(2), project=STORY.project),
        Cap("store", Decimal(2)),
        Cap("elsewhere", Decimal(2), run="other", elsewhere={"sb-9": Decimal("1.10")}),
    ):
        barred = mei.join(an_attempt(run=cap.run or "run-1"), (cap,), 0)
        assert isinstance(barred, CapReached), cap
        assert mei.history(["k1"]) == {}
    check_sums(farm)
    assert isinstance(mei.join(an_attempt(reserved="0.50"), (Cap("all", Decimal(2)),), 0), SendPermission)
    check_sums(farm)


def test_unknown_price_fits_no_cap(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1"))
    mei.claim("k1")
    assert isinstance(mei.join(an_attempt(reserved=None), (Cap("all", Decimal(2)),), 0), CapReached)


def test_slots_and_rate_bar_a_join(farm: Farm) -> None:
    mei = farm.machine()
    mei.set_limits(WHOSE, slots=1)
    joined(mei, an_attempt("k0"))
    mei.want(wanted("k1"))
    assert mei.claim("k1")
    assert mei.join(an_attempt(), (), 0) == SlotsTaken(1, 1)
    mei.heard(an_attempt("k0", task="t0"))
    assert mei.join(an_attempt(), (), 0) == SlotsTaken(1, 1)
    mei.settle(an_attempt("k0", state=PurchaseState.DONE, task="t0", clip="a" * 64, charged=Decimal("0.9")))
    mei.set_limits(WHOSE, slots=1, seconds_between=30)
    assert isinstance(mei.join(an_attempt(), (), 0), SendPermission)
    mei.set_limits(WHOSE, slots=9, seconds_between=30)
    mei.want(wanted("k2"))
    assert mei.claim("k2")
    barred = mei.join(an_attempt("k2"), (), 0)
    assert isinstance(barred, TooSoon) and 25 < barred.seconds <= 30
    check_sums(farm)


def test_simultaneous_reservations_stay_within_the_cap_and_the_slots(farm: Farm) -> None:
    """Each of eight sessions tries to buy five jobs of $1 under a cap of $12 and seven slots (M1)."""
    cap = Cap("all", Decimal(12))
    machines = [farm.machine(f"m{n}", f"p{n}") for n in range(8)]
    machines[0].set_limits(WHOSE, slots=7)

    def buy(at: int) -> int:
        ledger, bought = machines[at], 0
        for n in range(5):
            key = f"k{at}-{n}"
            ledger.want(wanted(key, person=f"p{at}"))
            assert ledger.claim(key)
            bought += isinstance(ledger.join(an_attempt(key, run=f"run-{at}"), (cap,), 0), SendPermission)
        return bought

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, range(8))) == 7
    check_sums(farm)
    machines[0].set_limits(WHOSE, slots=None)

    def buy_rest(at: int) -> int:
        rest = [f"k{at}-{n}" for n in range(5) if not machines[at].history([f"k{at}-{n}"])]
        answers = [machines[at].join(an_attempt(key, run=f"run-{at}"), (cap,), 0) for key in rest]
        return sum(isinstance(answer, SendPermission) for answer in answers)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy_rest, range(8))) == 5
    check_sums(farm)


def test_stale_holder_cannot_overwrite_what_came_after(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    second.heard(an_attempt(task="t1"))
    done = second.settle(an_attempt(state=PurchaseState.DONE, task="t1", clip="a" * 64, charged=Decimal("0.8")))
    for stale in (
        an_attempt(),
        an_attempt(state=PurchaseState.SUBMITTED, task="t1"),
        an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0), error=AttemptError("x", "late")),
        an_attempt(state=PurchaseState.WITHDRAWN),
    ):
        now = first.settle(stale)
        assert (now.state, now.clip, now.charged, now.task) == (done.state, done.clip, done.charged, done.task)
    first.leave(an_attempt(), nothing_created=True)
    assert latest(first).state is PurchaseState.DONE and latest(first).may == ()
    check_sums(farm)


def test_reply_is_kept_after_its_sender_left(farm: Farm) -> None:
    """Who is no longer in `may` still records the task that it hears of (C14)."""
    mei = farm.machine()
    joined(mei, an_attempt())
    mei.leave(an_attempt())
    heard = mei.heard(an_attempt(task="t1"))
    assert heard.state is PurchaseState.SUBMITTED
    assert mei.keys_of("t1", WHOSE) == ("k1",)


def test_second_task_of_an_id_is_kept_and_reported(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    joined(mei, an_attempt())
    assert mei.heard(an_attempt(task="t1")).task == "t1"
    assert tom.heard(an_attempt(task="t2", charged=Decimal("0.5"))).task == "t1", "the answer has another task in it"
    assert tom.heard(an_attempt(task="t1")).task == "t1"
    assert [(row.task, row.state) for row in tom.history(["k1"])["k1"]] == [
        ("t1", PurchaseState.SUBMITTED),
        ("t2", PurchaseState.TWICE),
    ]
    assert tom.keys_of("t2", WHOSE) == ("k1",)
    assert tom.spent(Cap("all", Decimal(9))) == Decimal("1.50")
    check_sums(farm)


@pytest.mark.parametrize("leaves", [False, True])
def test_task_heard_after_its_price_was_freed_counts_again(farm: Farm, leaves: bool) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    cap = Cap("budget", Decimal(9), project=STORY.project)
    permission = joined(mei, an_attempt(sends=1))
    if leaves:
        mei.leave(permission.attempt, nothing_created=True)
    else:
        mei.settle(replace(permission.attempt, state=PurchaseState.FAILED, reserved=Decimal(0)))
    assert mei.spent(cap) == 0
    for _ in range(2):
        assert tom.heard(an_attempt(task="t1")).state is PurchaseState.SUBMITTED
    assert tom.spent(cap) == Decimal("1.00")
    tom.settle(an_attempt(state=PurchaseState.DONE, task="t1", clip="a" * 64, charged=Decimal("0.8")))
    assert mei.spent(cap) == Decimal("0.8")
    check_sums(farm)


def test_withdrawn_attempt_counts_nothing_and_can_be_joined_again(farm: Farm) -> None:
    mei = farm.machine()
    permission = joined(mei, an_attempt(sends=1))
    withdrawn = mei.leave(an_attempt(), nothing_created=True)
    assert withdrawn is not None and withdrawn.state is PurchaseState.WITHDRAWN
    assert withdrawn.version > permission.attempt.version
    assert mei.spent(Cap("all", Decimal(9))) == 0
    check_sums(farm)
    again = mei.join(an_attempt(sends=2), (), withdrawn.version)
    assert isinstance(again, SendPermission)
    kept = mei.leave(an_attempt(), nothing_created=True)
    assert kept is not None and kept.state is PurchaseState.INTENT and kept.may == ()
    check_sums(farm)


def test_attempt_of_another_run_moves_between_the_sums(farm: Farm) -> None:
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    again = mei.join(an_attempt(run="run-2", sends=1), (), permission.attempt.version)
    assert isinstance(again, SendPermission)
    assert mei.spent(Cap("--max-cost", Decimal(9), run="run-1")) == 0
    assert mei.spent(Cap("--max-cost", Decimal(9), run="run-2")) == Decimal("1.00")
    check_sums(farm)


def test_ledger_speaks_the_verbs_of_every_ledger(farm: Farm) -> None:
    mei = farm.machine()
    ledger: Ledger = mei
    mei.want(wanted("k1"))
    with pytest.raises(LedgerBusy, match="another process works on it"):
        ledger.reserve(an_attempt(), (), 0)
    mei.claim("k1")
    row = ledger.reserve(an_attempt(), (), 0)
    assert isinstance(row, Attempt) and row.may == (mei.session.holder.sender,)
    assert ledger.reserve(an_attempt(), (), 0) == HistoryChanged()
    said = replace(row, state=PurchaseState.ABANDONED, may=())
    corrected = ledger.correct(said)
    assert isinstance(corrected, Attempt) and corrected.state is PurchaseState.ABANDONED
    assert ledger.correct(said) == HistoryChanged()
    assert ledger.leave(an_attempt("nowhere")) is None
    check_sums(farm)


def test_attempt_is_charged_once_however_often_it_is_settled(farm: Farm) -> None:
    mei = farm.machine()
    joined(mei, an_attempt())
    mei.heard(an_attempt(task="t1"))
    for _ in range(3):
        mei.settle(an_attempt(state=PurchaseState.DONE, task="t1", clip="a" * 64, charged=Decimal("0.8")))
    assert mei.spent(Cap("all", Decimal(9))) == Decimal("0.8")
    check_sums(farm)


def test_permission_ends_after_two_seconds_and_with_its_session(farm: Farm) -> None:
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    assert mei.may_send(permission)
    old = replace(permission, monotonic=permission.monotonic - 3)
    assert not mei.may_send(old)
    assert not mei.may_send(replace(permission, wall=permission.wall - 3))
    renewed = mei.renew(old)
    assert renewed is not None and mei.may_send(renewed)
    mei.session.connect()
    assert not mei.may_send(renewed)
    assert mei.renew(renewed) is None


def test_permission_is_not_renewed_if_the_record_changed(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    permission = joined(mei, an_attempt())
    tom.heard(an_attempt(task="t1"))
    assert mei.renew(permission) is None


def test_works_done_together_succeed_and_fail_alone(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1", "k2", "k3"))
    for key in ("k1", "k2"):
        assert mei.claim(key)
    answers = mei.together(
        [
            lambda: mei.join(an_attempt("k1"), (), 0),
            lambda: mei.reserve(an_attempt("k3"), (), 0),
            lambda: mei.join(an_attempt("k3"), (), 0),
            lambda: mei.join(an_attempt("k2"), (), 0),
        ]
    )
    assert [type(answer).__name__ for answer in answers] == [
        "SendPermission",
        "LedgerBusy",
        "ClaimLost",
        "SendPermission",
    ]
    assert {a.key for a in mei.all()} == {"k1", "k2"}
    check_sums(farm)
