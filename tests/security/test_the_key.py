"""The key goes to no gateway that only a project names, whatever the project's lock, store and plan say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storyboard.errors import AccessError
from storyboard.project.project import open_project
from storyboard.project.trust import check_gateway
from storyboard.providers.kirin.gateway import Kirin
from tests.support.cli import Cli
from tests.support.shop import KEY, STORY, Shop
from tests.support.stranger import StrangersGateway, compiled_jobs, forged_lock

WITH_KEY = {"STORYBOARD_API_KEY": KEY}


def hostile_project(cli: Cli, stranger: StrangersGateway, more: str = "") -> None:
    cli.write(
        "storyboard.toml", f'provider = "kirin"\nbase_url = "{stranger.url}"\nwait = 0.1\nfirst_poll = 0.05\n{more}'
    )
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
    "a running task": {"state": "submitted", "clip": None},
    "an open intent": {"state": "intent", "clip": None, "task": None},
    "a lost task": {"state": "lost", "clip": None},
    "a failed task": {"state": "failed", "clip": None},
    "the builtin gateway": {"base_url": "https://cloud.vtrix.ai"},
}


def test_no_command_contacts_a_gateway_named_by_a_provider_table(cli: Cli, stranger: StrangersGateway) -> None:
    cli.write(
        "storyboard.toml",
        f'provider = "kirin"\nwait = 0.1\nfirst_poll = 0.05\n[providers.kirin]\nbase_url = "{stranger.url}"\n',
    )
    cli.write("lanterns.story", STORY)
    codes = {command: cli(*command, env=WITH_KEY).code for command in COMMANDS}
    assert codes["build", "--yes"] == 5
    assert stranger.heard == []


@pytest.mark.parametrize("fields", LOCKS.values(), ids=list(LOCKS))
def test_no_command_contacts_an_untrusted_gateway(
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
def test_damaged_clip_does_not_contact_an_untrusted_gateway(
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


def test_terminal_is_asked_once_and_no_sends_nothing(cli: Cli, stranger: StrangersGateway) -> None:
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
def test_remembered_consent_is_validated(cli: Cli, stranger: StrangersGateway, remembered: str) -> None:
    hostile_project(cli, stranger)
    file = cli.home / "state" / "storyboard" / "trusted.json"
    file.parent.mkdir(parents=True)
    file.write_text(remembered.replace("ROOT", str(cli.folder)).replace("URL", stranger.url))
    assert cli("build", "--yes", env=WITH_KEY).code == 5
    assert stranger.heard == []


def test_consent_covers_one_project(cli: Cli, stranger: StrangersGateway, tmp_path: Path) -> None:
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
def test_misleading_address_is_refused(cli: Cli, stranger: StrangersGateway, address: str) -> None:
    host = stranger.url.removeprefix("http://")
    cli.write("storyboard.toml", f'provider = "kirin"\nbase_url = "{address.format(host=host)}"\n')
    cli.write("lanterns.story", STORY)
    done = cli("build", "--yes", env=WITH_KEY)
    assert done.code in {2, 5}, done
    assert stranger.heard == []


def test_nested_project_uses_its_own_consent(cli: Cli, stranger: StrangersGateway) -> None:
    """Two projects in one run: the outer one is the user's, the inner one a stranger's."""
    cli.write("storyboard.toml", 'provider = "kirin"\n')
    cli.write("inner/storyboard.toml", f'provider = "kirin"\nbase_url = "{stranger.url}"\n')
    cli.write("inner/lanterns.story", STORY)
    done = cli("build", "--yes", "inner/lanterns.story", env=WITH_KEY)
    assert done.code == 5
    assert stranger.heard == []


@pytest.mark.parametrize(
    "key",
    [
        "sk-secret\nInjected: yes",
        "sk-sécret",
        "“sk-secret”",
        "sk-secret sk-other",
        "sk-secret\x00",
        "sk-secret\x7f",
        "x" * 5000,
    ],
)
def test_text_that_cannot_be_a_key_is_neither_sent_nor_shown(shop: Shop, key: str) -> None:
    shop.key = ""
    if "\x00" in key:
        key = key.replace("\x00", "\x01")
    for command in (("build", "--yes"), ("plan",), ("resolve", "--same-account")):
        done = shop(*command, env={"STORYBOARD_API_KEY": key})
        assert done.code == 5, (command, done)
        assert "secret" not in done.out + done.err and "STORYBOARD_API_KEY" in done.err
    assert shop.requests == 0
    assert shop("build", "--provider", "animatic", env={"STORYBOARD_API_KEY": key}).code == 0


@pytest.mark.parametrize("how", ["flag", "environment", "project"])
def test_the_key_is_not_sent_without_encryption(cli: Cli, how: str) -> None:
    address = "http://gateway.example:8080"
    cli.write("storyboard.toml", 'provider = "kirin"\n' + (f'base_url = "{address}"\n' if how == "project" else ""))
    cli.write("lanterns.story", STORY)
    flags = ("--base-url", address) if how == "flag" else ()
    env = {**WITH_KEY, "STORYBOARD_BASE_URL": address if how == "environment" else ""}
    done = cli("build", "--yes", *flags, env=env)
    assert done.code == 5 and "not encrypted" in done.err


def test_the_users_own_configuration_may_allow_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    own = cli.home / "config" / "storyboard" / "config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('base_url = "http://gateway.invalid:8080"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(cli.home / "config"))
    project = open_project(cli.folder)
    check_gateway(project, Kirin("http://gateway.invalid:8080"))
    with pytest.raises(AccessError, match="not encrypted"):
        check_gateway(project, Kirin("http://other.invalid:8080"))
