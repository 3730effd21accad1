"""What this machine remembers about a shared ledger, on its own disk: a server that knows less has lost something."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.files.disk import exists, read_file
from storyboard.files.lock import alone_in
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_count, is_name

T = TypeVar("T")

FILE = "ledgers-seen.json"
"""The file in a store that holds it."""
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class LedgerMemory:
    """The newest state of one ledger that this machine has seen.

    `reservations` counts those of each account, by its name in the ledger. `epoch` counts how often the ledger was
    closed.
    """

    timeline: int = 0
    epoch: int = 0
    reservations: Mapping[str, int] = field(default_factory=dict)

    def and_also(self, other: LedgerMemory) -> LedgerMemory:
        """Return both together; of two numbers the higher. What was seen in an older epoch no longer counts."""
        if self.epoch != other.epoch:
            newer = max(self, other, key=lambda memory: memory.epoch)
            return replace(newer, timeline=max(self.timeline, other.timeline))
        both = self.reservations.keys() | other.reservations.keys()
        counts = {name: max(self.reservations.get(name, 0), other.reservations.get(name, 0)) for name in both}
        return LedgerMemory(max(self.timeline, other.timeline), self.epoch, counts)


class MachineMemory:
    """The memory of one store folder, which several processes share."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the store, which must exist."""
        self.folder = folder
        self._file = folder / FILE

    def of(self, ledger: str) -> LedgerMemory:
        """Return what is remembered about the ledger with this id."""
        return self._locked(lambda: self._read().get(ledger, LedgerMemory()))

    def add(self, ledger: str, seen: LedgerMemory) -> None:
        """Remember this too, durably."""

        def add() -> None:
            known = self._read()
            both = known.get(ledger, LedgerMemory()).and_also(seen)
            if both != known.get(ledger):
                self._write({**known, ledger: both})

        self._locked(add)

    def _locked(self, work: Callable[[], T]) -> T:
        try:
            with alone_in(self.folder):
                return work()
        except OSError as error:
            raise StoreError(
                f"{self._file} cannot be used: {error.strerror or error}", help="free up space, or allow writing there"
            ) from error

    def _read(self) -> dict[str, LedgerMemory]:
        if not exists(self._file):
            return {}
        try:
            return {name: _memory(value) for name, value in json.loads(read_file(self._file, _MOST)).items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise StoreError(
                f"{self._file} is damaged: it says which state of a shared ledger this machine has seen",
                help="restore it from a backup, or choose another store with --store",
            ) from None

    def _write(self, known: Mapping[str, LedgerMemory]) -> None:
        document = {
            name: {"timeline": memory.timeline, "epoch": memory.epoch, "reservations": dict(memory.reservations)}
            for name, memory in known.items()
        }
        replace_file(self._file, json.dumps(document, ensure_ascii=False), mode=PRIVATE, durable=True)


def _memory(value: Mapping[str, object]) -> LedgerMemory:
    timeline, epoch, reservations = value["timeline"], value["epoch"], value["reservations"]
    if not (is_count(timeline) and is_count(epoch) and isinstance(reservations, dict)):
        raise ValueError("memory")
    for name, count in reservations.items():
        if not is_name(name) or not is_count(count):
            raise ValueError("reservations")
    return LedgerMemory(timeline, epoch, reservations)
