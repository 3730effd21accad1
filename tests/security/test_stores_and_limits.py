"""A ledger that comes with a project does not count the user's money, and a project loosens no limit of its user."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storyboard.errors import StoreError
from storyboard.project.settings import KEYS, Settings, load_settings
from storyboard.store import LocalStore
from tests.support.cli import Cli
from tests.support.shop import Shop

OWN_STORE = {"STORYBOARD_STORE": ""}
TRIGGERS = """
CREATE TRIGGER free_insert AFTER INSERT ON attempts BEGIN
  UPDATE attempts SET counted = 0 WHERE external_id = NEW.external_id; END;
CREATE TRIGGER free_update AFTER UPDATE OF state ON attempts BEGIN
  UPDATE attempts SET counted = 0 WHERE external_id = NEW.external_id; END;
"""


def shipped_store(shop: Shop, more: str = "") -> Path:
    """A store that lies in the repository, as a stranger made it."""
    folder = shop.cli.folder / "store"
    LocalStore(folder).close()
    with closing(sqlite3.connect(folder / "ledger.sqlite3", isolation_level=None)) as ledger:
        ledger.executescript(more)
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\nstore = "store"\n')
    shop.environment.update(OWN_STORE)
    return folder


SCHEMAS = {
    "triggers": TRIGGERS,
    "a view": "CREATE VIEW spent AS SELECT 0",
    "a view in a table's place": "ALTER TABLE known RENAME TO k; CREATE VIEW known AS SELECT * FROM k",
    "another table": "CREATE TABLE more (a)",
    "another index": "CREATE INDEX more ON attempts (task)",
    "a table less": "DROP TABLE known",
    "an index less": "DROP INDEX attempts_by_run",
    "another column": "ALTER TABLE known ADD COLUMN more TEXT DEFAULT 'x'",
    "a virtual table": "CREATE VIRTUAL TABLE words USING fts5(a)",
    "another form": "PRAGMA user_version = 99",
    "a negative form": "PRAGMA user_version = -1",
    "no form": "PRAGMA user_version = 0",
}


@pytest.mark.parametrize("change", SCHEMAS.values(), ids=list(SCHEMAS))
@pytest.mark.parametrize("agreed", [False, True], ids=["not agreed to", "agreed to"])
def test_a_ledger_with_a_schema_of_its_own_is_refused(shop: Shop, change: str, agreed: bool) -> None:
    folder = shipped_store(shop, change)
    if agreed:
        shop.environment["STORYBOARD_STORE"] = str(folder)
    for command in (("build", "--max-cost", "0.30"), ("build", "--yes"), ("plan",), ("costs",), ("status",)):
        done = shop(*command)
        assert done.code in {3, 5}, (command, done)
    assert shop.posts == 0


def test_ledger_of_a_project_is_asked_about_before_buying(shop: Shop) -> None:
    folder = shipped_store(shop)
    for command in (("build", "--max-cost", "0.30"), ("build", "--yes"), ("reroll", "street.walk", "--yes")):
        done = shop(*command)
        assert done.code == 5 and str(folder) in done.err, (command, done)
        assert "STORYBOARD_STORE" in done.err
    assert shop.posts == 0
    done = shop.cli.terminal("build", "--yes", env=shop.env, stdin=b"y\n")
    assert (done.code, done.out.count("Keep your purchases there")) == (0, 1)
    shop.edit("boats", "junks")
    assert shop("build", "--yes").code == 0, "it was agreed to, once for all"


def test_ledger_of_a_project_needs_no_question_without_buying(shop: Shop) -> None:
    shipped_store(shop)
    for command in (("plan",), ("build", "--provider", "animatic"), ("costs",), ("status",), ("lint",)):
        assert shop(*command).code == 0, command
    assert shop("build", "--locked").code in {3, 4}


def test_store_created_here_is_trusted(shop: Shop) -> None:
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\nstore = "store"\n')
    shop.environment.update(OWN_STORE)
    assert shop("build", "--yes").code == 0
    assert shop("build", "--locked").code == 0


def test_a_clone_builds_locked_from_a_store_in_the_project(shop: Shop, tmp_path: Path) -> None:
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\nstore = "store"\n')
    shop.environment.update(OWN_STORE)
    assert shop("build", "--yes").code == 0
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Cli(shop.cli.folder, tmp_path / "elsewhere")
    done = elsewhere("build", "--locked", env={**shop.env, **OWN_STORE})
    assert done.code == 0, done


@pytest.mark.parametrize("named", ["HOME/documents", "HOME/new", "../outside", "/proc/self", "HOME"])
def test_no_store_is_created_outside_the_project_without_asking(shop: Shop, named: str) -> None:
    (shop.cli.home / "documents").mkdir()
    named = named.replace("HOME", str(shop.cli.home))
    shop.cli.write("storyboard.toml", f'provider = "kirin"\nstore = "{named}"\n')
    shop.environment.update(OWN_STORE)
    for command in (("plan",), ("build", "--provider", "animatic"), ("build", "--yes"), ("store", "gc")):
        assert shop(*command).code in {3, 5}, command
    assert not list((shop.cli.home / "documents").iterdir())
    assert not (shop.cli.home / "new").exists() and not (shop.cli.folder.parent / "outside").exists()


@pytest.mark.parametrize("part", ["clips", "damaged", "scratch", "claims", "locks", "ledger.sqlite3", "clips/cc"])
def test_store_with_links_is_not_used_without_asking(shop: Shop, part: str) -> None:
    folder = shipped_store(shop)
    documents = shop.cli.home / "documents"
    documents.mkdir()
    link = folder / part
    if link.is_dir():
        link.rmdir()
    link.unlink(missing_ok=True)
    link.symlink_to(documents)
    for command in (("plan",), ("build", "--provider", "animatic"), ("build", "--yes"), ("store", "verify")):
        assert shop(*command).code in {3, 5}, command
    assert not list(documents.iterdir())


ROWS = [
    ("clip", "../../wedding"),
    ("clip", "C" * 64),
    ("key", "\x1b[2J"),
    ("number", -1),
    ("number", "x"),
    ("state", "flying"),
    ("addresses", "7"),
    ("addresses", "[7]"),
    ("addresses", "[" * 100_000),
    ("seconds", 1e300),
    ("opened_at", -1.0),
    ("opened_at", "soon"),
    ("reserved", "NaN"),
    ("reserved", "1e999999999"),
    ("charged", "-1"),
    ("charged", b"\x00"),
    ("error", "[]"),
    ("error", '[null, 7, "x"]'),
    ("task", "a\nb"),
    ("account", "x" * 10_000),
    ("project", "a\x00b"),
    ("base_url", "file:///etc"),
]


@pytest.mark.parametrize(("column", "value"), ROWS, ids=lambda value: repr(value)[:20])
def test_malformed_row_is_damage(shop: Shop, column: str, value: object) -> None:
    shop.build("--yes")
    with closing(sqlite3.connect(shop.store / "ledger.sqlite3", isolation_level=None)) as ledger:
        ledger.execute(f"UPDATE attempts SET {column} = ?", (value,))
    posts = shop.posts
    for command in (("build", "--yes"), ("plan",), ("costs",), ("status", "--all"), ("store", "ls"), ("store", "gc")):
        done = shop(*command)
        assert done.code in {0, 2, 3, 4, 5}, (command, done)
        assert "\x1b" not in done.out + done.err
    assert shop.posts == posts, "a damaged row is no reason to pay"


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("facts", "UPDATE facts SET value = 10000000000 WHERE name = 'salt'"),
        ("facts", "UPDATE facts SET value = 'text' WHERE name = 'salt'"),
        ("known", "UPDATE known SET longest = 9e999"),
        ("known", "UPDATE known SET longest = -1"),
        ("known", "UPDATE known SET lookup = 'flying'"),
        ("known", "UPDATE known SET unique_ids = 'yes'"),
    ],
)
def test_malformed_row_of_another_table_is_damage(shop: Shop, table: str, change: str) -> None:
    shop.build("--yes")
    with closing(sqlite3.connect(shop.store / "ledger.sqlite3", isolation_level=None)) as ledger:
        ledger.execute(change)
    shop.edit("boats", "junks")
    posts = shop.posts
    done = shop("build", "--yes")
    assert done.code == 3 and table in done.err, done
    assert shop.posts == posts


def test_negative_spending_in_a_lock_gives_no_room(shop: Shop) -> None:
    shop.build("--yes")
    with closing(sqlite3.connect(shop.store / "ledger.sqlite3", isolation_level=None)) as ledger:
        ledger.execute("UPDATE attempts SET counted = -1000000000000")
    shop.cli.write("storyboard.toml", 'provider = "kirin"\nwait = 0.5\nfirst_poll = 0.05\nbudget = 0.10\n')
    shop.edit("boats", "junks")
    posts = shop.posts
    assert shop("build", "--yes").code == 4
    assert shop.posts == posts


@pytest.mark.parametrize("clips", [["../x"], [7], "abc", 7, None, [["a"]]])
def test_record_of_a_lock_names_only_clips(shop: Shop, clips: object) -> None:
    import json

    shop.build("--yes")
    for note in (shop.store / "locks").iterdir():
        note.write_text(json.dumps({"lock": "/x", "clips": clips}))
    assert shop("store", "gc").code == 3


def test_ledger_that_is_not_a_file_is_refused(tmp_path: Path) -> None:
    import os

    (tmp_path / "store").mkdir()
    os.mkfifo(tmp_path / "store" / "ledger.sqlite3")
    with pytest.raises(StoreError):
        LocalStore(tmp_path / "store")


def settings(tmp_path: Path, own: str, project: str) -> Settings:
    user = tmp_path / "config" / "storyboard" / "config.toml"
    user.parent.mkdir(parents=True, exist_ok=True)
    user.write_text(own)
    (tmp_path / "storyboard.toml").write_text(project)
    return load_settings(tmp_path, {}, {"XDG_CONFIG_HOME": str(tmp_path / "config")})


@pytest.mark.parametrize(
    ("name", "strict", "loose"),
    [
        ("wait", "60", "0"),
        ("wait", '"2h"', "1"),
        ("resend", '"never"', '"auto"'),
        ("attempts", "1", "100"),
        ("concurrency", "2", "500"),
        ("first_poll", "30", "0"),
        ("task_life", "60", "999999"),
        ("download_hosts", '["cdn.example.com"]', '["example.com"]'),
        ("download_hosts", '["cdn.example.com"]', "[]"),
        ("download_hosts", '["cdn.example.com"]', '["evil.example", "cdn.example.com"]'),
    ],
)
def test_stricter_of_two_limits_counts(tmp_path: Path, name: str, strict: str, loose: str) -> None:
    alone = getattr(settings(tmp_path, f"{name} = {strict}\n", ""), name)
    for own, project in ((strict, loose), (loose, strict)):
        assert getattr(settings(tmp_path, f"{name} = {own}\n", f"{name} = {project}\n"), name) == alone


@pytest.mark.parametrize(("own", "project"), [("5", "1000"), ("1000", "5")])
def test_personal_and_project_budget_both_apply(tmp_path: Path, own: str, project: str) -> None:
    found = settings(tmp_path, f"budget = {own}\n", f"budget = {project}\n")
    assert str(found.own_budget) == own
    assert min(each for each in (found.own_budget, found.budget) if each is not None) == 5


def test_disjoint_host_lists_are_a_mistake(tmp_path: Path) -> None:
    from storyboard.errors import UsageError

    with pytest.raises(UsageError, match="no host in common"):
        settings(tmp_path, 'download_hosts = ["a.example"]\n', 'download_hosts = ["b.example"]\n')


def test_every_limiting_setting_defines_which_value_is_stricter() -> None:
    limits = {name for name, key in KEYS.items() if key.stricter is not None}
    asked = {name for name, key in KEYS.items() if key.asks}
    assert limits == {
        "concurrency",
        "attempts",
        "resend",
        "wait",
        "first_poll",
        "task_life",
        "budget",
        "download_hosts",
        "standby",
    }
    assert asked == {"base_url", "clips", "ledger", "providers", "store"}
    personal = {name for name, key in KEYS.items() if key.personal}
    assert personal == {"certificate", "private_key", "unique_ids"}
    free = {"animatic", "lint", "prices", "project", "protocol", "provider", "variants"}
    assert set(KEYS) - limits - asked - personal == free
