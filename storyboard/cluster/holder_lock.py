"""The proof that a process of this store has ended: a file in the store that the process keeps locked while it lives.

A lock of the operating system ends with its process and never by time, so a free lock is proof. A file that was copied
with its store to another machine is free there too and proves nothing: each file names its own inode.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from storyboard.errors import StoreError
from storyboard.files.disk import SMALL, look, names_in, read_file
from storyboard.files.lock import held_together, is_held
from storyboard.files.writing import append, create_file, make_durable, remove

FOLDER = "holders"
"""The folder of a store that has the files, in a folder for each ledger."""


class HolderLock:
    """The file of one process, locked until `release`, or until the process ends in any way."""

    def __init__(self, store: Path, ledger: str, holder: UUID) -> None:
        """Raise StoreError if the file cannot be created and locked."""
        self._file = _folder(store, ledger) / holder.hex
        self._held = ExitStack()
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            create_file(self._file, b"")
            self._held.enter_context(held_together(self._file))
            append(self._file, _own_number(self._file))
            make_durable(self._file)
            make_durable(self._file.parent)
        except OSError as error:
            self._held.close()
            raise StoreError(
                f"{self._file} cannot be used: {error.strerror or error}",
                help="free up space or allow writing there, or choose another store with --store",
            ) from error

    def release(self, *, remove_file: bool) -> None:
        """Unlock it. The file stays where the process may still be named among those who may send."""
        if remove_file:
            remove(self._file)
        self._held.close()


def ended_holders(store: Path, ledger: str) -> tuple[UUID, ...]:
    """Return the processes of this store folder that have ended, among those that a ledger knows and whose file is
    still here."""
    folder = _folder(store, ledger)
    if look(folder) is None:
        return ()
    return tuple(UUID(hex=name) for name in names_in(folder) if _is_id(name) and _has_ended(folder / name))


def forget_holder(store: Path, ledger: str, holder: UUID) -> None:
    """Remove the file of a process that is written down as dead."""
    remove(_folder(store, ledger) / holder.hex)


def _has_ended(file: Path) -> bool:
    try:
        return not is_held(file) and read_file(file, SMALL) == _own_number(file)
    except OSError:
        return False  # it went meanwhile, or cannot be asked: no proof


def _own_number(file: Path) -> bytes:
    found = look(file)
    return b"none" if found is None else str(found.st_ino).encode()


def _is_id(name: str) -> bool:
    return len(name) == 32 and all(character in "0123456789abcdef" for character in name)


def _folder(store: Path, ledger: str) -> Path:
    return store / FOLDER / ledger
