from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.editor import Editor, editor


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """A person in an empty folder."""
    for name in ("work", "home"):
        (tmp_path / name).mkdir()
    return Cli(tmp_path / "work", tmp_path / "home")


@pytest.fixture
def start(cli: Cli) -> Callable[..., AbstractAsyncContextManager[Editor]]:
    """Starts an editor in that folder."""
    return partial(editor, cli.folder, cli.environment)
