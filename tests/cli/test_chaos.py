"""A whole build, as a user starts it, against a gateway of which a third of all requests go wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from storyboard.errors import ExitCode
from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.messages import DIALECTS, Dialect
from tests.support.cli import Cli, Done

SHOTS, MOST_RUNS = 5, 6
STORY = 'edition 1\nstory "S"\n  .model kirin_v3_t2v\n  .pack shot\n'


def build(cli: Cli, url: str) -> Done:
    env = {"STORYBOARD_BASE_URL": url, "STORYBOARD_API_KEY": "sk-of-the-chaos"}
    return cli.process("build", "s.story", "--provider", "kirin", "--yes", "--json", env=env)


@pytest.mark.posix("nothing is bought there yet")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_paid_sum_equals_what_the_gateway_charged(cli: Cli, dialect: Dialect) -> None:
    shots = "".join(f"\nshot boat{number} 3s\n  Boat number {number} drifts past.\n" for number in range(SHOTS))
    cli.write("s.story", STORY + shots)
    cli.write("storyboard.toml", f'wait = "1s"\nprotocol = "{dialect}"\nattempts = 9\n')
    with serve(SimulatorConfig(take=0.5, chaos=0.3, seed=11, duplicates="replay")) as gateway:
        runs = [build(cli, gateway.url)]
        while (
            runs[-1].code == ExitCode.UNKNOWN and len(runs) < MOST_RUNS
        ):  # every look-up went wrong: a later one helps
            runs.append(build(cli, gateway.url))
        totals = gateway.totals()
        again = build(cli, gateway.url)
        assert gateway.totals().paid == totals.paid, "the same command buys nothing more"
    assert (runs[-1].code, again.code) == (0, 0), runs[-1].err
    assert {job["state"] for story in again.json["stories"] for job in story["jobs"]} == {"cached"}
    assert totals.paid == SHOTS * 3 * Decimal("0.084")
    not_stated = Decimal(runs[-1].json["reserved"])  # replies of the queue seldom state what a task cost
    assert sum(Decimal(run.json["paid"]) for run in runs) + not_stated == totals.paid
    assert dialect == "queue" or not not_stated
    assert again.json["paid"] == "0.00"
    assert not totals.bought_twice
    assert not totals.same_order
    assert totals.faults.total() >= 3
