"""How properties are searched: never against the clock, and with the same examples each time
unless RANDOM_EXAMPLES is set.

Commands that tests start as processes keep their compiled modules, as they do for a user. What collecting the tests made
stays until the end, so the garbage collector does not look through it again and again.
"""

from __future__ import annotations

import gc
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a command run in a process of its own need not compile itself anew

settings.register_profile(
    "storyboard",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="RANDOM_EXAMPLES" not in os.environ,
)
settings.load_profile("storyboard")


def pytest_pycollect_makeitem(collector: pytest.Collector, obj: object) -> list[pytest.Item] | None:
    """Collect none of the many thousand long tests where only the others are asked for; each worker collects them all."""
    everyday = collector.config.option.markexpr == "not long"
    return [] if everyday and any(mark.name == "long" for mark in getattr(obj, "pytestmark", ())) else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    marker = item.get_closest_marker("posix")
    if marker is not None and sys.platform == "win32":
        pytest.skip(f"not on Windows: {marker.args[0]}")


def pytest_collection_finish() -> None:
    """Take the collected tests out of the garbage collector's rounds."""
    gc.collect()
    gc.freeze()
