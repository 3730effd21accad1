"""The previous jobs of a story, from the ledger's rows and its lock."""

from __future__ import annotations

from collections.abc import Iterable

from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.lock import Lock
from storyboard.jobs.request import Request
from storyboard.store import Attempt


@dataclass(frozen=True, slots=True)
class Before:
    """A previous job. A lock does not contain its request."""

    addresses: tuple[str, ...]
    content: str
    base: str
    take: int
    seconds: int
    request: Request | None


class PreviousJobs:
    """The previous jobs of a story, indexed by what a new one may share with them. Later ones take precedence."""

    def __init__(self, rows: Iterable[Attempt], lock: Lock, provider: str) -> None:
        blocks = [
            Before(b.shots, b.content, b.base, b.take, b.seconds, None)
            for b in lock.blocks.values()
            if b.provider == provider
        ]
        attempts = [
            Before(row.addresses, row.content, row.base, row.take, row.seconds, row.request)
            for row in sorted(rows, key=lambda row: row.opened_at)
            if row.whose.provider == provider
        ]
        self._by_addresses: dict[tuple[str, ...], Before] = {}
        self._by_shot: dict[str, Before] = {}
        self._takes: dict[str, set[int]] = {}
        for before in (*blocks, *attempts):
            self._by_addresses[before.addresses] = before
            self._by_shot.update(dict.fromkeys(before.addresses, before))
            self._takes.setdefault(before.base, set()).add(before.take)

    def of_shots(self, addresses: tuple[str, ...]) -> Before | None:
        """Return the latest job of exactly these shots, if it was the latest of each of them."""
        before = self._by_addresses.get(addresses)
        return before if before and all(self._by_shot[each] is before for each in addresses) else None

    def holding(self, address: str) -> Before | None:
        """Return the latest job that held a shot."""
        return self._by_shot.get(address)

    def takes(self, base: str) -> set[int]:
        """Return the takes that were made of a base."""
        return self._takes.get(base, set())
