"""Objects of a bucket: read, list, create if absent, compare and swap. The only module that imports obstore.

All calls block; a caller that must not wait makes them in a thread. Whatever a bucket says is untrusted: objects are
read up to a size, and the caller checks their form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard.bucket.address import BucketAddress
from storyboard.bucket.aws_profile import profile_options
from storyboard.errors import AccessError, MissingExtraError, StoreError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import record_doubt
from storyboard.files.environment import environ
from storyboard.files.writing import append, replace_file

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import AzureStore, GCSStore, S3Store

ANSWER_SECONDS = 15
"""How long a small request waits for its answer."""
CLIP_SECONDS = 900
"""How long the transfer of a clip may take."""
WRITES = 3
"""How often a write without a clear answer is made."""
LARGEST_CLIP = 20 * 10**9
MOST_PAGES = 20_000
"""Pages of one listing, of 50 objects or more."""
MOST_REWRITTEN = 1 << 20
"""Bytes of an object that is written more than once."""


class BucketAway(StoreError):
    """The bucket cannot be reached, or it did not answer. A write may still have arrived."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """What the bucket returned for a write; vendors differ in which of the two they compare."""

    etag: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as it was read."""

    content: bytes
    version: ObjectVersion


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object as a listing shows it: its size in bytes, when it was written, in seconds since the epoch, and what
    changes with its content, where the bucket says that."""

    path: str
    size: int
    modified: float
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A write that was not made: the object has changed since the writer read it. `now` is its current state."""

    now: StoredObject | None


class Objects:
    """The objects below an address. Paths use `/` and begin at the address."""

    def __init__(self, address: BucketAddress) -> None:
        """Raise MissingExtraError without the extra, UsageError for settings of the vendor that cannot be used."""
        self.address = address
        self._small = _opened(address, retries=0, seconds=ANSWER_SECONDS)
        self._large = _opened(address, retries=3, seconds=CLIP_SECONDS)
        record_doubt(f"{address} was asked")

    def read(self, path: str, most: int) -> StoredObject | None:
        """Return an object of at most `most` bytes; None if there is none.

        Raises StoreError for a larger one, BucketAway if the bucket does not answer, AccessError if it refuses.
        """
        import obstore

        content = bytearray()
        try:
            with self._asking(path):
                found = obstore.get(self._small, path)
                if found.meta["size"] <= most:
                    for piece in found.stream(min_chunk_size=most + 1):
                        content += piece
        except FileNotFoundError:
            return None
        if found.meta["size"] > most or len(content) > most:
            raise StoreError(f"{self.place(path)} is larger than {most:,} bytes: it was not written by storyboard")
        return StoredObject(bytes(content), _version(found.meta))

    def write(self, path: str, content: bytes, seen: StoredObject | None) -> StoredObject | Changed:
        """Write an object if it is still as `seen` (None: absent), else write nothing.

        `content` must be new in every write, so that it is known again: a write without an answer and one that is
        refused are read back, since the client's own repeat of a write looks like somebody else's. Raises BucketAway
        where it stays unclear; the write may then still arrive later.
        """
        trouble: BucketAway | None = None
        for _ in range(WRITES):
            try:
                written = self.put_once(path, content, seen)
            except BucketAway as away:
                trouble = away
            else:
                if written is not None:
                    return written
                trouble = None
            now = self.read(path, MOST_REWRITTEN)
            if now is not None and now.content == content:
                return now
            if now != seen:
                return Changed(now)
        raise trouble or BucketAway(
            f"{self.place(path)} cannot be written: the bucket refuses every write, although nothing has changed",
            help="storyboard store check says whether this bucket can be used",
        )

    def put_once(self, path: str, content: bytes, seen: StoredObject | None) -> StoredObject | None:
        """One conditional write, as the bucket answers it; None where it refuses. For trying a bucket out, and for
        `write`, which finds out what a write without an answer has done."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with self._asking(path):
                written = obstore.put(self._small, path, content, mode=_condition(seen), use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return None
        except FileNotFoundError:
            return None  # what was to be replaced is gone
        return StoredObject(content, _version(written))

    def size(self, path: str) -> int | None:
        """Return the size of an object in bytes; None if there is none."""
        import obstore

        try:
            with self._asking(path):
                return int(obstore.head(self._small, path)["size"])
        except FileNotFoundError:
            return None

    def add(self, path: str, content: bytes) -> bool:
        """Add a large object that is never changed; False where it is there already."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with self._asking(path):
                obstore.put(self._large, path, content, mode="create", use_multipart=False)
        except (AlreadyExistsError, PreconditionError):
            return False
        except FileNotFoundError as error:
            raise self._no_bucket() from error
        return True

    def fetch(self, path: str, target: Path, most: int = LARGEST_CLIP) -> str | None:
        """Write a large object to a file, and return the SHA-256 of its bytes; None where there is no such object.

        Raises OSError where the file cannot be written, StoreError for an object of more than `most` bytes.
        """
        import obstore

        try:
            with self._asking(path):
                found = obstore.get(self._large, path)
                stream = iter(found.stream())
        except FileNotFoundError:
            return None
        replace_file(target, b"")
        digest, size = hashlib.sha256(), int(found.meta["size"])
        while size <= most:
            with self._asking(path):
                piece = bytes(next(stream, b""))
            if not piece:
                return digest.hexdigest()
            digest.update(piece)
            append(target, piece)
        raise StoreError(f"{self.place(path)} is larger than {most:,} bytes")

    def list(self, prefix: str) -> Iterator[ListedObject]:
        """Yield the objects below a folder."""
        import obstore

        pages = iter(obstore.list(self._small, prefix))
        for _ in range(MOST_PAGES):
            with self._asking(prefix):
                page = next(pages, None)
            if page is None:
                return
            for each in page:
                yield ListedObject(
                    each["path"], int(each["size"]), each["last_modified"].timestamp(), each.get("e_tag")
                )
        raise StoreError(f"{self.place(prefix)} holds too many objects to list")

    def remove(self, path: str) -> None:
        """Remove an object; nothing where there is none."""
        import obstore

        with suppress(FileNotFoundError), self._asking(path):
            obstore.delete(self._small, path)

    def link_to(self, path: str) -> str:
        """Return a link through which the headers of an object can be asked for, valid for one minute."""
        import obstore

        with self._asking(path):
            return obstore.sign(self._small, "GET", path, timedelta(seconds=60))

    def place(self, path: str) -> str:
        """Return the address of an object, for people."""
        return f"{self.address}/{path}"

    def _no_bucket(self) -> BucketAway:
        return BucketAway(
            f"there is no bucket {self.address.scheme}://{self.address.name}",
            help="create it, or correct `clips` or STORYBOARD_CLIPS",
        )

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        """Turn what obstore raises into errors of ours; FileNotFoundError and refused conditions stay as they are."""
        from obstore.exceptions import (
            AlreadyExistsError,
            BaseError,
            PermissionDeniedError,
            PreconditionError,
            UnauthenticatedError,
        )

        try:
            yield
        except (AlreadyExistsError, PreconditionError):
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise AccessError(
                f"{self.place(path)}: the bucket refuses access: {_first_line(error)}",
                help="check the credentials and what they may do; docs/operations.md lists what is needed",
            ) from error
        except FileNotFoundError as error:
            if any(word in str(error) for word in ("NoSuchBucket", "ContainerNotFound", "bucket does not exist")):
                raise self._no_bucket() from error
            raise
        except (BaseError, ValueError, OSError) as error:
            raise BucketAway(f"the bucket {self.address} cannot be used: {_first_line(error)}") from error


