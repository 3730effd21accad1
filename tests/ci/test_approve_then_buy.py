"""The scripts of `ci/`, run as a forge runs them: a local git server, a simulated gateway, and no key but for the
purchase."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from tests.support.cli import Cli, Done
from tests.support.shop import SETTINGS, STORY, TOGETHER, Shop
from tests.support.waiting import PATIENCE

CI = Path(__file__).parents[2] / "ci"
IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *words: str) -> str:
    """What git says."""
    command = ["git", "-C", str(folder), *IDENTITY, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Forge:
    """A git server with a film whose branch `dawn` changes one shot, and a gateway."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.folder = folder
        self.server = folder / "server.git"
        folder.mkdir()
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.server))
        self.author = self.clone("author", branch=None)
        (self.author / "film").mkdir()
        (self.author / "film" / "storyboard.toml").write_text(SETTINGS)
        (self.author / "film" / "lanterns.story").write_text(STORY)
        self.push("main")
        git(self.author, "checkout", "-q", "-b", "dawn")
        self.edit("dusk", "dawn")

    def clone(self, name: str, branch: str | None = "dawn") -> Path:
        """A checkout of its own."""
        words = ["--branch", branch] if branch else []
        git(self.folder, "clone", "-q", *words, str(self.server), name)
        return self.folder / name

    def edit(self, old: str, new: str) -> None:
        """Pushes another version of the story to the branch."""
        story = self.author / "film" / "lanterns.story"
        assert old in story.read_text()
        story.write_text(story.read_text().replace(old, new))
        self.push("dawn")

    def push(self, branch: str) -> None:
        """Commits everything and pushes it."""
        git(self.author, "add", "-A")
        git(self.author, "commit", "-q", "-m", "A version")
        git(self.author, "push", "-q", "origin", f"HEAD:{branch}")

    def run(self, checkout: Path, script: str, *words: str, key: bool = False, **more: str) -> Done:
        """A script in the film's folder of a checkout, on a machine of its own."""
        (home := self.folder / f"{checkout.name}-home").mkdir(exist_ok=True)
        env = Cli(checkout, home).environment | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "STORYBOARD_BASE_URL": self.shop.gateway.url,
            **({"STORYBOARD_API_KEY": self.shop.key} if key else {}),
            **more,
        }
        command = ["sh", str(CI / script), *words]
        done = subprocess.run(
            command, cwd=checkout / "film", env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def plan(self) -> Path:
        """The job that plans; the folder that it leaves."""
        checkout, out = self.clone("planning"), self.folder / "out"
        done = self.run(checkout, "plan.sh", str(out), git(checkout, "merge-base", "origin/main", "HEAD").strip())
        assert done.code == 0, done.err
        return out

    def buy(self, out: Path, max_cost: str = "2", checkout: Path | None = None) -> Done:
        """The job that buys."""
        checkout = checkout or self.clone("buying")
        base = git(checkout, "merge-base", "origin/main", "HEAD").strip()
        return self.run(checkout, "buy.sh", str(out), max_cost, "dawn", base, key=True)

    def pushed(self) -> list[str]:
        """The files of the branch on the server."""
        return git(self.server, "ls-tree", "-r", "--name-only", "dawn").split()


@pytest.fixture
def forge(cli: Cli, tmp_path: Path) -> Iterator[Forge]:
    """Tasks of its gateway end at once."""
    with serve(SimulatorConfig(take=0.05)) as gateway:
        yield Forge(Shop(cli, gateway), tmp_path / "forge")


def test_approved_plan_is_bought_once_and_the_lock_is_pushed(forge: Forge) -> None:
    out = forge.plan()
    assert forge.shop.requests == 0, "a plan asks the gateway nothing"
    assert "| because of this change | 1 | 6 s | $0.50 |" in (out / "comment.md").read_text()
    assert (out / "jobs-to-buy").read_text() == "2\n"
    done = forge.buy(out)
    assert done.code == 0, done.err
    assert forge.shop.paid == TOGETHER and forge.shop.posts == 2
    assert (out / "comment.md").read_text() == (
        "<!-- storyboard bought -->\n### Paid $0.84\n\n- `lanterns.story`: 2 built\n"
    )
    assert "film/lanterns.story.lock" in forge.pushed()
    assert forge.shop.key not in git(forge.server, "log", "-p", "dawn")
    again = forge.buy(out, checkout=forge.clone("again"))
    assert again.code == 4 and forge.shop.posts == 2, "an approval holds once"


def test_a_story_that_changed_since_is_planned_again_and_nothing_is_bought(forge: Forge) -> None:
    out = forge.plan()
    forge.edit("Paper boats", "Paper junks")
    done = forge.buy(out)
    assert done.code == 4 and "something changed since this plan was made" in done.err
    assert forge.shop.posts == 0
    assert "Paper <del>boats</del><ins>junks</ins>" in (out / "comment.md").read_text()


def test_a_cap_below_the_plan_buys_nothing_of_it(forge: Forge) -> None:
    done = forge.buy(forge.plan(), "0.10")
    assert done.code == 4 and forge.shop.posts == 0


def test_the_lock_reaches_a_branch_that_moved_meanwhile(forge: Forge) -> None:
    out, checkout = forge.plan(), forge.clone("buying")
    (forge.author / "README.md").write_text("A film.\n")
    forge.push("dawn")
    done = forge.buy(out, checkout=checkout)
    assert done.code == 0, done.err
    assert {"README.md", "film/lanterns.story.lock"} <= set(forge.pushed())


def test_lock_that_cannot_be_pushed_is_kept_and_reported(forge: Forge) -> None:
    out, checkout = forge.plan(), forge.clone("buying")
    hook = forge.server / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    done = forge.buy(out, checkout=checkout)
    assert done.code == 1 and "Commit them: they say what was bought" in done.err
    kept = json.loads((out / "locks" / "lanterns.story.lock").read_text().splitlines()[1])
    assert kept["task"]
    assert forge.shop.paid == TOGETHER


def test_without_the_key_nothing_is_sent(forge: Forge) -> None:
    out, checkout = forge.plan(), forge.clone("fork")
    done = forge.run(checkout, "buy.sh", str(out), "2", "dawn", "HEAD")
    assert done.code == 5 and forge.shop.requests == 0


def test_errors_are_commented_and_leave_no_plan_to_approve(forge: Forge) -> None:
    forge.edit("shot wide 3s", "shot wide")
    checkout, out = forge.clone("planning"), forge.folder / "out"
    assert forge.run(checkout, "plan.sh", str(out), "origin/main").code == 1
    assert "nothing can be planned" in (out / "comment.md").read_text()
    assert not (out / "plan.json").exists()
    checked = forge.run(checkout, "check.sh", GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(checkout))
    assert checked.code == 1 and "::error file=film/lanterns.story,line=5," in checked.out


def test_an_unformatted_story_fails_the_check_with_its_diff(forge: Forge) -> None:
    forge.edit("  A courier", "      A courier")
    done = forge.run(forge.clone("checking"), "check.sh")
    assert done.code == 1 and "+  A courier walks" in done.out


def test_a_changed_prompt_fails_the_check_against_a_snapshot(forge: Forge) -> None:
    checkout = forge.clone("checking")
    author = Cli(checkout / "film", forge.shop.cli.home)
    assert author("fmt").code == 0 and author("compile", "--out", "jobs.json").code == 0
    same = forge.run(checkout, "check.sh", STORYBOARD_SNAPSHOT="jobs.json")
    assert same.code == 0, same.out + same.err
    story = checkout / "film" / "lanterns.story"
    story.write_text(story.read_text().replace("boats", "junks"))
    assert forge.run(checkout, "check.sh", STORYBOARD_SNAPSHOT="jobs.json").code == 1
