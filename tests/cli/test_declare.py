"""Ordinary command lines are read without click, and mean what click says that they mean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.cli.commands import COMMANDS
from storyboard.cli.declare import DeclaredCommand
from storyboard.cli.program import cli as whole_program
from tests.support.cli import Cli

READ_HERE = ("lint", "plan", "build")
"""Commands of the loop of editing and checking."""
VALUES = (
    "",
    "-",
    "--",
    "--json",
    "-h",
    "json",
    "text",
    "markdown",
    "a.story",
    "name=value",
    "ü",
    "--provider",
    "--format=json",
    "-x",
    "2",
    "0",
    "1.5",
    "-16",
    "high",
    ":8080",
    "[::1]:99999",
    "https://films.example/done",
    "nan",
)


def declared(name: str) -> DeclaredCommand:
    command = import_module(COMMANDS[name].module).command
    assert isinstance(command, DeclaredCommand)
    return command


def by_click(name: str, words: Sequence[str]) -> Mapping[str, object]:
    """What click understands; raises click's errors, and `Exit` where it prints help."""
    with whole_program.make_context("storyboard", [name]) as whole:
        context = COMMANDS[name].load().make_context(name, list(words), parent=whole)
    return context.params


@st.composite
def command_lines(draw: st.DrawFn) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(READ_HERE))
    options = [option for each in COMMANDS[name].load().params for option in each.opts if option.startswith("-")]
    return name, draw(st.lists(st.sampled_from(VALUES) | st.sampled_from(options), max_size=6))


@given(command_lines())
def test_command_line_is_read_as_click_reads_it(line: tuple[str, list[str]]) -> None:
    name, words = line
    found = declared(name).read(words)
    if found is not None:
        assert found == by_click(name, words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lint", []),
        ("lint", ["a.story", "--format", "json", "b"]),
        ("lint", ["--set", "a=1", "--set", "b=2", "--fix", "-"]),
        ("plan", ["--provider", "animatic", "--json"]),
        ("plan", ["film", "--only", "arrival", "--store", "/tmp/store", "--all"]),
        ("build", ["--provider", "kirin", "--yes", "--max-cost", "2.50", "--concurrency", "8", "--priority", "high"]),
        ("build", ["a.story", "--listen", ":8080", "--callback-url", "https://films.example/done", "--attempts", "2"]),
        ("build", ["--only", "arrival", "--only", "river", "--no-wait"]),
    ],
)
def test_ordinary_command_line_is_read_without_click(name: str, words: list[str]) -> None:
    assert declared(name).read(words) == by_click(name, words)


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["-h"],
        ["--unknown"],
        ["--format"],
        ["--format", "odd"],
        ["--format=json"],
        ["--set", "--json"],
        ["--", "--json"],
        ["--format", "json", "--format", "text"],
    ],
)
def test_other_command_lines_are_left_to_click(words: list[str]) -> None:
    assert declared("lint").read(words) is None


@pytest.mark.parametrize(
    "words",
    [
        ["--concurrency", "0"],
        ["--attempts", "many"],
        ["--loudness", "0"],
        ["--max-cost", "two"],
        ["--listen", "8080:"],
        ["--callback-url", "films.example"],
        ["--priority", "urgent"],
        ["--log", "json"],
    ],
)
def test_value_that_is_not_taken_and_hidden_option_are_left_to_click(words: list[str]) -> None:
    assert declared("build").read(words) is None


def test_command_with_a_parameter_of_click_is_left_to_click() -> None:
    @click.option("--number", type=int)
    def function(**_given: object) -> None:
        raise AssertionError

    assert DeclaredCommand("function", (), function).read([]) is None


LOADED = """
import sys
from storyboard.cli.main import run
run(sys.argv[1:])
names = ("click", "inspect", "dataclasses", "uuid", "platform", "csv", "tomllib", "_hashlib")
names += ("storyboard.cli.watch", "storyboard.jobs.lock_line")
print(*(name for name in names if name in sys.modules), file=sys.stderr)
"""


def test_build_loads_no_click(cli: Cli) -> None:
    cli.write("a.story", 'story "Harbour"\n\nscene pier\n  shot boat 5s\n    A boat leaves.\n')
    words = [sys.executable, "-c", LOADED, "build"]
    done = subprocess.run(words, cwd=cli.folder, env=cli.environment, check=True, capture_output=True, text=True)
    assert "click" not in done.stderr.splitlines()[-1].split()


@pytest.mark.parametrize("command", ["lint", "plan --provider animatic"])
def test_command_after_an_edit_loads_only_what_it_needs(cli: Cli, command: str) -> None:
    told = []
    for text in ("A boat leaves.", "A boat arrives."):
        cli.write("a.story", f'story "Harbour"\n\nscene pier\n  shot boat 5s\n    {text}\n')
        words = [sys.executable, "-c", LOADED, *command.split()]
        done = subprocess.run(words, cwd=cli.folder, env=cli.environment, check=True, capture_output=True, text=True)
        told.append(done.stderr.splitlines()[-1].split())
    assert "tomllib" in told[0], "nothing was kept before"
    assert told[1] == []
