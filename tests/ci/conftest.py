from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A person in an empty folder."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return Cli(tmp_path / "work", tmp_path / "home")
