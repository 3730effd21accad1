"""The store of one user on one machine: a folder in their data directory, shared by all their projects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from storyboard.errors import StoreError
from storyboard.files.sha256 import sha256_hex
from storyboard.files.user_folders import data_folder
from storyboard.store.claims import FileClaim, claim, is_claimed, unproven
from storyboard.store.clips import ClipFolder
from storyboard.store.lock_registry import KnownLocks
from storyboard.store.sqlite.ledger import SqliteLedger
from storyboard.store.sqlite.opening import is_read_only

LEDGER = "ledger.sqlite3"
"""The file by which a folder is known to be a store."""


def default_store_path() -> Path:
    """Return the default folder of the store: clips cost money, so they are user data and not a cache."""
    return data_folder()


class LocalStore:
    """Clips, ledger and claims under one folder, private to the user."""

    def __init__(self, folder: Path) -> None:
        """Open the store, or create it; raises `StoreError` if it cannot be used."""
        self.folder = folder
        self._claims = folder / "claims"
        self.is_read_only = is_read_only(folder)
        """Whether this process may only read it: it serves what it has, and nothing is bought with it."""
        try:
            if not self.is_read_only:
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700, exist_ok=True)
                self._claims.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the store {folder} cannot be created: {error.strerror}",
                help="allow writing there, or choose another place with --store or STORYBOARD_STORE",
            ) from error
        self.locks = KnownLocks(folder / "locks")
        self.clips = ClipFolder(folder / "clips", only_read=self.is_read_only)
        self.ledger = SqliteLedger(folder / LEDGER)

    def claim(self, key: str) -> FileClaim | None:
        """Claim a key; return None while another living process holds it."""
        try:
            return claim(self._claim_of(key))
        except OSError as error:
            raise StoreError(f"the store {self.folder} cannot be locked: {error.strerror}") from error

    def unproven(self) -> str | None:
        """Say why a claim cannot be trusted on this machine and file system; None if a second process respected one.

        This is tested once, before the first purchase with a store, and again if the machine or the file system
        changes.
        """
        if self.is_read_only:
            return f"the store {self.folder} cannot be written: nothing is bought with it; name another with --store"
        return unproven(self._claims, self.folder / "claims-proven")

    def is_claimed(self, key: str) -> bool:
        """Whether a living process holds the claim on a key."""
        return is_claimed(self._claim_of(key))

    def _claim_of(self, key: str) -> Path:
        return self._claims / sha256_hex(key.encode())

    def busy(self) -> bool:
        """Whether a living process holds any claim."""
        for file in self._claims.iterdir():
            held = claim(file)
            if held is None:
                return True
            held.release()
        return False

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def verify(self) -> Iterator[tuple[str, bool]]:
        """Read every clip again, and yield its hash and whether it is whole. A damaged one is moved aside."""
        fresh = ClipFolder(self.folder / "clips", only_read=self.is_read_only)
        for sha256 in list(fresh.all()):
            yield sha256, fresh.path(sha256) is not None

    def clip_of(self, key: str) -> Path | None:
        """Return the clip of the latest attempt at a key; the key may be shortened to its beginning if only one begins
        so."""
        attempts = self.ledger.beginning(key)
        if len({attempt.key for attempt in attempts}) != 1:
            return None
        paths = (self.clips.path(a.clip) for a in sorted(attempts, key=lambda a: -a.number) if a.clip is not None)
        return next((path for path in paths if path is not None), None)
