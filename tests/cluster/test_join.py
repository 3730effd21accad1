"""Reserving and joining: all conditions at once or nothing, on a real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from storyboard.cluster.reservation import (
    AttemptChanged,
    ClaimLost,
    LookUpFirst,
    OthersMaySend,
    SendPermission,
    SlotsTaken,
    TooSoon,
)
from storyboard.errors import UsageError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt import AttemptError
from storyboard.store.spending_caps import Cap, CapReached
from tests.support.farm import STORY, WHOSE, Farm, an_attempt, check_sums, joined, wanted


def test_attempt_comes_back_as_it_was_written(farm: Farm) -> None:
    mei = farm.machine()
    attempt = an_attempt()
    joined(mei, attempt)
    assert farm.machine("tom@desk", "tom").history(["k1", "other"]) == {"k1": (attempt,)}
    check_sums(farm)


def test_job_is_joined_only_by_the_holder_of_its_claim(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    assert mei.join(an_attempt(), (), None) == ClaimLost()
    mei.want(wanted("k1"))
    assert mei.claim("k1")
    assert not tom.claim("k1")
    assert tom.join(an_attempt(), (), None) == ClaimLost()
    assert isinstance(mei.join(an_attempt(), (), None), SendPermission)


def test_join_decided_on_an_older_version_is_refused(farm: Farm) -> None:
    """P2 reads *nothing*; P1 joins, sends, loses the reply and leaves; P2's first intent must not pass (C1)."""
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    decided_on = second.latest("k1")
    assert decided_on is None
    joined(first, an_attempt())
    first.leave(an_attempt())
    first.release("k1")
    assert second.claim("k1")
    refused = second.join(an_attempt(), (), None)
    assert isinstance(refused, AttemptChanged)
    assert refused.now is not None and refused.now.attempt.state is PurchaseState.INTENT
    assert isinstance(second.join(an_attempt(), (), refused.now.version), SendPermission)


def test_nobody_joins_beside_one_who_may_still_send(farm: Farm) -> None:
    """A session that ended is no death: the process may be cut off and still reach the gateway (C8, C9)."""
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    latest = second.latest("k1")
    assert latest is not None
    assert second.join(an_attempt(), (), latest.version) == OthersMaySend((first.session.holder.id,))
    second.bury(first.session.holder.id, "its machine was taken apart")
    assert isinstance(second.join(an_attempt(), (), latest.version), SendPermission)


def test_living_process_cannot_be_declared_dead(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    with pytest.raises(UsageError, match="`one` is not dead"):
        second.bury(first.session.holder.id, "I think so")


def test_unique_ids_let_a_second_one_join_with_the_same_id_alone(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    latest = second.latest("k1")
    assert latest is not None
    assert isinstance(second.join(an_attempt(number=2), (), latest.version, unique_ids=True), AttemptChanged)
    assert isinstance(second.join(an_attempt(), (), latest.version, unique_ids=True), SendPermission)
    both = second.latest("k1")
    assert both is not None
    assert both.may == {first.session.holder.id, second.session.holder.id}
    assert both.joins == 2
    check_sums(farm)


def test_next_attempt_after_two_joins_needs_a_look_up(farm: Farm) -> None:
    """The second POST may have made a task of the id that the failure freed (C6)."""
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    again = mei.join(an_attempt(), (), permission.version)
    assert isinstance(again, SendPermission)
    mei.heard(an_attempt(), "t1")
    mei.settle(an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0)))
    latest = mei.latest("k1")
    assert latest is not None
    assert mei.join(an_attempt(number=2), (), latest.version) == LookUpFirst()
    assert isinstance(mei.join(an_attempt(number=2), (), latest.version, looked_up=True), SendPermission)


def test_next_attempt_waits_for_all_who_may_send_under_the_one_before(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    first.session.close()
    assert second.claim("k1")
    second.heard(an_attempt(), "t1")
    second.settle(an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0)))
    latest = second.latest("k1")
    assert latest is not None
    assert second.join(an_attempt(number=2), (), latest.version) == OthersMaySend((first.session.holder.id,))


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
        barred = mei.join(an_attempt(run=cap.run or "run-1"), (cap,), None)
        assert isinstance(barred, CapReached), cap
        assert mei.latest("k1") is None
    check_sums(farm)
    assert isinstance(mei.join(an_attempt(reserved="0.50"), (Cap("all", Decimal(2)),), None), SendPermission)
    check_sums(farm)


