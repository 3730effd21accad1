"""The stages over many shots, in this process, nothing stored before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storyboard.source import Source
from storyboard.syntax import parse

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what came of it."""
    started = time.perf_counter()
    value = work()
    return time.perf_counter() - started, value


def stages(folder: Path) -> dict[str, float]:
    """Seconds of each stage over every story of a folder."""
    sources = [Source(path, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.story"))]
    parse(sources[0])
    parsing, outcomes = timed(lambda: [parse(source) for source in sources])
    assert not [found for outcome in outcomes for found in outcome.diagnostics]
    return {"parse": parsing}
