"""What becomes of a ledger whose server is replaced: what it may have forgotten, and who has to say so."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

from storyboard.cluster.reservation import SendPermission
from storyboard.cluster.session import StandbyPolicy
from storyboard.cluster.troubles import CommitUncertain, LedgerAway, LedgerClosed, UnfitServer
from storyboard.errors import UsageError
from storyboard.jobs.purchase_state import PurchaseState
from tests.support.attempts import an_attempt
from tests.support.farm import Farm, check_sums, joined, latest, wanted
from tests.support.postgres import Server, await_replay, make_synchronous
from tests.support.waiting import PATIENCE, until


def test_failover_that_loses_commits_closes_the_ledger(primary: Server, second: Server, tmp_path: Path) -> None:
    """The standby lags; the primary dies with a reservation that the standby never saw."""
    with closing(Farm(primary.address(), tmp_path)) as farm:
        with pytest.raises(UnfitServer, match="has a standby"):
            farm.machine()
        mei = farm.machine(standby=StandbyPolicy.MAY_LOSE)
        joined(mei, an_attempt("kept"))
        await_replay(primary, second)
        second.stop()
        joined(mei, an_attempt("forgotten"))
        primary.kill()
        second.start()
        with pytest.raises(UnfitServer, match="is a standby"):
            farm.machine("tom@desk", "tom", StandbyPolicy.MAY_LOSE, second.address())
        second.promote()

        tom = farm.machine("tom@desk", "tom", StandbyPolicy.MAY_LOSE, second.address())
        assert "its server was replaced" in (tom.closed or "")
        tom.want(wanted("new"))
        assert tom.claim("new")
        with pytest.raises(LedgerClosed, match="the ledger is closed: its server was replaced"):
            tom.join(an_attempt("new"), (), 0)

        # what is running is still recorded, and a machine tells what the ledger forgot
        tom.heard(an_attempt("kept", task="t1"))
        again = farm.machine("mei@laptop", "mei", StandbyPolicy.MAY_LOSE, second.address())
        assert again.tell([an_attempt("kept"), an_attempt("forgotten", task="t2")]) == 1
        assert again.told() == ("mei@laptop",)
        assert {attempt.key for attempt in again.all()} == {"kept", "forgotten"}
        assert again.closed is not None, "only a person reopens it"
        again.trust()
        assert again.waits_at_first_look
        assert isinstance(tom.join(an_attempt("new"), (), 0), SendPermission)

        # who connects later still tells, and closes nothing
        farm.machine("ann@desk", "ann", StandbyPolicy.MAY_LOSE, second.address())
        assert tom.closed is None

        # the old primary comes back with all that it had
        primary.start()
        with pytest.raises(LedgerAway, match="an old primary of the ledger is back"):
            farm.machine("tom@desk", "tom", StandbyPolicy.MAY_LOSE)


def test_synchronous_standby_loses_nothing_and_the_ledger_stays_open(
    primary: Server, second: Server, tmp_path: Path
) -> None:
    make_synchronous(primary, "second")
    with closing(Farm(primary.address(), tmp_path)) as farm:
        mei = farm.machine(standby=StandbyPolicy.SYNCHRONOUS)
        joined(mei, an_attempt("k1"))
        primary.kill()
        second.promote()
        third = second.standby("third")
        try:
            make_synchronous(second, "third")
            again = farm.machine("mei@laptop", "mei", StandbyPolicy.SYNCHRONOUS, second.address())
            assert again.closed is None
            assert {attempt.key for attempt in again.all()} == {"k1"}
        finally:
            third.remove()


def test_cancelled_wait_for_the_standby_is_no_commit(primary: Server, second: Server, tmp_path: Path) -> None:
    """The server answers "fine", with a warning: the commit is on the primary alone."""
    make_synchronous(primary, "second")
    with closing(Farm(primary.address(), tmp_path)) as farm:
        mei = farm.machine(standby=StandbyPolicy.SYNCHRONOUS)
        mei.want(wanted("k1"))
        assert mei.claim("k1")
        second.stop()
        troubles: list[Exception] = []

        def join() -> None:
            try:
                mei.join(an_attempt(), (), 0)
            except CommitUncertain as trouble:
                troubles.append(trouble)

        thread = threading.Thread(target=join)
        thread.start()
        _cancel_wait(primary)
        thread.join(PATIENCE)
        (trouble,) = troubles
        assert "did not keep a commit safely" in str(trouble)
        with pytest.raises(LedgerAway, match="no synchronous standby"):
            farm.machine("tom@desk", "tom", StandbyPolicy.SYNCHRONOUS)
        second.start()
        make_synchronous(primary, "second")
        now = latest(mei)
        assert now.state is PurchaseState.INTENT, "the primary has it, and it is decided anew from there"
        assert isinstance(mei.join(an_attempt(), (), now.version), SendPermission)


def test_ledger_restored_from_a_backup_is_closed(farm: Farm, server: Server) -> None:
    mei = farm.machine()
    joined(mei, an_attempt("kept"))
    mei.close()
    name = farm.address.rpartition("/")[2]
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE backup_{name} TEMPLATE {name}")
    mei = farm.machine()
    joined(mei, an_attempt("forgotten"))
    restored = farm.machine(address=server.address(f"backup_{name}"))
    assert restored.closed == "it has fewer reservations than this machine has seen"
    restored.trust()
    assert farm.machine(address=server.address(f"backup_{name}")).closed is None, "it is known by now"


def test_ledger_copied_to_another_server_is_closed(farm: Farm) -> None:
    farm.machine().close()
    farm.sql("UPDATE storyboard.facts SET value = '42' WHERE name = 'system'")
    assert farm.machine("tom@desk").closed == "it is on another server than before"


def test_process_that_was_declared_dead_cannot_come_back(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    joined(mei, an_attempt())
    farm.sql("SELECT pg_terminate_backend(backend_pid, 5000) FROM storyboard.holders WHERE name = 'mei@laptop'")
    tom.bury(mei.session.holder.id, "retired")
    with pytest.raises(LedgerClosed, match="`tom` told the ledger that this process is dead"):
        mei.session.connect()
    with pytest.raises(UsageError, match="knows no holder"):
        tom.bury(type(mei.session.holder.id)(int=7), "never was")


def test_told_attempts_count_once(farm: Farm) -> None:
    mei = farm.machine()
    done = an_attempt(state=PurchaseState.SUBMITTED, task="t1")
    assert mei.tell([done]) == 1
    assert mei.tell([done]) == 0
    assert latest(mei).may == () and latest(mei).task == "t1"
    assert mei.tell([an_attempt("k2")], sending=["k2"]) == 1
    assert latest(mei, "k2").may == (mei.session.holder.sender,)
    check_sums(farm)


def _cancel_wait(server: Server) -> None:
    with server.connect() as connection:
        question = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        until(lambda: connection.execute(question).fetchone(), "nothing waited for the standby")
