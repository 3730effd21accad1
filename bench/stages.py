"""The stages over every story of a folder, nothing stored before: `python stages.py FOLDER`, in a process of its own.

It prints the CPU seconds of each stage, and how many bytes the peak of memory rose by.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storyboard.cards import Catalog, load_catalog
from storyboard.jobs.compile import compile_story
from storyboard.project.check import uncollected
from storyboard.story import check
from storyboard.syntax import Loader

T = TypeVar("T")

UNIT = 1 if sys.platform == "darwin" else 1024


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, and what came of it."""
    started = time.process_time()
    value = work()
    return time.process_time() - started, value


def stages(folder: Path) -> dict[str, float]:
    """Seconds of each stage in a process set up as the command does it, after a story that loads what all need."""
    paths = sorted(folder.glob("film*.story"))
    loader, catalog = Loader(folder), load_catalog(folder)
    _warm_up(paths[0], catalog)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with uncollected():
        parsing, loaded = timed(lambda: [loader.load(path) for path in paths])
        units = [outcome.value for outcome in loaded if outcome.value]
        checking, checked = timed(lambda: [check(unit, catalog) for unit in units])
        stories = [outcome.value for outcome in checked if outcome.value]
        compiling, compiled = timed(lambda: [compile_story(story, catalog) for story in stories])
    held = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * UNIT
    found = [each for outcome in (*loaded, *checked, *compiled) for each in outcome.diagnostics]
    assert not [each for each in found if each.severity == "error"], found[0].message
    shots = sum(len(job.addresses) for outcome in compiled for job in outcome.value or ())
    return {"parse": parsing, "check": checking, "compile": compiling, "memory": held, "shots": shots}


def _warm_up(path: Path, catalog: Catalog) -> None:
    unit = Loader(path.parent).load(path).value
    story = check(unit, catalog).value if unit else None
    assert story
    assert compile_story(story, catalog).value


if __name__ == "__main__":
    print(json.dumps(stages(Path(sys.argv[1]))))
