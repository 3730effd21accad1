from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storyboard.errors import ExitCode, UsageError
from storyboard.project.settings import KEYS, AnimaticSettings, Settings, load_settings

OWN_FOLDER = pytest.mark.posix("no variable says where the user's configuration is")
ALL_KEYS = """\
provider = "kirin"
base_url = "https://gateway.example/"
protocol = "queue"
store = "clips"
project = "lantern-7f3a"
clips = "s3://films/team/"
ledger = "postgresql://films.example/films"
standby = "synchronous"
concurrency = 3
attempts = 2
resend = "never"
wait = "0.5s"
first_poll = 3
task_life = "2h"
budget = "12.50 USD"
download_hosts = ["cdn.example"]
prices = {}
[lint]
ignore = []
[animatic]
width = 320
fps = 12
[variants.winter]
season = "snow"
"""


def settings(folder: Path, text: str = "", flags: dict[str, Any] | None = None, **environment: str) -> Settings:
    (folder / "storyboard.toml").write_text(text, encoding="utf-8")
    return load_settings(folder, flags or {}, {"XDG_CONFIG_HOME": str(folder / "config"), **environment})


def test_every_key_is_read(tmp_path: Path) -> None:
    read = settings(tmp_path, ALL_KEYS)
    assert read.provider == read.building == read.paying == "kirin"
    assert read.base_url == "https://gateway.example"
    assert read.protocol == "queue"
    assert read.store == tmp_path / "clips"
    assert (read.ledger, read.standby) == ("postgresql://films.example/films", "synchronous")
    assert (read.project, read.clips) == ("lantern-7f3a", "s3://films/team")
    assert (read.concurrency, read.attempts, read.resend) == (3, 2, "never")
    assert (read.wait, read.first_poll, read.task_life) == (0.5, 3.0, 7200.0)
    assert read.budget == Decimal("12.50")
    assert read.download_hosts == ("cdn.example",)
    assert read.animatic == AnimaticSettings(320, 12)
    assert read.prices == (("project", {}),)
    assert read.variants == {"winter": {"season": "snow"}}
    assert set(read.where) == {name for name, key in KEYS.items() if not key.personal} - {"providers"}
    assert set(read.where.values()) == {"project"}


