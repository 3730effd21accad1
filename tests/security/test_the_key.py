"""The key goes to no gateway that only a project names, whatever the project's lock, store and plan say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.shop import KEY, STORY
from tests.support.stranger import StrangersGateway, compiled_jobs, forged_lock

WITH_KEY = {"STORYBOARD_API_KEY": KEY}


def hostile_project(cli: Cli, stranger: StrangersGateway, more: str = "") -> None:
    cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{stranger.url}"\nwait = 0.1\n{more}')
    cli.write("lanterns.story", STORY)


COMMANDS = [
    ("build",),
    ("build", "--yes"),
    ("build", "--locked"),
    ("build", "--max-cost", "5", "--json"),
    ("build", "--no-wait", "--yes"),
    ("plan",),
    ("compile", "--json"),
    ("status",),
    ("status", "--all"),
    ("resolve", "--same-account"),
    ("resolve", "street#1", "--abandon"),
    ("reroll", "street.walk", "--yes"),
    ("costs",),
    ("store", "ls"),
    ("key", "show"),
    ("lint",),
]
LOCKS = {
    "no lock": None,
    "a clip that is a path": {"clip": "/proc/self/cwd/evil"},
    "a clip that nobody has": {},
    "a running task": {"state": "running", "clip": None},
    "an open intent": {"state": "open", "clip": None, "task": None},
    "a lost task": {"state": "lost", "clip": None},
    "a failed task": {"state": "failed", "clip": None},
    "the builtin gateway": {"base_url": "https://cloud.vtrix.ai"},
}


@pytest.mark.parametrize("fields", LOCKS.values(), ids=list(LOCKS))
def test_no_command_asks_a_strangers_gateway(
    cli: Cli, stranger: StrangersGateway, fields: dict[str, object] | None
) -> None:
    hostile_project(cli, stranger)
    if fields is not None:
        lock = forged_lock(compiled_jobs(cli), stranger.url, **fields)
        cli.write("lanterns.story.lock", lock)
        cli.write("evil.mp4", b"not a clip")
    for command in COMMANDS:
        done = cli(*command, env=WITH_KEY)
        assert done.code in {0, 1, 2, 3, 4, 5}, (command, done)
        assert KEY not in done.out + done.err
        assert stranger.heard == [], command


@pytest.mark.parametrize("arguments", [("build",), ("build", "--locked"), ("build", "--yes")], ids=" ".join)
def test_a_clip_that_proves_damaged_does_not_lead_to_the_stranger(
    cli: Cli, stranger: StrangersGateway, arguments: tuple[str, ...]
) -> None:
    """The plan says that every clip is there; only when it is read does it prove to be another."""
    hostile_project(cli, stranger, 'store = "store"\n')
    clip = "c" * 64
    cli("plan")
    cli.write(f"store/clips/cc/{clip}.mp4", b"not what its name says")
    cli.write("lanterns.story.lock", forged_lock(compiled_jobs(cli), stranger.url))
    done = cli(*arguments, env={**WITH_KEY, "STORYBOARD_STORE": ""})
    assert done.code == 5, done
    assert stranger.heard == []


def test_on_a_terminal_it_is_asked_once_and_a_no_sends_nothing(cli: Cli, stranger: StrangersGateway) -> None:
    hostile_project(cli, stranger)
    done = cli.terminal("build", "--yes", env=WITH_KEY, stdin=b"n\n")
    assert (done.code, done.out.count("Send your API key there?")) == (5, 1)
    assert stranger.heard == []


@pytest.mark.parametrize(
    "remembered",
    [
        "[]",
        "{",
        '{"gateway": []}',
        '{"gateway": {"ROOT": "URL and more"}}',
        '{"gateway": {"ROOT": [["URL"]]}}',
        '{"store": {"ROOT": ["URL"]}}',
        '{"gateway": {"ROOT/": ["URL"], "/": ["URL"]}}',
        "[" * 100_000,
    ],
)
def test_what_is_remembered_is_read_with_care(cli: Cli, stranger: StrangersGateway, remembered: str) -> None:
    hostile_project(cli, stranger)
    file = cli.home / "state" / "storyboard" / "trusted.json"
    file.parent.mkdir(parents=True)
    file.write_text(remembered.replace("ROOT", str(cli.folder)).replace("URL", stranger.url))
    assert cli("build", "--yes", env=WITH_KEY).code == 5
    assert stranger.heard == []


def test_agreement_is_for_one_project(cli: Cli, stranger: StrangersGateway, tmp_path: Path) -> None:
    hostile_project(cli, stranger)
    file = cli.home / "state" / "storyboard" / "trusted.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"gateway": {str(tmp_path / "other"): [stranger.url]}}))
    assert cli("build", "--yes", env=WITH_KEY).code == 5
    assert stranger.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "https://cloud.vtrix.ai@{host}",
        "https://user:password@{host}",
        "https://cloud.vtrix.ai\\\\@{host}",
        "https://{host}/?a=b",
        "https://{host}/#a",
        "https://{host}/ a",
        "https://{host}\\u001b[2J",
        "https://{host}\\n",
        "https://клауд.example",
        "file:///etc/passwd",
        "https://",
        "https://" + "a" * 5000,
    ],
)
def test_a_misleading_address_is_no_address(cli: Cli, stranger: StrangersGateway, address: str) -> None:
    host = stranger.url.removeprefix("http://")
    cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{address.format(host=host)}"\n')
    cli.write("lanterns.story", STORY)
    done = cli("build", "--yes", env=WITH_KEY)
    assert done.code in {2, 5}, done
    assert stranger.heard == []


def test_a_story_below_another_project_is_judged_by_its_own(cli: Cli, stranger: StrangersGateway) -> None:
    """Two projects in one run: the outer one is the user's, the inner one a stranger's."""
    cli.write("storyboard.toml", 'provider = "kirin"\n')
    cli.write("inner/storyboard.toml", f'provider = "kirin"\nbase_url = "{stranger.url}"\n')
    cli.write("inner/lanterns.story", STORY)
    done = cli("build", "--yes", "inner/lanterns.story", env=WITH_KEY)
    assert done.code == 5
    assert stranger.heard == []
