"""The stages over many shots, in this process, nothing stored before."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storyboard.cards import load_catalog
from storyboard.jobs.compile import compile_story
from storyboard.story import check
from storyboard.syntax import Loader

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, and what came of it: a busy machine then measures the same."""
    started = time.process_time()
    value = work()
    return time.process_time() - started, value


def stages(folder: Path) -> dict[str, float]:
    """Seconds of each stage over every story of a folder, the grammar loaded before."""
    paths = sorted(folder.glob("film*.story"))
    Loader(folder).load(folder / "house.story")
    loader, catalog = Loader(folder), load_catalog(folder)
    parsing, loaded = timed(lambda: [loader.load(path) for path in paths])
    units = [outcome.value for outcome in loaded if outcome.value]
    checking, checked = timed(lambda: [check(unit, catalog) for unit in units])
    stories = [outcome.value for outcome in checked if outcome.value]
    compiling, compiled = timed(lambda: [compile_story(story, catalog) for story in stories])
    found = [each for outcome in (*loaded, *checked, *compiled) for each in outcome.diagnostics]
    assert not [each for each in found if each.severity == "error"], found[0].message
    return {"read and parse": parsing, "check": checking, "compile": compiling}


def memory(folder: Path) -> int:
    """Bytes that the compiled stories of a folder hold."""
    catalog = load_catalog(folder)
    tracemalloc.start()
    loader = Loader(folder)
    kept = []
    for path in sorted(folder.glob("film*.story")):
        unit = loader.load(path).value
        story = check(unit, catalog).value if unit else None
        kept.append(compile_story(story, catalog) if story else None)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(kept)
    return held
