"""What a store remembers of a bucket: which one it is, and when it was last tried out."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from storyboard.bucket.fitness import Tried, try_bucket
from storyboard.bucket.identity import NOTES, SALT_BYTES, BucketIdentity, set_record
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import SMALL, read_file
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_name, is_seconds

FOLDER = "buckets"
TRIED_FOR = 24 * 3600.0
"""Seconds for which a bucket need not be tried again."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    identity: BucketIdentity
    tried_at: float


class KnownBuckets:
    """The buckets that a store has been used with, a small file each."""

    def __init__(self, store: Path) -> None:
        self._folder = store / FOLDER

    def identity(self, bucket: SharedBucket) -> BucketIdentity:
        """Return the bucket's identity, asked for once and then known even while the bucket cannot be reached.
        Raises BucketAway, DamagedNote."""
        known = self._read(bucket.address)
        if known is not None:
            return known.identity
        identity = bucket.identity()
        self._write(bucket.address, _Remembered(identity, 0.0))
        return identity

    def check(self, bucket: SharedBucket, ledger: str | None = None) -> None:
        """Before something is bought: raise UsageError where it is another bucket than before, where another record
        than the `ledger` with that id (None: the bucket's notes) decides over purchases, or where it cannot carry
        notes. It is tried out once a day."""
        known, identity = self._read(bucket.address), bucket.identity()
        if known is not None and known.identity.id != identity.id:
            raise UsageError(
                f"{bucket.address} is another bucket than the one this store has bought with before",
                help="correct `clips`; if the old bucket is gone for good, name another store with --store",
            )
        _check_record(bucket, identity, ledger)
        if known is not None and 0 <= time.time() - known.tried_at < TRIED_FOR:
            return
        for tried in try_bucket(bucket.objects):
            if tried.state == "problem":
                raise UsageError(
                    f"the bucket {bucket.address} cannot keep purchases apart: {tried.text}", help=tried.way_out
                )
        self._write(bucket.address, _Remembered(identity, time.time()))

    def tried(self, bucket: SharedBucket) -> list[Tried]:
        """Try a bucket out now, and remember that it was good."""
        identity = bucket.identity()
        found = list(try_bucket(bucket.objects))
        if all(each.state != "problem" for each in found):
            self._write(bucket.address, _Remembered(identity, time.time()))
        return found

    def _file(self, address: str) -> Path:
        return self._folder / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.json"

    def _read(self, address: str) -> _Remembered | None:
        try:
            said = json.loads(read_file(self._file(address), SMALL))
            salt, at = bytes.fromhex(said["salt"]), said["tried_at"]
            if len(salt) == SALT_BYTES and is_name(said["id"]) and is_name(said["record"]) and is_seconds(at):
                return _Remembered(BucketIdentity(said["id"], salt, said["record"]), at)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def _write(self, address: str, known: _Remembered) -> None:
        file, identity = self._file(address), known.identity
        said = {"address": address, "id": identity.id, "salt": identity.salt.hex(), "record": identity.record}
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_file(file, json.dumps({**said, "tried_at": known.tried_at}), mode=PRIVATE, durable=True)
        except OSError as error:
            raise StoreError(
                f"the store cannot be written at {file}: {error.strerror}", help="free up space, or allow writing there"
            ) from error


def _check_record(bucket: SharedBucket, identity: BucketIdentity, ledger: str | None) -> None:
    """Check that one record decides over purchases: the notes, or one ledger. A bucket without notes takes the
    ledger at hand."""
    if ledger is None and identity.record != NOTES:
        raise UsageError(
            f"the ledger {identity.record} decides over purchases with {bucket.address}, and this project names none",
            help="set `ledger` or STORYBOARD_LEDGER",
        )
    if ledger is None or identity.record == ledger:
        return
    if identity.record != NOTES:
        raise UsageError(
            f"the ledger {identity.record} decides over purchases with {bucket.address}, and `ledger` is another one",
            help="correct `ledger` or STORYBOARD_LEDGER, or `clips`",
        )
    if not bucket.notes.is_empty():
        raise UsageError(
            f"the notes in {bucket.address} decide over purchases: the ledger would not know them",
            help="take them over first: storyboard store migrate; or name another bucket in `clips`",
        )
    set_record(bucket.objects, identity, ledger)
