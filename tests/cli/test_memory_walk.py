"""Whatever is done to a project, in whatever order: who remembers says the same as who remembers nothing."""

from __future__ import annotations

import gc
import random
import shutil
import time
from collections.abc import Iterator

import pytest

from storyboard.cli import replay
from storyboard.cli.main import run
from storyboard.cli.output_cache import Memory
from storyboard.files.writing import remove
from tests.cli.test_replay import APART, LIBRARY, OTHER, STORY
from tests.support.cli import SMALL_ANIMATIC, Cli, Done
from tests.support.shop import Shop

ASKED = (
    "lint",
    "lint --json",
    "plan",
    "plan --json",
    "plan --provider animatic",
    "build --dry-run",
    "plan a.story b.story",
)
PAID = ("lint", "plan", "plan --json", "plan a.story", "build --dry-run --provider kirin", "plan --provider animatic")
STEPS = 25


class Walker:
    """Does things to a project by chance, the same things for the same seed."""

    def __init__(self, cli: Cli, seed: int) -> None:
        self.cli = cli
        self.chance = random.Random(seed)
        self.short = self.recalled = 0
        self.env = {"STORYBOARD_API_KEY": "k"}
        self.begin()

    def begin(self) -> None:
        """Stories without a mistake."""
        self.write("storyboard.toml", SMALL_ANIMATIC)
        self.write("house.story", LIBRARY)
        self.write("a.story", STORY)
        self.write("b.story", OTHER)
        self.write("c.story", OTHER.replace("kite", "fox"))

    def write(self, name: str, text: str) -> None:
        self.cli.write(name, text)

    def step(self) -> None:
        """One thing a person may do."""
        self.chance.choice(
            [*[self.edit] * 4, self.edit_library, self.settings, self.lock, self.come_or_go, self.build]
        )()

    def edit(self) -> None:
        name, text = self.chance.choice([("a", STORY), ("b", OTHER), ("c", OTHER)])
        word = self.chance.choice(["boat", "kite", "fox", "{{ nobody }}", "{{ sea }}"])
        self.write(f"{name}.story", text.replace("boat", word).replace("kite", word))

    def edit_library(self) -> None:
        self.write("house.story", LIBRARY.replace("grey", self.chance.choice(["blue", "grey", "{{ house }}"])))

    def settings(self) -> None:
        self.write(
            "storyboard.toml", SMALL_ANIMATIC + self.chance.choice(["", "[lint]\nignore = ['SB103']\n", "# nothing\n"])
        )

    def lock(self) -> None:
        path = self.cli.folder / self.chance.choice(["a.story.lock", "c.story.lock"])
        if path.exists():
            path.unlink()
        else:
            self.write(path.name, '{"version": 2}\n')

    def come_or_go(self) -> None:
        path = self.cli.folder / "d.story"
        if path.exists():
            path.unlink()
        else:
            self.write("d.story", STORY.replace("boat", "raft"))

    def build(self) -> None:
        self.say("build")
        clips = sorted((self.cli.home / "store" / "clips").rglob("*.mp4"))
        if clips and self.chance.random() < 0.5:
            remove(self.chance.choice(clips))

    def say(self, command: str) -> Done:
        """As the entry point does."""
        gc.collect()
        time.sleep(APART)

        def entry() -> int:
            code = replay.answer(command.split())
            self.short += code is not None
            self.recalled += len(Memory().recalled)
            return run(command.split()) if code is None else code

        return self.cli.through(entry, env=self.env)


@pytest.fixture
def kept() -> Iterator[None]:
    gc.freeze()
    yield
    gc.unfreeze()


class Buyer(Walker):
    """Has a gateway and a key too."""

    def __init__(self, shop: Shop, seed: int) -> None:
        super().__init__(shop.cli, seed)
        (shop.cli.folder / "lanterns.story").unlink()
        self.env = shop.env

    def step(self) -> None:
        self.chance.choice([super().step, self.buy, self.budget])()

    def buy(self) -> None:
        name = self.chance.choice("abc")
        self.say(f"build --provider kirin --yes {name}.story")
        if self.chance.random() < 0.3:
            self.say(f"reroll {'main.s' if name != 'a' else 'main.t'} {name}.story --yes")

    def budget(self) -> None:
        self.write(
            "storyboard.toml",
            f"{SMALL_ANIMATIC}\nwait = 0.5\nfirst_poll = 0.05\nbudget = {self.chance.choice([1, 2, 5])}\n",
        )


def compare(walker: Walker, steps: int, asked: tuple[str, ...]) -> None:
    """After each thing, what is said with and without memory."""
    cache = walker.cli.home / ".cache"
    for step in range(steps):
        walker.step()
        command = walker.chance.choice(asked)
        told = walker.say(command)
        aside = cache.rename(cache.with_name("aside")) if cache.exists() else None
        assert walker.say(command) == told, (step, command)
        shutil.rmtree(cache, ignore_errors=True)
        if aside is not None:
            aside.rename(cache)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("seed", range(3))
def test_cache_never_changes_the_output(cli: Cli, seed: int) -> None:
    walker = Walker(cli, seed)
    compare(walker, STEPS, ASKED)
    walker.begin()
    for command in ASKED:
        for _ in range(3):
            walker.say(command)
    assert walker.short >= len(ASKED)
    assert walker.recalled


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("seed", range(2))
def test_cache_never_changes_the_output_about_money(shop: Shop, seed: int) -> None:
    compare(Buyer(shop, seed), STEPS, PAID)
