"""The programs that are measured: storyboard as a user installs it, the others in an environment of their own."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = Path(tempfile.gettempdir()) / "storyboard-bench"
"""Everything that the bench makes, kept for the next time; may be deleted."""
PACKAGES = (
    "doit",
    "scons",
    "snakemake",
    "dvc",
    "ninja",
    "PyYAML",
    "python-hcl2",
    "screenplay-tools",
    "fal-client",
    "aiohttp",
)
SHIPPED = ("storyboard", "grammar", "docs", "pyproject.toml", "README.md", "LICENSE")
"""What storyboard is installed from."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the measured programs are, and where work is laid out. `peers` is None where only we are measured."""

    work: Path
    storyboard: Path
    peers: Path | None

    def program(self, name: str) -> str | None:
        """A peer's program: of the peers' environment, else of the machine; None where there is none."""
        here = self.peers / name if self.peers else None
        return str(here) if here and here.exists() else shutil.which(name)

    @property
    def python(self) -> Path:
        """The interpreter that storyboard is installed for."""
        return self.storyboard.with_name("python")


@contextmanager
def alone(work: Path) -> Iterator[None]:
    """As the only bench of this machine: two would disturb each other, and one could change what the other runs."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed(work: Path = WORK) -> Bench:
    """Everything set up: storyboard from this clone as it is now, and the peers."""
    return Bench(work, _ours(work) / "bin" / "storyboard", _peers(work) / "bin")


def in_place(work: Path) -> Bench:
    """Only storyboard, as it is installed for this interpreter."""
    return Bench(work, Path(sys.executable).with_name("storyboard"), None)


def _peers(work: Path) -> Path:
    return _environment(work / "peers", " ".join(PACKAGES), PACKAGES)


def _ours(work: Path) -> Path:
    source = work / "source"
    shutil.rmtree(source, ignore_errors=True)
    for name in SHIPPED:  # installing in place would leave a folder in the clone
        there = ROOT / name
        copy = shutil.copytree if there.is_dir() else shutil.copyfile
        source.mkdir(parents=True, exist_ok=True)
        copy(there, source / name)
    return _environment(work / "ours", _fingerprint(source), ["-c", str(ROOT / "constraints.txt"), f"{source}[all]"])


def _environment(folder: Path, made_of: str, packages: Sequence[str]) -> Path:
    """An environment with packages in it, made again when what it is made of is another."""
    marker, made_of = folder / "made-of", f"pip, {made_of}"
    if not marker.exists() or marker.read_text(encoding="utf-8") != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        for wanted in (("-U", "pip"), packages):  # the programs that an older pip writes import more at each start
            subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-qq", *wanted], check=True)
        marker.write_text(made_of, encoding="utf-8")
    return folder


def _fingerprint(folder: Path) -> str:
    """Stands for the content of a folder."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            total.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return total.hexdigest()
