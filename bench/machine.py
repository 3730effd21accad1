"""Where and when something was measured."""

from __future__ import annotations

import os
import platform
import time
from datetime import datetime
from pathlib import Path

MODEL = "model name"


def processor() -> str:
    """What the machine calls its processor."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text(encoding="utf-8").splitlines() if about.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith(MODEL)]
    return named[0] if named else platform.processor() or platform.machine()


def machine() -> str:
    """The machine in a few words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{processor()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def load() -> float:
    """Processes that wanted a core, on average over the last minute."""
    return os.getloadavg()[0]


def today() -> str:
    """The date and time here."""
    return f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"


class Watch:
    """Tells of a part, when it is done: when, where, how busy the machine was, how long it took."""

    def __init__(self) -> None:
        self._date, self._load, self._begun = today(), load(), time.perf_counter()

    def told(self) -> str:
        """One line for the page."""
        took = time.perf_counter() - self._begun
        return (
            f"Measured {self._date} on {machine()}; load {self._load:.1f} at the beginning, {load():.1f} at the end; "
            f"took {took:.0f} s."
        )
