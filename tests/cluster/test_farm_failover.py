"""Machines that build while their ledger's server dies and a standby takes over: nothing is bought twice or lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.server import RunningSimulator, serve
from tests.support.farm import Farm
from tests.support.farm_machines import Machine, check_books, machines
from tests.support.postgres import Server, await_replay, make_synchronous
from tests.support.waiting import until

JOBS = 8
pytestmark = pytest.mark.long


@pytest.fixture
def gateway() -> Iterator[RunningSimulator]:
    with serve(SimulatorConfig(take=1.5, duplicates="second", show_after=0.2)) as running:
        yield running


def both(primary: Server, second: Server) -> str:
    """The address of whichever of the two is the primary."""
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{second.port}"
    return f"postgresql://farm@{hosts}/postgres?target_session_attrs=read-write"


def bought(gateway: RunningSimulator) -> int:
    return sum(account.tasks for account in gateway.totals().accounts.values())


def all_built(builders: list[Machine]) -> None:
    for machine in builders:
        machine.start()
        assert machine.wait() == 0, machine.said()


def test_synchronous_standby_that_takes_over_is_a_pause(
    gateway: RunningSimulator, primary: Server, second: Server, tmp_path: Path
) -> None:
    make_synchronous(primary, "second")
    with closing(Farm(both(primary, second), tmp_path)) as farm:
        settings = 'standby = "synchronous"\n'
        with machines(3, tmp_path, farm, gateway, JOBS, settings) as builders:
            for machine in builders:
                machine.start()
            until(lambda: bought(gateway) >= 3)
            primary.kill()
            second.promote()
            third = second.standby("third")
            try:
                make_synchronous(second, "third")
                for machine in builders:
                    assert machine.wait() == 0, machine.said()
                assert farm.sql("SELECT 1 FROM storyboard.facts WHERE name = 'closed'") == []
                check_books(farm, gateway, JOBS)
            finally:
                third.remove()


def test_lagging_standby_that_takes_over_closes_the_ledger_until_all_have_told(
    gateway: RunningSimulator, primary: Server, second: Server, tmp_path: Path
) -> None:
    with closing(Farm(both(primary, second), tmp_path)) as farm:
        settings = 'standby = "may-lose"\n'
        with machines(3, tmp_path, farm, gateway, JOBS, settings) as builders:
            for machine in builders:
                machine.start()
            until(lambda: bought(gateway) >= 2)
            await_replay(primary, second)
            second.stop()
            until(lambda: bought(gateway) >= 5)
            primary.kill()
            second.start()
            second.promote()
            for machine in builders:
                assert machine.wait() in (3, 7), machine.said()
            paid = bought(gateway)
            assert "the ledger is closed" in "".join(machine.said() for machine in builders)
            for machine in builders:
                machine.command("status", "--all")
            reopened = builders[0].command("resolve", "--rebuilt", "--yes")
            assert reopened.code == 0, reopened.err
            assert bought(gateway) == paid
            all_built(builders)
            check_books(farm, gateway, JOBS)

            primary.start()
            old = builders[0]
            old.environment = {**old.environment, "STORYBOARD_LEDGER": primary.address()}
            old.cli.folder.joinpath("lanterns.story").write_text(
                'story "New"\n  .model kirin_v3_t2v\n\nscene a\nshot b 3s\n  A.\n'
            )
            old.start()
            assert old.wait() == 3, old.said()
            assert "an old primary of the ledger is back" in old.said()
            assert bought(gateway) == JOBS
