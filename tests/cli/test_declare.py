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
from storyboard.cli.program import cli

READ_HERE = ("lint", "plan")
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
)


def declared(name: str) -> DeclaredCommand:
    command = import_module(COMMANDS[name].module).command
    assert isinstance(command, DeclaredCommand)
    return command


def by_click(name: str, words: Sequence[str]) -> Mapping[str, object]:
    """What click understands; raises click's errors, and `Exit` where it prints help."""
    with cli.make_context("storyboard", [name]) as whole:
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


def test_command_with_a_parameter_of_click_is_left_to_click() -> None:
    @click.option("--number", type=int)
    def function(**_given: object) -> None:
        raise AssertionError

    assert DeclaredCommand("function", (), function).read([]) is None


def test_check_of_a_story_does_not_import_click(tmp_path: object) -> None:
    program = (
        "import sys; from storyboard.cli.main import run; code = run(sys.argv[1:]);"
        "print([name for name in ('click', 'inspect', 'dataclasses', 'uuid') if name in sys.modules], file=sys.stderr)"
    )
    for words in (["lint"], ["plan", "--provider", "animatic"]):
        subprocess.run([sys.executable, "-m", "storyboard", "new", "film"], cwd=str(tmp_path), check=False)
        done = subprocess.run(
            [sys.executable, "-c", program, *words], check=True, cwd=f"{tmp_path}/film", capture_output=True, text=True
        )
        assert done.stderr.splitlines()[-1:] == ["[]"], done.stderr
