"""Many machines on one account, as real processes before a real database and a real gateway: bought once, never lost."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.server import RunningSimulator, serve
from tests.support.cutting_proxy import cutting_proxy
from tests.support.farm import Farm
from tests.support.farm_machines import check_books, machines
from tests.support.namespace import namespace
from tests.support.postgres import Server, running_server
from tests.support.waiting import PATIENCE, until


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=0.5, duplicates="second", show_after=0.2)) as running:
        yield running


def test_machines_that_build_one_film_at_once_buy_each_job_once(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    with machines(3, tmp_path, farm, gateway, jobs=4) as all_of_them:
        for machine in all_of_them:
            machine.start()
        for machine in all_of_them:
            assert machine.wait() == 0, machine.said()
    check_books(farm, gateway, jobs=4)


def test_killed_machine_is_taken_over_by_its_own_store_at_once(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path
) -> None:
    with machines(1, tmp_path, farm, gateway, jobs=3) as (machine,):
        machine.start()
        until(lambda: farm.sql("SELECT to_regclass('storyboard.attempts') IS NOT NULL")[0][0])
        until(lambda: farm.sql("SELECT count(task) FROM storyboard.attempts") == [(3,)])
        machine.kill()
        machine.start()
        assert machine.wait() == 0, machine.said()
    check_books(farm, gateway, jobs=3)


def test_server_that_is_away_while_machines_build_is_waited_for(gateway: RunningSimulator, tmp_path: Path) -> None:
    """What runs is polled and fetched meanwhile; nothing is sent until the ledger is back (C10)."""
    with running_server() as server, closing(Farm(server.address(), tmp_path)) as farm:
        with machines(2, tmp_path, farm, gateway, jobs=6) as all_of_them:
            for machine in all_of_them:
                machine.start()
            until(lambda: gateway.totals().paid > 0)
            server.kill()
            time.sleep(1)
            posts = posts_of(gateway)
            time.sleep(2)
            assert posts_of(gateway) == posts
            assert all(machine.lives for machine in all_of_them), all_of_them[0].said() + all_of_them[1].said()
            server.start()
            for machine in all_of_them:
                assert machine.wait() == 0, machine.said()
        check_books(farm, gateway, jobs=6)


def posts_of(gateway: RunningSimulator) -> int:
    return sum(account.posts for account in gateway.totals().accounts.values())


def test_machine_that_is_paused_before_its_request_does_not_send_when_it_wakes(
    farm: Farm, gateway: RunningSimulator, server: Server, tmp_path: Path
) -> None:
    """It joined and was not told so yet. Meanwhile a person says that it is dead, and another machine buys the job."""
    with cutting_proxy(server.port) as proxy, machines(2, tmp_path, farm, gateway, jobs=2) as (first, second):
        gateway.stage(FaultRule("lost-reply"))
        second.start("--only", "s1")
        assert second.wait() == 0, "it has seen that the gateway can be asked by our own ids"
        behind = farm.address.replace(f":{server.port}/", f":{proxy.port}/")
        first.environment = {**first.environment, "STORYBOARD_LEDGER": behind}
        proxy.hold_after("UPDATE accounts SET next_at", "COMMIT")
        first.start("--only", "s0")
        assert proxy.holds.wait(PATIENCE), first.said()
        first.signal(signal.SIGSTOP)
        proxy.go_on()
        second.start("--no-wait", "--only", "s0")
        assert second.wait() == 6, second.said()
        farm.sql("SELECT pg_terminate_backend(backend_pid, 5000) FROM storyboard.holders")
        second.start("--no-wait", "--only", "s0")
        assert second.wait() == 7, second.said()
        assert second.states()["s0#1"] == "unknown"
        assert second.command("resolve", "s0#1", "--take-over", "--yes").code == 0
        second.start()
        assert second.wait() == 0, second.said()
        assert posts_of(gateway) == 2
        first.signal(signal.SIGCONT)
        first.wait()
        assert posts_of(gateway) == 2
    check_books(farm, gateway, jobs=2)


@pytest.mark.long
def test_machine_that_is_cut_off_from_the_ledger_alone(gateway: RunningSimulator, tmp_path: Path) -> None:
    """Longer than keepalives take, with the gateway in reach: others take its jobs over, and it sends none of them."""
    with namespace() as there, running_server() as server:
        server.listen_to(there.host)
        there.forward(urlsplit(gateway.url).port or 0)
        with closing(Farm(server.address(), tmp_path)) as farm:
            with machines(2, tmp_path, farm, gateway, jobs=8) as (near, far):
                far.prefix = there.prefix
                address = server.address().replace("127.0.0.1", there.host)
                far.environment = {**far.environment, "STORYBOARD_LEDGER": address}
                far.start()
                until(lambda: gateway.totals().paid > 0)
                there.cut(server.port)
                time.sleep(3)
                before = posts_of(gateway)
                near.start()
                time.sleep(40)
                assert far.lives, far.said()
                there.mend(server.port)
                assert near.wait() in (0, 7), near.said()
                assert far.wait() == 0, far.said()
                assert posts_of(gateway) >= before
                near.start()
                assert near.wait() == 0, near.said()
            check_books(farm, gateway, jobs=8)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_eight_machines_killed_and_stopped_at_random(
    farm: Farm, gateway: RunningSimulator, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    with machines(8, tmp_path, farm, gateway, jobs=12) as all_of_them:
        for _ in range(30):
            machine = dice.choice(all_of_them)
            match dice.choice(("start", "start", "kill", "stop", "go on")):
                case "start":
                    machine.start()
                case "kill":
                    machine.kill()
                case "stop":
                    machine.signal(signal.SIGSTOP)
                case "go on":
                    machine.signal(signal.SIGCONT)
            time.sleep(dice.uniform(0.1, 1.5))
        for machine in all_of_them:
            machine.signal(signal.SIGCONT)
            machine.start()
        for machine in all_of_them:
            machine.wait()
        for machine in all_of_them:
            machine.start()
            assert machine.wait() == 0, machine.said()
    check_books(farm, gateway, jobs=12)
