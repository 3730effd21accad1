"""Claims: locks of the operating system that a living process holds. They end with the process, never by time."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from storyboard.files.system import EXACT, lock


class FileClaim:
    """A claim that is held until `release`, or until this process ends in any way."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    def release(self) -> None:
        """Remove the file while it is still locked, so that no process can lock a name that is about to go. Windows
        removes no open file: there it is removed after closing, unless another process has opened it meanwhile."""
        if sys.platform == "win32":
            os.close(self._descriptor)
            with suppress(PermissionError):
                self._file.unlink(missing_ok=True)
        else:
            self._file.unlink(missing_ok=True)
            os.close(self._descriptor)


def claim(file: Path) -> FileClaim | None:
    """Lock the file; return None if another claim holds it, in this process or another."""
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | EXACT, 0o600)
        if not lock(descriptor, wait=False):
            os.close(descriptor)
            return None
        if _is_the_file(descriptor, file):
            return FileClaim(file, descriptor)
        os.close(descriptor)


def is_claimed(file: Path) -> bool:
    """Whether a living process holds the claim now."""
    try:
        descriptor = os.open(file, os.O_RDONLY | EXACT)
    except FileNotFoundError:
        return False
    try:
        return not lock(descriptor, shared=True, wait=False)
    finally:
        os.close(descriptor)


def _is_the_file(descriptor: int, file: Path) -> bool:
    """Whether the locked file still has its name: a holder removes the file when it releases the claim."""
    if sys.platform == "win32":
        return True  # an open file keeps its name there
    try:
        there = file.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


_TAKEN, _FREE = 3, 4
_SECOND_PROCESS = f"""
import os, sys
sys.path.append(sys.argv[2])
from storyboard.files.system import lock
descriptor = os.open(sys.argv[1], os.O_RDWR)
sys.exit({_FREE} if lock(descriptor, wait=False) else {_TAKEN})
"""
_PACKAGES = Path(__file__).parents[2]
"""The folder that storyboard is imported from."""
_WAY_OUT = "nothing is bought with this store; choose one on a local disk with --store or STORYBOARD_STORE"


def _machine() -> str:
    if sys.platform == "win32":
        import platform

        return platform.node()
    return os.uname().nodename


def unproven(folder: Path, note: Path) -> str | None:
    """Say why claims in a folder cannot be trusted; None if a second process was seen to respect one.

    `note` is where a proof is kept, for this machine and this file system.
    """
    try:
        here = f"{_machine()} {folder.stat().st_dev}"
        if note.exists() and note.read_text("utf-8", "replace").strip() == here:
            return None
        why = _refuted(folder)
        if why is None:
            note.write_text(here, "utf-8")
        return why
    except OSError as error:
        return f"files cannot be locked in {folder} ({error.strerror or error}); {_WAY_OUT}"


def _refuted(folder: Path) -> str | None:
    """Hold a claim and let a second process try for it."""
    import subprocess

    file = folder / f"proof-{os.getpid()}"
    held = claim(file)
    if held is None:
        return None  # another build is proving it now
    try:
        command = [sys.executable, "-I", "-S", "-c", _SECOND_PROCESS, str(file), str(_PACKAGES)]
        tried = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return f"testing file locks in {folder} took too long; {_WAY_OUT}"
    finally:
        held.release()
    if tried.returncode == _TAKEN:
        return None
    if tried.returncode == _FREE:
        return f"file locks do not work in {folder}, so two builds could buy the same job twice; {_WAY_OUT}"
    return f"file locks in {folder} could not be tested; {_WAY_OUT}"
