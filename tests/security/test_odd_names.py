"""Folders and files whose names are not UTF-8, as unpacked from old archives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.cli import Cli

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n'
ODD = os.fsdecode(b"\xd6\xd0")


@pytest.mark.parametrize("name", [f"{ODD}/a.story", f"{ODD}.story"])
@pytest.mark.parametrize("command", ["plan", "plan --json", "build", "build --provider animatic"])
def test_name_that_is_not_utf8_cannot_be_bought(cli: Cli, name: str, command: str) -> None:
    story = cli.write(name, STORY)
    cli.folder = story.parent
    done = cli.process(*command.split())
    assert done.code == 2
    assert "is not UTF-8" in done.err
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize("command", ["lint", "fmt", "compile", "lint --format sarif", "status", "costs"])
def test_a_name_that_is_not_utf8_can_be_checked(cli: Cli, command: str) -> None:
    cli.folder = Path(cli.write(f"{ODD}/a.story", STORY)).parent
    assert cli.process(*command.split()).code == 0
