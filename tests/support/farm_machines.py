"""Machines of a farm as real processes: each builds the same film with a store of its own, and may be killed, stopped
or cut off. What is true of them all is read from the gateway's book and the ledger's tables."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from storyboard.simulator.server import RunningSimulator
from tests.support.cli import Cli, Done
from tests.support.farm import Farm, check_sums
from tests.support.shop import KEY
from tests.support.waiting import PATIENCE

SETTINGS = 'project = "lantern"\nprovider = "kirin"\nwait = 1\nconcurrency = 3\n'


def story(jobs: int) -> str:
    """A story of so many jobs, one a scene."""
    scenes = (f"scene s{n}\nshot only 3s\n  Lantern number {n} on the river.\n" for n in range(jobs))
    return "\n".join(('story "Lanterns"\n  .model kirin_v3_t2v\n', *scenes))


@dataclass
class Machine:
    """A machine with a store of its own. `prefix` is what its commands run in, such as a network namespace."""

    folder: Path
    environment: Mapping[str, str]
    jobs: int
    settings: str = ""
    prefix: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    started: int = 0
    cli: Cli = field(init=False)

    def __post_init__(self) -> None:
        for name in ("work", "home"):
            (self.folder / name).mkdir(parents=True)
        self.cli = Cli(self.folder / "work", self.folder / "home")
        (self.cli.folder / "storyboard.toml").write_text(SETTINGS + self.settings)
        (self.cli.folder / "lanterns.story").write_text(story(self.jobs))

    def edit_settings(self, old: str, new: str) -> None:
        """Change the project's settings."""
        file = self.cli.folder / "storyboard.toml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    @property
    def store(self) -> Path:
        return self.cli.home / "store"

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, *arguments: str) -> None:
        """Begin a build, unless one runs."""
        if self.lives:
            return
        self.started += 1
        output = (self.folder / f"output-{self.started}").open("wb")
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "storyboard", "build", "--yes", "--json", *arguments],
            cwd=self.cli.folder,
            env={**self.cli.environment, **self.environment, "STORYBOARD_API_KEY": KEY, "PYTHONFAULTHANDLER": "1"},
            stdout=output,
            stderr=output,
        )
        output.close()

    def command(self, *arguments: str) -> Done:
        """Run a command to its end."""
        return self.cli.process(*arguments, env={**self.environment, "STORYBOARD_API_KEY": KEY})

    def build(self, *arguments: str) -> Done:
        """Build to the end in this process: quicker where nothing is killed."""
        return self.cli("build", "--yes", "--json", *arguments, env={**self.environment, "STORYBOARD_API_KEY": KEY})

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.lives:
            self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for the build to end; its exit code."""
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # it then writes where each of its threads is
            self.process.wait()
            raise AssertionError(f"it did not end within {seconds} seconds:\n{self.said()}") from None

    def said(self) -> str:
        """Everything that its last build wrote."""
        return (self.folder / f"output-{self.started}").read_text()

    def states(self) -> dict[str, str]:
        """Each job's state after the last build."""
        text = self.said()
        document: dict[str, Any] = json.loads(text[text.index("{") :])
        return {job["id"]: job["state"] for each in document["stories"] for job in each["jobs"]}


@contextmanager
def machines(
    count: int, folder: Path, farm: Farm, gateway: RunningSimulator, jobs: int, settings: str = ""
) -> Iterator[list[Machine]]:
    """So many machines, which share a ledger and a gateway and nothing else."""
    shared = {"STORYBOARD_LEDGER": farm.address, "STORYBOARD_BASE_URL": gateway.url}
    made = [Machine(folder / f"machine-{n}", shared, jobs, settings) for n in range(count)]
    try:
        yield made
    finally:
        for machine in made:
            machine.signal(signal.SIGCONT)
            machine.kill()


def check_books(farm: Farm, gateway: RunningSimulator, jobs: int) -> None:
    """Every job was bought once, nothing paid is unknown, and the ledger is the gateway's book to the cent."""
    totals = gateway.totals()
    assert not totals.bought_twice and not totals.same_order
    assert sum(each.billed_tasks for each in totals.accounts.values()) == jobs
    rows = farm.sql("SELECT state, charged, may FROM storyboard.attempts WHERE state NOT IN ('withdrawn', 'failed')")
    assert [state for state, _, _ in rows] == ["done"] * jobs
    assert sum((Decimal(charged) for _, charged, _ in rows), Decimal(0)) == totals.paid
    check_sums(farm)
