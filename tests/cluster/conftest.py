"""A real PostgreSQL server for all tests of this folder; each test gets a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from tests.support.cli import Cli
from tests.support.farm import Farm
from tests.support.postgres import Server, running_server
from tests.support.shop import SETTINGS, Shop

_NAMES = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def primary() -> Iterator[Server]:
    """A server of this test alone, which it may kill."""
    with running_server() as server:
        yield server


@pytest.fixture
def second(primary: Server) -> Iterator[Server]:
    """A standby of `primary`."""
    standby = primary.standby()
    yield standby
    standby.remove()


@pytest.fixture
def farm(server: Server, tmp_path: Path) -> Iterator[Farm]:
    database = f"farm{next(_NAMES)}"
    server.create_database(database)
    with closing(Farm(server.address(database), tmp_path)) as made:
        yield made


@pytest.fixture
def shop(farm: Farm, tmp_path: Path) -> Iterator[Shop]:
    """A person whose project shares the ledger, before a gateway whose tasks end at once."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    cli = Cli(tmp_path / "work", tmp_path / "home")
    with serve(SimulatorConfig(take=0.05)) as gateway:
        shop = Shop(cli, gateway, environment={"STORYBOARD_LEDGER": farm.address})
        cli.write("storyboard.toml", f'project = "lantern"\n{SETTINGS}')
        yield shop
