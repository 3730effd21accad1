"""Small results that are kept for the runs after, all of a kind in one entry of the cache.

What a run made new is added at its end (`keep_all`).
"""

from __future__ import annotations

from typing import Any

from storyboard.files import cache


class KeptResults:
    """The results of one kind, by what they were made from; both are plain values."""

    def __init__(self, kind: tuple[object, ...], most: int) -> None:
        self._kind = kind
        self._most = most
        self._found = self._load()
        self._new: dict[Any, Any] = {}

    def get(self, made_from: Any) -> Any:
        """Return a result; None if there is none."""
        found = self._new.get(made_from)
        return self._found.get(made_from) if found is None else found

    def add(self, made_from: Any, result: Any) -> None:
        """Add a result."""
        self._new[made_from] = result

    def keep(self) -> None:
        """Store what is new beside what the cache has by now; the oldest results are dropped."""
        if self._new:
            found = self._load() | self._new
            cache.save(self._kind, dict(list(found.items())[-self._most :]))
            self._found |= self._new
            self._new.clear()

    def _load(self) -> dict[Any, Any]:
        found = cache.load(self._kind)
        return found if isinstance(found, dict) else {}


_open: dict[tuple[object, ...], KeptResults] = {}


def kept(kind: tuple[object, ...], most: int) -> KeptResults:
    """Return the results of a kind, of which the cache keeps the `most` newest."""
    of_this_cache = (cache.folder(), kind)
    found = _open.get(of_this_cache)
    if found is None:
        found = _open[of_this_cache] = KeptResults(kind, most)
    return found


def keep_all() -> None:
    """Store all that this run made new."""
    for each in _open.values():
        each.keep()
