"""The shortest ways in which a farm would pay twice or lose what it paid for, each walked on a real server.

The numbers are those of the model's counterexamples and of the rules that they break. Those without a process are in
`test_join.py` (C1, C6, C8, C9, C14, M1) and `test_failover.py` (C3, C4, C5, C15). The gateway takes an id again and bills
it again (`second`), so that only the ledger keeps machines apart.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storyboard.cluster.reservation import SendPermission
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.ledger_record import LedgerRecord
from storyboard.project.team_ledger import TeamLedger
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.messages import Operation
from storyboard.simulator.server import RunningSimulator, serve
from storyboard.store import LocalStore
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from tests.support.attempts import WHOSE, an_attempt
from tests.support.cutting_proxy import CuttingProxy, cutting_proxy
from tests.support.farm import Farm, joined, latest, wanted
from tests.support.farm_machines import Machine, check_books, machines
from tests.support.postgres import Server
from tests.support.waiting import PATIENCE, until

JOINED = ("UPDATE accounts SET next_at", "COMMIT")
"""What a machine sends last before it may send a request."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are killed as on POSIX systems only")


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.2, duplicates="second")) as running:
        yield running


@contextmanager
def quick(count: int, folder: Path, farm: Farm, gateway: RunningSimulator) -> Iterator[list[Machine]]:
    """So many machines, with as many jobs, that wait no longer than they must."""
    with machines(count, folder, farm, gateway, jobs=count, settings="first_poll = 0.05\n") as made:
        for machine in made:
            machine.edit_settings("wait = 1", "wait = 0.5")
        yield made


@contextmanager
def line_to(gateway: RunningSimulator, *users: Machine) -> Iterator[CuttingProxy]:
    """A line to the gateway on which a request can be late."""
    with cutting_proxy(urlsplit(gateway.url).port or 0) as line:
        for machine in users:
            machine.environment = {**machine.environment, "STORYBOARD_BASE_URL": f"http://127.0.0.1:{line.port}"}
        yield line


def posts_of(gateway: RunningSimulator) -> int:
    return sum(account.posts for account in gateway.totals().accounts.values())


def looks_of(gateway: RunningSimulator) -> int:
    """How often it was asked for a task."""
    return sum(account.requests.get(Operation.POLL, 0) for account in gateway.totals().accounts.values())


def rows(farm: Farm) -> list[tuple[object, ...]]:
    return farm.sql("SELECT state, cardinality(may), task IS NOT NULL FROM storyboard.attempts ORDER BY opened_at")


def built(machine: Machine, *arguments: str, code: int = 0) -> None:
    done = machine.build(*arguments)
    assert done.code == code, (done.out, done.err)


def killed_with_its_request_on_the_way(machine: Machine, line: CuttingProxy) -> None:
    """Kill a build whose request is late; its session ends with it."""
    line.keep_back("POST /")
    machine.start("--only", "s0")
    until(line.keeps.is_set)
    machine.kill()


def has_seen_lookups(machine: Machine, gateway: RunningSimulator) -> None:
    """Buy another job whose reply is lost: the gateway is then known to find tasks by our own ids."""
    gateway.stage(FaultRule("lost-reply"))
    built(machine, "--only", "s1")


def ends_as_unknown(machine: Machine, gateway: RunningSimulator) -> None:
    """A build whose request does not arrive, and which may not send it again."""
    gateway.stage(FaultRule("proxy-error", operations=(Operation.SUBMIT,)))
    machine.edit_settings("wait = 0.5", 'wait = 0.5\nresend = "never"')
    built(machine, "--only", "s0", code=7)
    machine.edit_settings('resend = "never"\n', "")


def test_c7_version_of_a_row_never_comes_back_though_the_row_does(farm: Farm) -> None:
    """402, withdrawn, intent again: what was decided on the intent of before must not fit."""
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    first = joined(mei, an_attempt(sends=1))
    mei.leave(an_attempt(), nothing_created=True)
    again = mei.join(an_attempt(sends=1), (), latest(mei).version)
    assert isinstance(again, SendPermission)
    assert replace(again.attempt, version=0) == replace(first.attempt, version=0), "the same row to the letter"
    late = replace(first.attempt, state=PurchaseState.WITHDRAWN, may=())
    assert tom.correct(late) == HistoryChanged()
    assert mei.renew(first) is None
    assert latest(mei) == again.attempt


