"""The text of a lock, without a file."""

from __future__ import annotations

from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import LockLayout


def lock_text(lock: Lock) -> str:
    """Return the text that storyboard writes for a lock."""
    return LockLayout().text(lock)
