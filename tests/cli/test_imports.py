"""A command imports what it needs: start-up is felt at every key press."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.cli import Cli

HEAVY = {
    "av",
    "PIL",
    "httpcore",
    "httpx",
    "pydantic",
    "jinja2",
    "lark",
    "asyncio",
    "sqlite3",
    "rich.console",
    "importlib.metadata",
}
STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n'


def imported(cli: Cli, *arguments: str) -> set[str]:
    """Every module that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "storyboard", *arguments],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ("--version", set()),
        ("--help", set()),
        ("explain", set()),
        ("models", set()),
        ("new other", set()),
        ("fmt --check", set()),
        ("lint", {"jinja2"}),
        ("compile", {"jinja2"}),
        ("plan", {"jinja2", "sqlite3"}),
        ("costs", {"sqlite3"}),
        ("store ls", {"sqlite3"}),
        ("status", {"sqlite3"}),
        ("build", {"jinja2", "sqlite3", "asyncio"}),
    ],
)
def test_a_command_imports_only_what_it_needs(cli: Cli, arguments: str, needed: set[str]) -> None:
    cli.write("storyboard.toml", "[animatic]\nwidth = 128\nfps = 6\n")
    cli.write("s.story", STORY)
    if arguments == "build":
        cli("build")
    assert imported(cli, *arguments.split()) & HEAVY <= needed


def test_pictures_of_the_last_contact_sheet_need_no_decoder(cli: Cli) -> None:
    cli.write("storyboard.toml", "[animatic]\nwidth = 128\nfps = 6\n")
    cli.write("s.story", STORY)
    cli("build")
    cli.write("s.story", STORY.replace('"T"', '"Another"'))
    assert imported(cli, "build") & HEAVY <= {"sqlite3", "asyncio"}
    assert '<h1 dir="auto">Another</h1>' in (cli.folder / "build" / "s" / "index.html").read_text()


@pytest.mark.parametrize("arguments", ["plan", "build", "status", "costs", "store ls"])
def test_one_person_on_one_machine_imports_nothing_of_a_team(cli: Cli, arguments: str) -> None:
    cli.write("storyboard.toml", "[animatic]\nwidth = 128\nfps = 6\n")
    cli.write("s.story", STORY)
    found = imported(cli, *arguments.split())
    assert not [name for name in found if name.startswith(("storyboard.cluster", "storyboard.bucket", "psycopg"))]
    assert not {"obstore", "storyboard.project.team_ledger", "storyboard.run.team"} & found
