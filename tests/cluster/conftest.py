"""A real PostgreSQL server for all tests of this folder; each test gets a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.support.farm import Farm
from tests.support.postgres import Server, running_server

_NAMES = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def farm(server: Server, tmp_path: Path) -> Iterator[Farm]:
    database = f"farm{next(_NAMES)}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {database}")
    with closing(Farm(server.address(database), tmp_path)) as made:
        yield made
