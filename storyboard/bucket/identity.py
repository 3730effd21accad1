"""Which bucket this is, and which store of it this machine has."""

from __future__ import annotations

import getpass
import platform
import secrets
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from storyboard.bucket.note import DamagedNote, new_write_id, read_document, take
from storyboard.bucket.object_store import Changed, Objects
from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.disk import read_file
from storyboard.files.lock import alone_in
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_name
from storyboard.jobs.canonical import canonical

PATH = "storyboard.json"
LARGEST = 4096
SALT_BYTES = 16
NOTES = "notes"
"""The record that decides in a team without a ledger on a server."""
STORE_ID = "store-id"
"""The file in a store that holds its id."""


@dataclass(frozen=True, slots=True)
class BucketIdentity:
    """Which bucket this is. `salt` makes one key one account on all machines. `record` says what decides over
    purchases: `notes`, or the id of a ledger on a server."""

    id: str
    salt: bytes
    record: str


def read_identity(objects: Objects) -> BucketIdentity | None:
    """Return the bucket's identity; None if nobody has set it up. Raises DamagedNote, BucketAway."""
    stored = objects.read(PATH, LARGEST)
    return None if stored is None else _read(stored.content)


def make_identity(objects: Objects) -> BucketIdentity:
    """Return the bucket's identity, setting it up if nobody has."""
    known = read_identity(objects)
    if known is not None:
        return known
    made = BucketIdentity(secrets.token_hex(16), secrets.token_bytes(SALT_BYTES), NOTES)
    said = {"id": made.id, "salt": made.salt.hex(), "record": made.record}
    document: dict[str, Any] = {"v": 1, "n": new_write_id(), **said}
    written = objects.write(PATH, canonical(document).encode(), None)
    if not isinstance(written, Changed):
        return made
    if written.now is None:
        raise StoreError(
            f"{objects.place(PATH)} cannot be written",
            help="storyboard store check says whether this bucket can be used",
        )
    return _read(written.now.content)


def set_record(objects: Objects, identity: BucketIdentity, record: str) -> None:
    """Let another record decide over purchases with a bucket. Two machines may do the same at one moment.

    Raises StoreError where another one was chosen meanwhile.
    """
    for _ in range(2):
        stored = objects.read(PATH, LARGEST)
        now = None if stored is None else _read(stored.content)
        if now == replace(identity, record=record):
            return
        if stored is None or now != identity:
            break
        document = {**read_document(stored.content, LARGEST, PATH), "n": new_write_id(), "record": record}
        if not isinstance(objects.write(PATH, canonical(document).encode(), stored), Changed):
            return
    raise StoreError(f"{objects.place(PATH)} has changed", help="run the same command again")


def _read(content: bytes) -> BucketIdentity:
    document = read_document(content, LARGEST, PATH)
    try:
        salt = bytes.fromhex(take(document, "salt", is_name))
        if len(salt) != SALT_BYTES:
            raise ValueError("its salt is damaged")
        return BucketIdentity(take(document, "id", is_name), salt, take(document, "record", is_name))
    except ValueError as error:
        raise DamagedNote(
            f"{PATH} in the bucket is damaged: {error}", help="restore it from one of its versions, or from a copy"
        ) from error


def store_id(folder: Path) -> str:
    """Return the id of a store folder, created once. Two machines must not share it: copy what a store has with
    `store push`."""
    file = folder / STORE_ID
    try:
        with alone_in(folder):
            if not file.exists():
                replace_file(file, f"{secrets.token_hex(16)}\n", mode=PRIVATE, durable=True)
        text = read_file(file, LARGEST).decode("ascii", "replace").strip()
    except OSError as error:
        raise StoreError(
            f"{file} cannot be used: {error.strerror}", help="free up space, or allow writing there"
        ) from error
    if not is_name(text) or len(text) != 32:
        raise StoreError(f"{file} does not hold the id of a store", help="delete it while no build is running")
    return text


def machine_name() -> str:
    """Return who and where this is, for people, as in `mei@laptop`."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "somebody"
    name = f"{user}@{platform.node() or 'somewhere'}"
    return "".join(char if char.isprintable() else "?" for char in name).strip()[:120]


@cache
def client_version() -> str:
    """Return the version of storyboard that is writing, for people."""
    return metadata.version("storyboard-dsl")
