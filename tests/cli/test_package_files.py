"""A change to storyboard itself, or to anything that comes with it, is noticed by the next run."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import storyboard
from storyboard.syntax.grammar_tables import TABLES
from tests.cli.test_replay import APART, LIBRARY, STORY
from tests.support.cli import SMALL_ANIMATIC, Cli, Done

OURS = Path(storyboard.__path__[0])


@pytest.fixture
def copy(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Storyboard as it is where somebody works on it, long untouched."""
    place = tmp_path_factory.mktemp("copy")
    shutil.copytree(OURS, place / "storyboard", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TABLES.parent, place / "storyboard" / "grammar", ignore=shutil.ignore_patterns("__pycache__"))
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("house.story", LIBRARY)
    cli.write("a.story", STORY)
    long_ago = time.time() - 10
    for path in (*place.rglob("*"), *cli.folder.rglob("*")):
        os.utime(path, (long_ago, long_ago))
    return place / "storyboard"


def run(cli: Cli, copy: Path, command: str) -> Done:
    time.sleep(APART)
    compiled = copy.parent / "compiled"  # apart from the package, which stays as it was written
    return cli.process(*command.split(), env={"PYTHONPATH": str(copy.parent), "PYTHONPYCACHEPREFIX": str(compiled)})


ASSETS = [
    ("sheet.css", "", "/* new style */"),
    ("sheet.js", "", "/* new script */"),
    ("sheet_page.py", "<!doctype html>", "<!-- new -->"),
]


def test_edited_asset_appears_in_the_next_contact_sheet(cli: Cli, copy: Path) -> None:
    for name, after, mark in ASSETS:
        for _ in range(2):  # the second one has nothing to do, and is remembered
            assert run(cli, copy, "build").code == 0
        path = copy / "film" / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(after, after + mark, 1) if after else text + mark, encoding="utf-8")
        assert run(cli, copy, "build").code == 0
        assert mark in (cli.folder / "build" / "a" / "index.html").read_text(encoding="utf-8"), name


def change_a_price(copy: Path) -> None:
    card = copy / "cards" / "data" / "kirin_v3_t2v.toml"
    text = card.read_text(encoding="utf-8")
    assert '"0.084"' in text
    card.write_text(text.replace('"0.084"', '"0.984"'), encoding="utf-8")


def change_a_module(copy: Path) -> None:
    with (copy / "report" / "frames.py").open("a", encoding="utf-8") as module:
        module.write("\n\ndef summary(*_: object) -> Line:\n    return line(('another summary', 'ok'))\n")


def add_a_card(copy: Path) -> None:
    (copy / "cards" / "data" / "new.toml").write_text("not a card", encoding="utf-8")


CHANGES: list[tuple[str, str, Callable[[Path], None]]] = [
    ("a price of a card", "plan", change_a_price),
    ("a module", "lint", change_a_module),
    ("one more card", "plan", add_a_card),
]


def test_edited_package_file_changes_the_output(cli: Cli, copy: Path) -> None:
    for what, command, change in CHANGES:
        told, again = (run(cli, copy, command) for _ in range(2))
        assert told == again, what
        change(copy)
        assert run(cli, copy, command) != told, what