def test_c7_withdrawal_whose_commit_was_not_answered_is_repeated_before_the_next_intent(
    farm: Farm, server: Server, tmp_path: Path
) -> None:
    with cutting_proxy(server.port) as proxy, closing(LocalStore(tmp_path / "store")) as store:
        mei = farm.machine(address=farm.address.replace(f":{server.port}/", f":{proxy.port}/"))
        record = LedgerRecord(TeamLedger(mei, store, "", "", lambda whose: whose.account, b""), WHOSE, {})
        attempt = an_attempt(sends=1)
        mei.want(wanted("k1"))
        assert record.claim("k1") is None and record.read("k1") is None
        assert join(record) is None
        proxy.cut_after("COMMIT")
        record.leave(attempt, nothing_created=True)
        assert record.has_unsaid and farm.sql("SELECT state FROM storyboard.attempts") == [("withdrawn",)]
        mei.session.connect()
        assert record.read("k1") is not None
        assert join(record) is None
        record.tell_all()
        assert rows(farm) == [("intent", 1, False)], "its sender sends now"


def join(record: LedgerRecord) -> object:
    return record.join(an_attempt(sends=1), (), resend=False, retry=False, rebuy=False, looked_up=False)


def test_c10_intent_is_committed_before_the_request_reaches_the_gateway(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    with quick(1, tmp_path, farm, gateway) as (mei,), line_to(gateway, mei) as line:
        line.keep_back("POST /")
        mei.start()
        until(line.keeps.is_set)
        assert rows(farm) == [("intent", 1, False)]
        line.let_through()
        assert mei.wait() == 0, mei.said()
    check_books(farm, gateway, jobs=1)


def test_c10_nothing_is_sent_before_the_ledger_has_confirmed_the_intent(
    farm: Farm, server: Server, gateway: RunningSimulator, tmp_path: Path
) -> None:
    """That the ledger is away is no reason to send: it is waited for, read again and joined again."""
    with cutting_proxy(server.port) as proxy, quick(1, tmp_path, farm, gateway) as (mei,):
        behind(mei, farm, server, proxy)
        proxy.cut_after(*JOINED)
        built(mei)
        assert farm.sql("SELECT joins FROM storyboard.attempts") == [(2,)]
    check_books(farm, gateway, jobs=1)


def behind(machine: Machine, farm: Farm, server: Server, proxy: CuttingProxy) -> None:
    address = farm.address.replace(f":{server.port}/", f":{proxy.port}/")
    machine.environment = {**machine.environment, "STORYBOARD_LEDGER": address}


def test_c11_who_ends_as_unknown_lets_the_next_one_on(farm: Farm, gateway: RunningSimulator, tmp_path: Path) -> None:
    with quick(2, tmp_path, farm, gateway) as (mei, raj):
        has_seen_lookups(mei, gateway)
        ends_as_unknown(mei, gateway)
        assert rows(farm)[1:] == [("intent", 0, False)], "nobody may send it any more"
        built(raj, "--only", "s0")
    check_books(farm, gateway, jobs=2)


def test_c12_intent_that_was_never_sent_goes_on_without_a_look_up(
    farm: Farm, server: Server, gateway: RunningSimulator, tmp_path: Path
) -> None:
    """Only the journal of the machine itself knows: the ledger says that it may have sent."""
    gateway.configure(replace(gateway.gateway.config, no_lookup=frozenset({"generation"})))
    with cutting_proxy(server.port) as proxy, quick(1, tmp_path, farm, gateway) as (mei,):
        direct = mei.environment
        behind(mei, farm, server, proxy)
        proxy.hold_after(*JOINED)
        mei.start()
        assert proxy.holds.wait(PATIENCE), mei.said()
        mei.kill()
        assert rows(farm) == [("intent", 1, False)]
        assert journal(mei) == [("intent", 0)]
        mei.environment = direct
        built(mei)
        assert posts_of(gateway) == 1
    check_books(farm, gateway, jobs=1)


def test_c12_intent_that_was_sent_is_not_called_unsent(farm: Farm, gateway: RunningSimulator, tmp_path: Path) -> None:
    gateway.configure(replace(gateway.gateway.config, no_lookup=frozenset({"generation"})))
    with quick(1, tmp_path, farm, gateway) as (mei,), line_to(gateway, mei) as line:
        killed_with_its_request_on_the_way(mei, line)
        assert journal(mei) == [("intent", 1)]
        line.let_through()
        until(lambda: posts_of(gateway) == 1)
        built(mei, code=7)
        assert posts_of(gateway) == 1, "nobody can know, and it may have been billed"


def journal(machine: Machine) -> list[tuple[str, int]]:
    """What a machine's own ledger says of its attempts."""
    with closing(sqlite3.connect(machine.store / "ledger.sqlite3")) as connection:
        return connection.execute("SELECT state, sends FROM attempts").fetchall()


def test_c13_r7_job_that_another_may_still_send_is_not_given_up(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    """Its request arrives after a person has tried to give it up and to buy it again."""
    with quick(2, tmp_path, farm, gateway) as (mei, raj), line_to(gateway, mei, raj) as line:
        has_seen_lookups(raj, gateway)
        ends_as_unknown(raj, gateway)
        killed_with_its_request_on_the_way(mei, line)
        refused = raj.command("resolve", "s0#1", "--abandon")
        assert refused.code == 2 and "may still send this job, so it is not given up" in refused.err
        assert rows(farm)[1:] == [("intent", 1, False)]
        built(raj, "--only", "s0", "--no-wait", code=7)
        posts = posts_of(gateway)
        line.let_through()
        until(lambda: posts_of(gateway) == posts + 1)
        built(raj, "--only", "s0")
    check_books(farm, gateway, jobs=2)


def test_c13_r7_new_id_waits_for_all_who_may_send_the_given_up_one(farm: Farm) -> None:
    """A row that was given up all the same still bars the next attempt."""
    mei, tom = farm.machine(), farm.machine("tom@desk", "tom")
    joined(mei, an_attempt())
    mei.session.close()
    assert tom.claim("k1")
    given_up = tom.correct(replace(latest(tom), state=PurchaseState.ABANDONED))
    assert not isinstance(given_up, HistoryChanged)
    assert tom.join(an_attempt(number=2), (), given_up.version) == SendersAlive((mei.session.holder.sender,))


@pytest.mark.parametrize(
    "silence",
    [
        "ended_at = clock_timestamp()",
        "spoke_at = clock_timestamp() - interval '1 year', began_at = clock_timestamp() - interval '1 year'",
        "backend_pid = 0",
    ],
    ids=["its session ended", "it is silent for a year", "the server does not know it"],
)
def test_r4_nothing_but_a_proof_or_a_persons_word_makes_a_process_dead(farm: Farm, silence: str) -> None:
    first = farm.machine()
    joined(first, an_attempt())
    first.session.close()
    farm.sql(f"UPDATE storyboard.holders SET {silence}")
    lookalike = farm.machine("mei@laptop again", "mei")  # the same person, host and machine id, as a cloned machine
    assert lookalike.bury_ended() == 0
    assert lookalike.claim("k1")
    version = latest(lookalike).version
    assert lookalike.join(an_attempt(), (), version) == SendersAlive((first.session.holder.sender,))
    lookalike.bury(first.session.holder.id, "a person says so")
    assert isinstance(lookalike.join(an_attempt(), (), version), SendPermission)
    said = farm.sql("SELECT dead_by, dead_why, dead_at IS NOT NULL FROM storyboard.holders WHERE dead_by IS NOT NULL")
    assert said == [("mei", "a person says so", True)]


def test_r9_not_found_counts_only_after_the_wait_from_ones_own_first_look(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    """The sender has left, and its task does not show yet."""
    with quick(2, tmp_path, farm, gateway) as (mei, raj):
        has_seen_lookups(raj, gateway)
        gateway.stage(FaultRule("lost-reply"))
        gateway.stage(FaultRule("show-late", {"seconds": 1.5}))
        mei.edit_settings("wait = 0.5", 'wait = 0.5\nresend = "never"')
        mei.start("--only", "s0")
        until(lambda: posts_of(gateway) == 2)
        mei.kill()
        farm.sql("UPDATE storyboard.attempts SET may = '{}', version = nextval('storyboard.versions')")
        raj.edit_settings("wait = 0.5", "wait = 2")
        built(raj, "--only", "s0")
        assert posts_of(gateway) == 2
    check_books(farm, gateway, jobs=2)


def test_r9_wait_begins_again_when_the_last_other_sender_has_left(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    """Its request arrives, and it leaves, while a second one's wait is under way, which a person's word about the ids
    has let begin. The task shows only after that wait."""
    with quick(2, tmp_path, farm, gateway) as (mei, raj):
        raj.edit_settings("wait = 0.5", "wait = 2")
        own = raj.cli.home / "config" / "storyboard" / "config.toml"
        own.parent.mkdir(parents=True)
        own.write_text("unique_ids = true\n")
        with line_to(gateway, mei, raj) as line:
            has_seen_lookups(raj, gateway)
            gateway.configure(replace(gateway.gateway.config, show_after=2.6))
            killed_with_its_request_on_the_way(mei, line)
            before = looks_of(gateway)
            raj.start("--only", "s0", "--no-wait")
            until(lambda: looks_of(gateway) > before)
            line.let_through()
            until(lambda: posts_of(gateway) == 2)
            farm.sql("UPDATE storyboard.attempts SET may = '{}', version = nextval('storyboard.versions')")
            raj.wait()
            assert posts_of(gateway) == 2, raj.said()
            built(raj, "--only", "s0")
    check_books(farm, gateway, jobs=2)