def _opened(address: BucketAddress, *, retries: int, seconds: int) -> S3Store | GCSStore | AzureStore:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import AzureStore, GCSStore, S3Store, from_url
    except ModuleNotFoundError:
        raise MissingExtraError("a shared bucket", "s3") from None
    options = _options(address)
    client = {"timeout": f"{seconds}s", "connect_timeout": "5s"}
    if "allow_http" in options:
        client["allow_http"] = options.pop("allow_http")
    retry = {"max_retries": retries, "retry_timeout": timedelta(seconds=seconds)}
    try:
        opened = from_url(str(address), config=options, client_options=client, retry_config=retry)  # type: ignore[call-overload]
    except (BaseError, ValueError, TypeError) as error:
        raise UsageError(f"the bucket {address} cannot be opened: {_first_line(error)}") from error
    assert isinstance(opened, (S3Store, GCSStore, AzureStore))
    return opened


def _options(address: BucketAddress) -> dict[str, Any]:
    """Return what the vendor's own files say, besides the environment variables that obstore reads."""
    if address.scheme != "s3":
        return {}
    options: dict[str, Any] = dict(profile_options(environ))
    endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or environ.get("AWS_ENDPOINT")
    if endpoint:
        options["endpoint"] = endpoint
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region:
        options["region"] = region
    if _is_loopback(options.get("endpoint", "")):
        options["allow_http"] = True
    return options


def _is_loopback(endpoint: str) -> bool:
    return endpoint.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:"))


def _condition(seen: StoredObject | None) -> PutMode:
    if seen is None:
        return "create"
    known = {"e_tag": seen.version.etag, "version": seen.version.version}
    return {name: text for name, text in known.items() if text is not None}  # type: ignore[return-value]


def _version(meta: Any) -> ObjectVersion:
    return ObjectVersion(meta.get("e_tag"), meta.get("version"))


def _first_line(error: Exception) -> str:
    """Return obstore's message, without its own words for the kind of error and without how long it took."""
    text = str(error).split("\n", 1)[0].split(": <?xml", 1)[0].removeprefix("Generic S3 error: ")
    text = re.sub(r" in [\d.]+[nµm]?s - ", ": ", text)
    return "".join(char if char.isprintable() else " " for char in text[:300]) or type(error).__name__
