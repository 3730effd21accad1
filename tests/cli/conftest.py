from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from tests.support.cli import Cli
from tests.support.shop import Shop


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A person in an empty folder."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return Cli(tmp_path / "work", tmp_path / "home")


@pytest.fixture
def shop(cli: Cli) -> Iterator[Shop]:
    """The same person with a key, before a gateway whose tasks end at once."""
    if sys.platform == "win32":
        pytest.skip("nothing is bought on Windows yet")
    with serve(SimulatorConfig(take=0.05)) as gateway:
        yield Shop(cli, gateway)
