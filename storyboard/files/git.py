"""Files as of a commit: read from git's own store, without a checkout and without running hooks or filters."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import LARGE, real, record_doubt

_REPOSITORY_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Set while a hook runs; they would name another repository than the folder's."""
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}


class Commit(NamedTuple):
    """A commit, and the folder that its paths are relative to."""

    top: Path
    id: str


def find_commit(folder: Path, name: str) -> Commit:
    """Resolve a name (`main`, `HEAD~1`, a hash) to a commit in the repository of a folder. Raises OSError with the
    reason: no git, no repository, or no such commit.
    """
    top = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))
    try:
        if not name or name.startswith("-"):
            raise OSError(errno.EINVAL, "it is not the name of a commit")
        found = _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except (OSError, ValueError) as error:
        raise OSError(errno.ENOENT, f"git knows no commit `{name}` here") from error
    return Commit(real(Path(top)), found.decode("ascii").strip())


def files_at(commit: Commit, wanted: Callable[[str], bool]) -> Mapping[Path, bytes]:
    """Return the wanted regular files of a commit, each of at most 100 MB, by absolute path. Raises OSError."""
    listing = _git(commit.top, "ls-tree", "-r", "-l", "-z", "--full-tree", commit.id)
    blobs: list[tuple[Path, bytes]] = []
    for entry in listing.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, blob, size = about.split()
        path = os.fsdecode(name)
        if mode.startswith(b"100") and int(size) <= LARGE and wanted(path):
            blobs.append((commit.top / path, blob))
    contents = _contents(commit.top, list(dict.fromkeys(blob for _, blob in blobs)))
    return {path: contents[blob] for path, blob in blobs}


def _contents(top: Path, blobs: list[bytes]) -> dict[bytes, bytes]:
    """Return the content of each blob."""
    if not blobs:
        return {}
    output = _git(top, "cat-file", "--batch", given=b"".join(blob + b"\n" for blob in blobs))
    contents, at = {}, 0
    for blob in blobs:
        end = output.index(b"\n", at)
        header = output[at:end].split()
        if len(header) != 3:
            raise OSError(errno.ENOENT, "parts of this commit are not in this clone; `git fetch` brings them")
        size = int(header[2])
        contents[blob] = output[end + 1 : end + 1 + size]
        at = end + size + 2
    return contents


def _git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    """Return git's output. Raises OSError with its last line if it fails."""
    record_doubt("git was asked")
    environment = {name: value for name, value in os.environ.items() if name not in _REPOSITORY_VARIABLES} | _QUIET
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, input=given, capture_output=True, env=environment, check=False)
    except FileNotFoundError as error:
        raise OSError(errno.ENOENT, "the command `git` is not installed") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise OSError(errno.EIO, said[-1].removeprefix("fatal: "))
    return done.stdout