def test_price_that_nobody_knows_passes_no_cap(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1"))
    mei.claim("k1")
    assert isinstance(mei.join(an_attempt(reserved=None), (Cap("all", Decimal(2)),), None), CapReached)


def test_slots_and_rate_bar_a_join(farm: Farm) -> None:
    mei = farm.machine()
    mei.set_limits(WHOSE, slots=1)
    joined(mei, an_attempt("k0"))
    mei.want(wanted("k1"))
    assert mei.claim("k1")
    assert mei.join(an_attempt(), (), None) == SlotsTaken(1, 1)
    mei.heard(an_attempt("k0"), "t0")
    assert mei.join(an_attempt(), (), None) == SlotsTaken(1, 1)
    mei.settle(an_attempt("k0", state=PurchaseState.DONE, task="t0", clip="a" * 64, charged=Decimal("0.9")))
    mei.set_limits(WHOSE, slots=1, seconds_between=30)
    assert isinstance(mei.join(an_attempt(), (), None), SendPermission)
    mei.set_limits(WHOSE, slots=9, seconds_between=30)
    mei.want(wanted("k2"))
    assert mei.claim("k2")
    barred = mei.join(an_attempt("k2"), (), None)
    assert isinstance(barred, TooSoon) and 25 < barred.seconds <= 30
    check_sums(farm)


def test_two_who_reserve_at_once_never_pass_a_cap_or_the_slots(farm: Farm) -> None:
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
            bought += isinstance(ledger.join(an_attempt(key, run=f"run-{at}"), (cap,), None), SendPermission)
        return bought

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, range(8))) == 7
    check_sums(farm)
    machines[0].set_limits(WHOSE, slots=None)
    with ThreadPoolExecutor(8) as pool:
        again = sum(pool.map(lambda at: _buy_rest(machines[at], at, cap), range(8)))
    assert again == 5
    check_sums(farm)


def _buy_rest(ledger: object, at: int, cap: Cap) -> int:
    from storyboard.cluster.ledger import PostgresLedger

    assert isinstance(ledger, PostgresLedger)
    bought = 0
    for n in range(5):
        key = f"k{at}-{n}"
        if ledger.latest(key) is None:
            bought += isinstance(ledger.join(an_attempt(key, run=f"run-{at}"), (cap,), None), SendPermission)
    return bought


def test_stale_holder_cannot_overwrite_what_came_after(farm: Farm) -> None:
    first, second = farm.machine("one", "p1"), farm.machine("two", "p2")
    joined(first, an_attempt())
    second.heard(an_attempt(), "t1")
    done = second.settle(an_attempt(state=PurchaseState.DONE, task="t1", clip="a" * 64, charged=Decimal("0.8")))
    for stale in (
        an_attempt(),
        an_attempt(state=PurchaseState.SUBMITTED, task="t1"),
        an_attempt(state=PurchaseState.FAILED, task="t1", charged=Decimal(0), error=AttemptError("x", "late")),
        an_attempt(state=PurchaseState.WITHDRAWN),
    ):
        assert first.settle(stale).attempt == done.attempt
    first.leave(an_attempt(), nothing_created=True)
    assert first.history(["k1"]) == {"k1": (done.attempt,)}
    check_sums(farm)


def test_reply_of_one_who_left_is_kept(farm: Farm) -> None:
    """Who is no longer in `may` still records the task that it hears of (C14)."""
    mei = farm.machine()
    joined(mei, an_attempt())
    mei.leave(an_attempt())
    heard = mei.heard(an_attempt(), "t1")
    assert heard.second is None
    assert heard.recorded.attempt.state is PurchaseState.SUBMITTED
    assert mei.keys_of("t1", WHOSE) == ("k1",)


def test_second_task_of_an_id_is_kept_and_told(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    joined(mei, an_attempt())
    assert mei.heard(an_attempt(), "t1").second is None
    assert tom.heard(an_attempt(), "t2").second == "t2"
    assert tom.heard(an_attempt(), "t1").second is None
    latest = tom.latest("k1")
    assert latest is not None and latest.tasks == ("t1", "t2") and latest.attempt.task == "t1"
    assert tom.keys_of("t2", WHOSE) == ("k1",)


def test_withdrawal_needs_one_join_and_nobody_else(farm: Farm) -> None:
    mei = farm.machine()
    permission = joined(mei, an_attempt())
    assert mei.leave(an_attempt(), nothing_created=True).attempt.state is PurchaseState.WITHDRAWN
    check_sums(farm)
    latest = mei.latest("k1")
    assert latest is not None and latest.version > permission.version
    again = mei.join(an_attempt(), (), latest.version)
    assert isinstance(again, SendPermission)
    check_sums(farm)
    assert mei.leave(an_attempt(), nothing_created=True).attempt.state is PurchaseState.INTENT
    check_sums(farm)


def test_attempt_is_charged_once_however_often_it_is_settled(farm: Farm) -> None:
    mei = farm.machine()
    joined(mei, an_attempt())
    mei.heard(an_attempt(), "t1")
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


def test_permission_is_not_renewed_where_the_record_changed(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    permission = joined(mei, an_attempt())
    tom.heard(an_attempt(), "t1")
    assert mei.renew(permission) is None


def test_works_done_together_succeed_and_fail_alone(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1", "k2", "k3"))
    for key in ("k1", "k2"):
        assert mei.claim(key)
    answers = mei.together(
        [
            lambda: mei.join(an_attempt("k1"), (), None),
            lambda: mei.settle(an_attempt("nowhere")),
            lambda: mei.join(an_attempt("k3"), (), None),
            lambda: mei.join(an_attempt("k2"), (), None),
        ]
    )
    assert [type(answer).__name__ for answer in answers] == [
        "SendPermission",
        "StoreError",
        "ClaimLost",
        "SendPermission",
    ]
    assert {a.key for a in mei.all()} == {"k1", "k2"}
    check_sums(farm)
