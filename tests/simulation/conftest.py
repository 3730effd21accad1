from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storyboard.store.sqlite.ledger import SqliteLedger


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """An empty ledger to copy, in memory where the system offers a file system there."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        file = Path(folder) / "template"
        SqliteLedger(file).close()
        yield file


@pytest.fixture
def ledger_file(template: Path) -> Iterator[Callable[[], Path]]:
    """A fresh place for a ledger each time."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(dir=template.parent) as folder:
        yield lambda: Path(folder) / f"ledger-{next(numbers)}"