def test_default_provider_is_animatic_for_build_and_kirin_for_plan(tmp_path: Path) -> None:
    read = load_settings(tmp_path, {}, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert (read.building, read.paying) == ("animatic", "kirin")
    assert read == Settings()


@OWN_FOLDER
def test_project_cannot_say_of_the_ledgers_standby_what_the_user_does_not(tmp_path: Path) -> None:
    """With `synchronous` a failover does not close the ledger; with `may-lose` it buys without a standby."""
    user = tmp_path / "config" / "storyboard" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('standby = "may-lose"\n')
    assert settings(tmp_path, 'standby = "may-lose"\n', {}).standby == "may-lose"
    with pytest.raises(UsageError, match=r'`standby` is "synchronous" here and "may-lose" in your own configuration'):
        settings(tmp_path, 'standby = "synchronous"\n', {})


@OWN_FOLDER
def test_flag_over_environment_over_project_over_user(tmp_path: Path) -> None:
    user = tmp_path / "config" / "storyboard" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('provider = "user"\nbase_url = "https://user"\nstore = "/user"\nattempts = 9\n')
    project = 'provider = "project"\nbase_url = "https://project"\nstore = "/project"\n'
    environment = {"STORYBOARD_PROVIDER": "environment", "STORYBOARD_BASE_URL": "https://environment"}
    read = settings(tmp_path, project, {"provider": "flag", "store": None}, **environment)
    assert (read.provider, read.base_url, read.store, read.attempts) == (
        "flag",
        "https://environment",
        Path("/project"),
        9,
    )
    assert read.where == {"provider": "flag", "base_url": "environment", "store": "project", "attempts": "user"}


def test_provider_table_applies_only_to_that_provider(tmp_path: Path) -> None:
    text = 'base_url = "https://all"\n[providers.kirin]\nbase_url = "https://kirin"\nprotocol = "queue"\n'
    nobody, kirin = settings(tmp_path, text), settings(tmp_path, 'provider = "kirin"\n' + text)
    assert nobody.base_url == kirin.base_url == "https://kirin"
    assert kirin.protocol == "queue"
    assert kirin.where["base_url"] == "project"
    other = settings(tmp_path, text, {"provider": "prose"})
    assert (other.base_url, other.protocol) == ("https://all", "generation")
    named = settings(tmp_path, text, {"base_url": "https://flag"})
    assert (named.base_url, named.where["base_url"]) == ("https://flag", "flag")


@OWN_FOLDER
def test_plug_in_receives_its_options(tmp_path: Path) -> None:
    user = tmp_path / "config" / "storyboard" / "config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[providers.prose]\nbase_url = "https://prose"\nregion = "north"\nink = "black"\n')
    read = settings(tmp_path, 'provider = "prose"\n[providers.prose]\nink = "blue"\n')
    assert read.base_url == "https://prose"
    assert read.options == {"region": "north", "ink": "blue"}
    assert read.where["base_url"] == "project", "an option may lead the key elsewhere, so the project is asked about"


def test_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    assert settings(tmp_path, STORYBOARD_PROVIDER="").provider is None


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("\nconcurency = 3", "storyboard.toml:2: there is no setting `concurency`", "did you mean `concurrency`?"),
        (
            "[animatic]\nwait = 3",
            "storyboard.toml:1: `animatic` has no `wait`; this setting belongs to the project",
            None,
        ),
        ("[quux]", "storyboard.toml:1: there is no setting `quux`", "the settings are: animatic"),
        ("concurrency = 0", "`concurrency` must be a whole number from 1 to 10,000", None),
        ("concurrency = true", "`concurrency` must be a whole number from 1 to 10,000", None),
        ('protocol = "rest"', '`protocol` takes "generation" or "queue"', None),
        ('base_url = "gateway"', "`base_url` must be an address", None),
        ("budget = nan", "`budget` takes US dollars", None),
        ("budget = -1", "`budget` takes US dollars", None),
        ("budget = 1e-999999999", "`budget` takes US dollars", None),
        ("wait = " + "9" * 400, "`wait` takes seconds", None),
        ("concurrency = 1000000000", "`concurrency` must be a whole number from 1 to 10,000", None),
        ("budget = 1e999999", "`budget` takes US dollars", None),
        ('wait = "soon"', "`wait` takes seconds", None),
        ("[animatic]\nwidth = 321", "`animatic` `width` must be an even number", None),
        ("[animatic]\nwitdh = 320", "`animatic` has no `witdh`; did you mean `width`?", None),
        ('[lint]\nignore = ["SB9"]', "`lint` `ignore` knows no `SB9`", None),
        ("lint = 3", "`lint` must be a table", None),
        ("providers = 3", "`providers` must be a table per provider", None),
        (
            "[providers.kirin]\nprotocl = 3",
            "storyboard.toml:1: `providers` `kirin` has no `protocl`; did you mean",
            None,
        ),
        ('[providers.kirin]\nbase_url = "x"', "`providers` `kirin` `base_url` must be an address", None),
        ('[providers.prose]\nbase_url = "x"', "`providers` `prose` `base_url` must be an address", None),
        ('\nprivate_key = "~/.ssh/id"', "storyboard.toml:2: a project cannot set `private_key`", "remove it; your own"),
        ('certificate = "a.pem"', "storyboard.toml:1: a project cannot set `certificate`", "remove it; your own"),
        ("private_key = 3", "storyboard.toml:1: a project cannot set `private_key`", "remove it; your own"),
        ("wait = ", "storyboard.toml is not TOML", None),
        ("a = " + "[" * 100_000, "storyboard.toml is not TOML", None),
    ],
)
def test_unknown_key_is_reported_with_its_place(tmp_path: Path, text: str, message: str, help_: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, text)
    assert message in caught.value.message
    assert (caught.value.help or "").startswith(help_ or "")
    assert caught.value.exit_code is ExitCode.USAGE


def test_configuration_that_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / "storyboard.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path, {}, {})
