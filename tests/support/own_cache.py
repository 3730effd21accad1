"""A cache of its own for a test, on every system."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.files import cache


def use_cache_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make storyboard in this process keep its cache below `folder`; returns the cache's folder."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(folder))
    return Path(cache.folder() or "")
