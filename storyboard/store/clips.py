"""Clips by the SHA-256 of their bytes, in a folder: written atomically, verified when read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storyboard.errors import StoreError
from storyboard.files.disk import look_at_sealed
from storyboard.files.writing import make_durable, remove
from storyboard.forms import is_sha256

SUFFIX = ".mp4"

_SMALL = 1 << 20


def sha256_of(file: Path) -> str:
    """Return the hash of a file, reading a large one in pieces."""
    import hashlib  # with OpenSSL, which is faster for clips

    with file.open("rb", buffering=0) as stream:
        if os.fstat(stream.fileno()).st_size <= _SMALL:
            return hashlib.sha256(stream.read()).hexdigest()
        return hashlib.file_digest(stream, "sha256").hexdigest()


class ClipFolder:
    """Clips under `folder`, each at `ab/ab….mp4`; unfinished and damaged files beside them."""

    def __init__(self, folder: Path, *, only_read: bool = False) -> None:
        self._folder = folder
        self._scratch = folder.parent / "scratch"
        self._damaged = folder.parent / "damaged"
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._listed: set[str] = set()
        """Folders of clips that were durably entered in theirs by this process."""
        if only_read:
            return
        with _trouble(folder):
            for each in (self._folder, self._scratch, self._damaged):
                each.mkdir(mode=0o700, exist_ok=True)

    def has(self, sha256: str) -> bool:
        """Whether the clip exists, without verifying it: enough for a plan."""
        file = self.place(sha256)
        with _trouble(file):
            return look_at_sealed(file) is not None

    def path(self, sha256: str) -> Path | None:
        """Return the verified file of a clip; None if it is missing. A damaged one is moved aside."""
        file = self.place(sha256)
        with _trouble(file):
            if look_at_sealed(file) is None:
                return None
            if self._verified(sha256, file):
                return file
            file.replace(self._damaged / file.name)
            return None

    def add(self, file: Path) -> tuple[str, Path]:
        """Take over a finished file from `scratch`, durably; return its hash and path."""
        with _trouble(file):
            sha256 = sha256_of(file)
            place = self.place(sha256)
            if not place.parent.is_dir():
                place.parent.mkdir(mode=0o700, exist_ok=True)
                self._listed.discard(place.parent.name)
            file.chmod(0o400)  # builds may then share it with their folders by hard link
            make_durable(file)
            file.replace(place)
            make_durable(place.parent)
            if place.parent.name not in self._listed:
                make_durable(self._folder)
                self._listed.add(place.parent.name)
            self._seen[sha256] = _signature(place)
            return sha256, place

    def copied(self, file: Path, name: str) -> Path:
        """Copy a file that the user named to the scratch file of this name. Raises OSError if it cannot be read."""
        from shutil import copyfile

        target = self.scratch(name)
        copyfile(file, target)
        return target

    def scratch(self, name: str) -> Path:
        """Return the path of an unfinished file; always the same for the same name, in later processes too."""
        return self._scratch / f"{name}.part"

    def all(self) -> Iterator[str]:
        """Return the hashes of all clips, in order."""
        with _trouble(self._folder):
            names = sorted(file.stem for file in self._folder.glob(f"*/*{SUFFIX}") if file.parent.name == file.stem[:2])
            yield from filter(is_sha256, names)

    def size(self, sha256: str) -> int:
        """Return the size of an existing clip."""
        with _trouble(self._folder):
            return self.place(sha256).stat().st_size

    def remove(self, sha256: str) -> None:
        """Remove a clip."""
        with _trouble(self._folder):
            remove(self.place(sha256))

    def place(self, sha256: str) -> Path:
        """Return the path of a clip, existing or not; raises StoreError for a name that is not a SHA-256."""
        if not is_sha256(sha256):
            raise StoreError(f"{sha256!r:.80} does not name a clip: a clip is named by 64 hexadecimal digits")
        return self._folder / sha256[:2] / f"{sha256}{SUFFIX}"

    def _verified(self, sha256: str, file: Path) -> bool:
        """Verify a file once per process, and again after a change."""
        signature = _signature(file)
        if self._seen.get(sha256) == signature:
            return True
        if sha256_of(file) != sha256:
            return False
        self._seen[sha256] = signature
        return True


def _signature(file: Path) -> tuple[int, int, int]:
    stat = file.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


@contextmanager
def _trouble(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the store cannot be used at {error.filename or place}: {error.strerror}",
            help="free up space or allow writing there, or choose another store with --store; nothing that was paid "
            "for is lost",
        ) from error
