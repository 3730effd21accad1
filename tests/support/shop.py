"""A person with a key, and a gateway on a real socket that sells for free."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from storyboard.simulator import account_of
from storyboard.simulator.server import RunningSimulator
from tests.support.cli import Cli, Done

KEY = "sk-simulated-0123456789"
STORY = """story "Lanterns"
  .model kirin_v3_t2v

scene street
shot wide 3s
  A street of lanterns at dusk.

shot walk 3s
  A courier walks through the crowd.

scene river
shot boats 4s
  Paper boats drift past.
"""
"""Two jobs: `street#1` of 6 s, 0.504 US dollars by the card, and `river#1` of 4 s, 0.336."""
TOGETHER = Decimal("0.84")
SETTINGS = 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\n'


@dataclass
class Shop:
    """Runs commands with the gateway's address and a key in the environment."""

    cli: Cli
    gateway: RunningSimulator
    key: str = KEY
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cli.write("storyboard.toml", SETTINGS)
        self.cli.write("lanterns.story", STORY)

    @property
    def env(self) -> dict[str, str]:
        """What the commands see."""
        key = {"STORYBOARD_API_KEY": self.key} if self.key else {}
        return {"STORYBOARD_BASE_URL": self.gateway.url, **key, **self.environment}

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
        """A command in this process."""
        return self.cli(*arguments, env={**self.env, **(env or {})})

    def process(self, *arguments: str) -> Done:
        """A command in a process of its own."""
        return self.cli.process(*arguments, env=self.env)

    def build(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """`build --json`, which must end so; each job's result by its id."""
        done = self("build", "--json", *arguments)
        assert done.code == code, (done.code, done.out, done.err)
        return {job["id"]: job for story in json.loads(done.out)["stories"] for job in story["jobs"]}

    def states(self, *arguments: str, code: int = 0) -> dict[str, str]:
        """Each job's state after a build."""
        return {name: job["state"] for name, job in self.build(*arguments, code=code).items()}

    def planned(self, *arguments: str) -> dict[str, str]:
        """Each job's state in a plan."""
        done = self("plan", "--json", *arguments)
        assert done.code == 0, (done.out, done.err)
        return {job["id"]: job["state"] for job in json.loads(done.out)["jobs"]}

    def behave(self, **behaviour: Any) -> None:
        """The gateway behaves otherwise from now on."""
        self.gateway.configure(replace(self.gateway.gateway.config, **behaviour))

    @property
    def paid(self) -> Decimal:
        """What the person's account has paid, by the gateway's own book."""
        return self.gateway.totals().of(account_of(self.key)).paid

    @property
    def posts(self) -> int:
        """How many submits came, of all accounts."""
        return sum(account.posts for account in self.gateway.totals().accounts.values())

    @property
    def requests(self) -> int:
        """How many requests of any kind came with a key."""
        return sum(sum(account.requests.values()) for account in self.gateway.totals().accounts.values())

    @property
    def lock(self) -> list[dict[str, Any]]:
        """The lock's blocks."""
        file = self.cli.folder / "lanterns.story.lock"
        return [json.loads(line) for line in file.read_text().splitlines()[1:]] if file.exists() else []

    @property
    def store(self) -> Path:
        """The person's store."""
        return self.cli.home / "store"

    def edit(self, old: str, new: str) -> None:
        """Changes the story's text."""
        file = self.cli.folder / "lanterns.story"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    def elsewhere(self, folder: Path, *names: str) -> Shop:
        """Another person with the same key and their own empty store, who has these files (else all but the build)."""
        for place in (folder / "work", folder / "home"):
            place.mkdir(parents=True)
        other = Shop(Cli(folder / "work", folder / "home"), self.gateway, self.key)
        for file in self.cli.folder.iterdir():
            if file.is_file() and (not names or file.name in names):
                shutil.copy(file, folder / "work")
        return other
