"""The session: which servers it refuses, when its lock is free, and which commits count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.machine_memory import MachineMemory
from storyboard.cluster.reservation import SendPermission
from storyboard.cluster.session import LedgerSession, StandbyPolicy
from storyboard.cluster.troubles import CommitUncertain, LedgerAway, UnfitServer
from storyboard.errors import ExitCode, UsageError
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.store.attempt_changes import SendersAlive
from tests.support.attempts import an_attempt
from tests.support.cutting_proxy import cutting_proxy
from tests.support.farm import Farm, joined, latest, take, wanted
from tests.support.pooler import pooler
from tests.support.postgres import Server
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


@contextmanager
def holding_process(farm: Farm) -> Iterator[tuple[subprocess.Popen[str], UUID]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.holding_process", farm.address, str(farm.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield process, UUID(process.stdout.readline().strip())
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[str], question: str = "?") -> str:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{question}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("mode", ["session", "transaction"])
@pytest.mark.parametrize("options", ["", "ignore_startup_parameters = options"])
def test_pooler_is_refused(farm: Farm, server: Server, mode: str, options: str) -> None:
    with pooler(server, mode, options) as port:
        behind = farm.address.replace(f":{server.port}/", f":{port}/")
        with pytest.raises(UnfitServer, match="a connection pooler is between") as refused:
            farm.machine(address=behind)
    assert refused.value.exit_code is ExitCode.USAGE
    assert refused.value.help is not None and "`ledger`" in refused.value.help


def test_server_that_does_not_answer_is_away(farm: Farm) -> None:
    with pytest.raises(LedgerAway, match="the ledger cannot be reached") as away:
        farm.machine(address="postgresql://farm:secret@127.0.0.1:1/farm")
    assert away.value.exit_code is ExitCode.JOB_FAILED
    assert "secret" not in f"{away.value.message} {away.value.help}"


def test_malformed_address_is_refused_without_showing_its_password(farm: Farm) -> None:
    with pytest.raises(UnfitServer, match="`ledger` is not an address"):
        farm.machine(address="postgresql://farm:secret@127.0.0.1:none/farm?nothing=1")


def test_server_that_can_lose_what_it_confirmed_is_refused(farm: Farm, server: Server) -> None:
    with server.connect() as connection:
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
        try:
            until(lambda: _full_page_writes(server) == "off")
            with pytest.raises(UnfitServer, match="`full_page_writes` is `off`"):
                farm.machine()
        finally:
            connection.execute("ALTER SYSTEM RESET full_page_writes")
            connection.execute("SELECT pg_reload_conf()")
    until(lambda: _full_page_writes(server) == "on")
    farm.machine()


def _full_page_writes(server: Server) -> object:
    """The setting as a new session finds it."""
    with server.connect() as connection:
        row = connection.execute("SHOW full_page_writes").fetchone()
    return row and row[0]


def test_ledger_of_a_newer_form_is_refused_unread(farm: Farm) -> None:
    farm.machine().close()
    farm.sql("UPDATE storyboard.facts SET value = '99' WHERE name = 'form'")
    with pytest.raises(UnfitServer, match="made by a newer storyboard"):
        farm.machine("tom@desk")


def test_role_without_rights_is_refused_in_words(farm: Farm, server: Server) -> None:
    farm.machine().close()
    with server.connect() as connection:
        connection.execute("DO $$ BEGIN CREATE ROLE plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    with pytest.raises(UnfitServer, match="does not allow what a ledger needs"):
        farm.machine("tom@desk", address=farm.address.replace("farm@", "plain@"))


def test_missing_standby_is_refused_where_one_was_promised(farm: Farm) -> None:
    with pytest.raises(UnfitServer, match="no commit waits for a standby"):
        farm.machine(standby=StandbyPolicy.SYNCHRONOUS)


def test_killed_process_frees_its_jobs_at_once_but_not_its_right_to_send(farm: Farm) -> None:
    second = farm.machine("two", "p2")
    with holding_process(farm) as (process, holder):
        assert not second.claim("k1")
        process.kill()
        until(lambda: second.claim("k1"))
        now = latest(second)
        assert second.join(an_attempt(), (), now.version) == SendersAlive((f"worker {holder.hex}",))
        second.bury(holder, "killed")
        assert isinstance(second.join(an_attempt(), (), now.version), SendPermission)


def test_stopped_process_keeps_its_jobs_and_its_permission_ends(farm: Farm) -> None:
    second = farm.machine("two", "p2")
    with holding_process(farm) as (process, holder):
        until(lambda: ask(process, "renew") == "True")
        process.send_signal(signal.SIGSTOP)
        time.sleep(2.2)
        assert not second.claim("k1")
        with pytest.raises(UsageError, match="is not dead"):
            second.bury(holder, "it does not answer")
        process.send_signal(signal.SIGCONT)
        assert ask(process) == "False"


def test_commit_without_an_answer_does_not_count_and_is_read_again(farm: Farm, server: Server) -> None:
    with cutting_proxy(server.port) as proxy:
        mei = farm.machine(address=farm.address.replace(f":{server.port}/", f":{proxy.port}/"))
        mei.want(wanted("k1"))
        assert mei.claim("k1")
        proxy.cut_after("COMMIT")
        with pytest.raises(CommitUncertain):
            mei.join(an_attempt(), (), 0)
        with pytest.raises(LedgerAway):
            mei.history(["k1"])
        mei.session.connect()
        now = latest(mei)
        assert now.may == (mei.session.holder.sender,), "it was committed all the same"
        assert isinstance(mei.join(an_attempt(), (), now.version), SendPermission)


def test_reconnecting_ends_the_old_session_first(farm: Farm, server: Server) -> None:
    """What the old session has sent may otherwise be committed after it was read again (C7)."""
    mei = farm.machine()
    before = farm.sql("SELECT backend_pid FROM storyboard.holders")
    mei.session.connect()
    after = farm.sql("SELECT backend_pid FROM storyboard.holders")
    assert before != after
    assert farm.sql("SELECT 1 FROM pg_stat_activity WHERE pid = %s", before[0][0]) == []
    assert not farm.machine("two").claim("k1")


def test_connection_that_the_server_ends_is_lost_before_anything_is_written(farm: Farm) -> None:
    mei = farm.machine()
    mei.want(wanted("k1"))
    mei.claim("k1")
    farm.sql("SELECT pg_terminate_backend(backend_pid, 5000) FROM storyboard.holders")
    with pytest.raises(LedgerAway, match="was lost"):
        mei.join(an_attempt(), (), 0)
    assert not mei.session.is_open
    mei.session.connect()
    assert mei.history(["k1"]) == {}


def test_server_that_stops_answering_is_lost_in_the_end(farm: Farm) -> None:
    """Its network is whole and its process stands still, as where its disk hangs."""
    holder = HolderIdentity("mei@laptop", "mei", "mei@laptop", "1")
    farm.machine().close()
    session = LedgerSession(farm.address, holder, MachineMemory(farm.folder / "mei@laptop"), patience=0.4)
    ((backend,),) = farm.sql("SELECT backend_pid FROM storyboard.holders WHERE id = %s", holder.id)
    os.kill(backend, signal.SIGSTOP)
    try:
        with pytest.raises(LedgerAway, match="was lost"):
            PostgresLedger(session).history(["k1"])
        assert not session.is_open
    finally:
        os.kill(backend, signal.SIGCONT)
    session.connect()
    assert PostgresLedger(session).history(["k1"]) == {}
    session.close()


def test_job_of_a_lost_session_goes_to_others_and_the_first_one_notices(farm: Farm) -> None:
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    permission = joined(mei, an_attempt())
    farm.sql("SELECT pg_terminate_backend(backend_pid, 5000) FROM storyboard.holders WHERE name = 'mei@laptop'")
    assert take(tom) == "k1"
    tom.heard(an_attempt(task="t1"))
    with pytest.raises(LedgerAway):
        mei.renew(permission)
    mei.session.connect()
    assert not mei.claim("k1")
    assert mei.renew(permission) is None
    heard = mei.heard(an_attempt(task="t1"))
    assert heard.state is PurchaseState.SUBMITTED and heard.may == ()
