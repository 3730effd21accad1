"""Whatever lies in a project's folder: no command changes a file elsewhere, sends the key, spends, hangs or crashes.

A hypothesis search over folders that nobody would make by hand: links, pipes and devices, names that are no text,
forged locks, manifests, settings, cards and ledgers. The short run is part of every test run; the long one is
`pytest -m long tests/security/test_hostile_folders.py`, and its figures stand in `docs/security.md`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import storyboard.cards
from storyboard.store import LocalStore
from tests.support.cli import Cli
from tests.support.shop import KEY
from tests.support.stranger import StrangersGateway, compiled_jobs, forged_lock, snapshot, strangers_gateway
from tests.support.waiting import PATIENCE

SECRET = "hunter2-the-password"
MEGABYTES = 300
LARGEST = [0.0]
"""The most memory that a command has used so far, in MB."""
STORY = 'story "T"\n  .model kirin_v3_t2v\n\nscene a\nshot one 3s\n  A boat.\n\nshot two 4s\n  A lantern.\n'
LIBRARY = 'let mei = "A young courier"\n'

COMMANDS = [
    ("build",),
    ("build", "--yes"),
    ("build", "--locked"),
    ("build", "--max-cost", "1", "--json"),
    ("build", "--provider", "animatic"),
    ("plan",),
    ("plan", "--json"),
    ("compile", "--json"),
    ("lint",),
    ("lint", "--fix"),
    ("fmt",),
    ("status", "--all"),
    ("costs",),
    ("resolve", "--same-account"),
    ("reroll", "a.one", "--yes"),
    ("lock", "prune"),
    ("store", "ls"),
    ("store", "gc"),
    ("store", "verify"),
    ("export", "csv"),
    ("export", "all"),
    ("export", "otioz"),
    ("check-clips",),
    ("notes", "notes.json"),
    ("import", "shots.csv"),
    ("import", "night.fountain", "--out", "b.story"),
    ("plan", "--against", "HEAD"),
    ("plan", "--format", "markdown"),
    ("new", "."),
    ("new", "--agents"),
    ("doctor",),
    ("explain", "kirin_v3_t2v"),
    ("models",),
]

PATHS = [
    "/proc/self/cwd/private",
    "../private",
    "../home/private/secret",
    "/dev/zero",
    "a\nb",
    "",
    "~",
    "C" * 64,
    "..",
    "\x1b[2J",
]
HASHES = ["c" * 64, "0" * 64, *PATHS]
ODD = st.one_of(
    st.sampled_from([*HASHES, "1e999999", "-1", "NaN", "9" * 400, "\ud800", "https://a@b", "file:///etc/passwd"]),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.booleans(),
    st.none(),
    st.just([]),
    st.just({}),
    st.just([["x"]]),
)
FIELDS = ["shots", "content", "base", "take", "provider", "base_url", "dialect", "attempt", "task", "clip", "seconds"]
FORGED_FIELDS = st.dictionaries(st.sampled_from([*FIELDS, "cost", "state", "key", "version"]), ODD, max_size=3)
STATES = st.sampled_from(["done", "submitted", "finished", "intent", "lost", "failed", "abandoned"])

STRANGERS = 'base_url = "STRANGER"'
"""No folder leads to the real gateway: a test that fails must not reach it."""

SETTINGS = st.lists(
    st.sampled_from(
        [
            'provider = "kirin"',
            STRANGERS,
            'base_url = "https://cloud.vtrix.ai@STRANGER"',
            'base_url = "http://gateway.example"',
            'protocol = "queue"',
            'store = "store"',
            'store = "../home/private"',
            'store = "/dev"',
            'store = "build/t"',
            "wait = 0",
            "wait = 1e9",
            "first_poll = 0",
            "attempts = 1000000",
            "concurrency = 1000000",
            "task_life = 1",
            "budget = 1e9",
            'download_hosts = ["*"]',
            "[prices]\nkirin_v3_t2v = 0",
            "[animatic]\nwidth = 64\nfps = 1",
            "[lint]\nignore = []",
            "x = " + "[" * 5000,
            "\x00",
        ]
    ),
    max_size=6,
    unique_by=lambda line: line.split(" ")[0],
)
CARD = (Path(storyboard.cards.__file__).parent / "data" / "kirin_v3_t2v.toml").read_text()
CARD_LINES = [line for line in CARD.splitlines() if " = " in line and not line.startswith("#")]
ODD_TOML = st.one_of(
    ODD.map(lambda value: json.dumps("x" if value is None else value).replace("NaN", "nan").replace("Infinity", "inf")),
    st.sampled_from(["[" * 3000, "'''", "{}", "{ when = { mode = 1 } }", '"[a-"', '"(a+)+$"', "9" * 30]),
)
"""A value for a line of a card."""
FORGED_CARDS = st.fixed_dictionaries(
    {
        "lines": st.dictionaries(st.sampled_from(CARD_LINES), ODD_TOML, max_size=3),
        "without": st.sets(st.sampled_from(CARD_LINES), max_size=2),
        "more": st.sampled_from(["", "max_clip_bytes = 0\n", "max_clip_bytes = 1e30\n", "x = 1\n", "name = 2\n"]),
    }
)
KINDS = st.sampled_from(["file", "link out", "link to a folder", "loop", "pipe", "zero", "folder", "huge", "bytes"])
NAMES = [
    "a.story",
    "b.story",
    "house.story",
    "storyboard.toml",
    "cards/a.toml",
    "cards",
    "a.story.lock",
    "b.story.lock",
    ".gitignore",
    ".gitattributes",
    ".git",
    "build",
    "build/a",
    "build/a/clips",
    "build/a/clips/01-a-1.mp4",
    "build/a/a.mp4",
    "build/a/index.html",
    "build/a/manifest.json",
    "build/a/takes",
    "build/a/.free",
    "store",
    "store/ledger.sqlite3",
    "store/clips",
    "store/damaged",
    "store/scratch",
    "store/claims",
    "store/locks",
    "evil.mp4",
    "notes.json",
    "shots.csv",
    "night.fountain",
    "AGENTS.md",
    "stories",
    os.fsdecode(b"\xc4\xe3.story"),
    "new\nline.story",
    "\x1b[2J.story",
]
HOSTILE_FILES = st.dictionaries(st.sampled_from(NAMES), KINDS, max_size=4)
SCHEMAS = st.sampled_from(
    [
        None,
        "",
        "CREATE TRIGGER t AFTER INSERT ON attempts BEGIN UPDATE attempts SET counted = 0; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE known",
        "PRAGMA user_version = 7",
        "INSERT INTO facts VALUES ('salt', 'x')",
        "INSERT INTO facts VALUES ('salt', 10000000000)",
        "INSERT INTO known VALUES ('https://cloud.vtrix.ai', 'generation', '', 'kirin', 'x', -1, 9e999)",
    ]
)


def forged_card(card: dict[str, Any]) -> str:
    """The built-in card with some lines gone and others with another value."""
    kept = [line for line in CARD.splitlines() if line not in card["without"]]
    told = [f"{line.split(' = ')[0]} = {card['lines'][line]}" if line in card["lines"] else line for line in kept]
    return str(card["more"]) + "\n".join(told)


def put(place: Path, kind: str, private: Path, text: str) -> None:
    """Make one thing at a place, with nothing there before; what cannot be made there is left out.

    Nor is anything made through a link: a clone cannot do that, and this test would fill the user's folder itself.
    """
    if any(parent.is_symlink() for parent in place.parents):
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        match kind:
            case "link out":
                place.symlink_to(private / "secret.story")
            case "link to a folder":
                place.symlink_to(private)
            case "loop":
                place.symlink_to(place.name)
            case "pipe":
                os.mkfifo(place)
            case "zero":
                place.symlink_to("/dev/zero")
            case "folder":
                place.mkdir()
            case "huge":
                place.touch()
                os.truncate(place, 3_000_000_000)
            case "bytes":
                place.write_bytes(bytes(range(256)) * 4)
            case _:
                place.write_text(text)
    except OSError:
        return


@st.composite
def folders(draw: st.DrawFn, jobs: list[dict[str, Any]]) -> Callable[[Path, Path, str], None]:
    """What fills a folder: called with it, the user's private folder and the address of the stranger's gateway."""
    lines, files = draw(SETTINGS), draw(HOSTILE_FILES)
    fields, state = draw(st.none() | FORGED_FIELDS), draw(STATES)
    card = draw(st.none() | FORGED_CARDS)
    manifest, schema = (
        draw(st.none() | st.dictionaries(st.sampled_from(["version", "film", "sheet", "jobs"]), ODD)),
        draw(SCHEMAS),
    )

    def fill(folder: Path, private: Path, gateway: str) -> None:
        (folder / "a.story").write_text('import "house.story"\n' + STORY)
        (folder / "house.story").write_text(LIBRARY)
        named = any(line.startswith("base_url") for line in lines)
        tables = sorted([*lines, *([] if named else [STRANGERS])], key=lambda line: line.startswith("["))
        (folder / "storyboard.toml").write_text("\n".join(tables).replace("STRANGER", gateway), errors="replace")
        if card is not None:
            (folder / "cards").mkdir()
            (folder / "cards" / "kirin.toml").write_text(forged_card(card), errors="replace")
        if fields is not None:
            told: dict[str, Any] = {"state": state, **fields}
            (folder / "a.story.lock").write_text(forged_lock(jobs, gateway, **told))
        if manifest is not None:
            (folder / "build" / "a" / "clips").mkdir(parents=True)
            (folder / "build" / "a" / "manifest.json").write_text(json.dumps(manifest))
        if schema is not None:
            LocalStore(folder / "store").close()
            with closing(sqlite3.connect(folder / "store" / "ledger.sqlite3", isolation_level=None)) as ledger:
                ledger.executescript(schema)
        for name, kind in files.items():
            put(folder / name, kind, private, STORY)

    return fill


def check(
    base: Path, stranger: StrangersGateway, fill: Callable[[Path, Path, str], None], command: tuple[str, ...]
) -> None:
    """Fill a folder, run a command there, and see that it does not hang and has hurt nobody."""
    shutil.rmtree(base, ignore_errors=True)
    folder, home, private = base / "work", base / "home", base / "home" / "private"
    for each in (folder, private):
        each.mkdir(parents=True)
    (private / "secret.story").write_text(f"db.example:5432:admin:{SECRET}\n")
    (private / "01-a-1.mp4").write_text("the user's own")
    fill(folder, private, stranger.url)
    cli, before = Cli(folder, home), snapshot(private)
    stranger.heard.clear()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before_command, started = memory("VmRSS"), time.monotonic()
    done = cli(*command, env={"STORYBOARD_API_KEY": KEY, "STORYBOARD_STORE": "", "XDG_DATA_HOME": str(home / "data")})
    assert time.monotonic() - started < PATIENCE, f"{command} hangs"
    used = memory("VmHWM") - before_command
    LARGEST[0] = max(used, LARGEST[0])
    assert used < MEGABYTES, f"{command} used {used:.0f} MB"
    assert done.code in {0, 1, 2, 3, 4, 5, 6, 7}, done
    said = done.out + done.err
    assert "Traceback" not in said and KEY not in said and SECRET not in said
    assert not {char for char in said if ord(char) < 32 and char != "\n"}
    assert stranger.heard == [], "the stranger's gateway was asked"
    assert snapshot(private) == before
    assert {entry.name for entry in home.iterdir()} <= {"private", "data", "state", "config", ".cache"}
    assert {entry.name for entry in base.iterdir()} == {"work", "home"}


def jobs_of_story(cli: Cli) -> list[dict[str, Any]]:
    """The jobs that a forged lock must name to be believed."""
    cli.write("house.story", LIBRARY)
    cli.write("a.story", 'import "house.story"\n' + STORY)
    return compiled_jobs(cli)


def memory(line: str) -> float:
    """What the system says of this process's memory, in MB: `VmRSS`, now; `VmHWM`, the peak."""
    status = Path("/proc/self/status").read_text()
    return int(next(each for each in status.splitlines() if each.startswith(line)).split()[1]) / 1000


def search(base: Path, examples: int) -> None:
    """Try so many folders, each with one command."""
    (base / "work").mkdir(parents=True)
    jobs = jobs_of_story(Cli(base / "work", base / "home"))
    tried = 0
    with strangers_gateway() as stranger:

        @settings(
            max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=examples < 1000
        )
        @given(folders(jobs), st.sampled_from(COMMANDS))
        def hurts_nobody(fill: Callable[[Path, Path, str], None], command: tuple[str, ...]) -> None:
            nonlocal tried
            tried += 1
            check(base, stranger, fill, command)

        started = time.monotonic()
        try:
            hurts_nobody()
        finally:
            took_seconds = time.monotonic() - started
            sys.stdout.write(f"{tried} folders in {took_seconds:.0f} s; a command used {LARGEST[0]:.0f} MB at most\n")


def test_random_hostile_folders_do_no_harm(tmp_path: Path) -> None:
    search(tmp_path / "fuzz", 100)


@pytest.mark.long
def test_ten_thousand_hostile_folders_do_no_harm(tmp_path: Path) -> None:
    search(tmp_path / "fuzz", 10_000)
