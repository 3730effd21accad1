"""Completion in the shells: what is offered where, by the protocol of each shell and in a real bash."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import Cli
from tests.support.shop import Shop

STORY = """story "T"
  .model kirin_v3_t2v

param city in paris, rome

scene river

for side in north, "far south"
  shot bank 3s
    A boat at {{ side }} in {{ city }}.
"""


def asked(cli: Cli, shell: str, *words: str) -> list[str]:
    """What a shell is told of the last word, which is being typed."""
    number = words[-1] if shell == "fish" else str(len(words))
    environment = {
        "_STORYBOARD_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "\n".join(["storyboard", *words]),
        "COMP_CWORD": number,
    }
    done = cli.process(env=environment)
    assert (done.code, done.err) == (0, "")
    return done.out.splitlines()


def names(cli: Cli, *words: str) -> list[str]:
    return [line.partition(",")[2] for line in asked(cli, "bash", *words) if line]


def test_commands_and_options_are_offered(cli: Cli) -> None:
    assert names(cli, "re") == ["reroll", "resolve"]
    assert "--provider" in names(cli, "build", "--pro")
    assert names(cli, "lint", "--format", "s") == ["sarif"]
    assert names(cli, "store", "verif") == ["verify"]
    assert names(cli, "completion", "") == ["bash", "zsh", "fish"]


def test_files_and_folders_are_left_to_the_shell(cli: Cli) -> None:
    assert asked(cli, "bash", "build", "fi") == ["file,fi"]
    assert asked(cli, "bash", "build", "--out", "bu") == ["dir,bu"]
    assert asked(cli, "bash", "lint", "--stdin-name", "") == ["file,"]


def test_addresses_settings_models_providers_and_codes_are_offered(cli: Cli) -> None:
    cli.write("a.story", STORY)
    assert names(cli, "build", "--only", "river") == [
        "river",
        'river.bank["north"]',
        'river.bank["far south"]',
        "river#1",
    ]
    cli.write("b.story", STORY.replace("river", "lake"))
    assert names(cli, "build", "a.story", "--only", "river#") == ["river#1"]
    assert names(cli, "build", "b.story", "--only", "river#") == []
    assert names(cli, "reroll", "river.b")[0] == 'river.bank["north"]'
    assert names(cli, "lint", "--set", "c") == ["city=", "city=paris", "city=rome"]
    assert names(cli, "models", "kirin_v3_t") == ["kirin_v3_t2v"]
    assert names(cli, "build", "--provider", "") == ["animatic", "kirin"]
    assert names(cli, "explain", "sb14")[0].startswith("SB140")
    assert "bash" not in names(cli, "schema", "")


def test_a_broken_project_offers_nothing_and_says_nothing(cli: Cli) -> None:
    cli.write("a.story", "shto")
    assert names(cli, "build", "--only", "") == []
    cli.write("storyboard.toml", "concurency = 3\n")
    assert names(cli, "build", "--only", "") == []
    assert names(cli, "models", "k") == []


def test_bought_takes_are_offered(shop: Shop) -> None:
    shop.build("--yes")
    for _ in range(2):
        assert shop("reroll", "river.boats", "--yes").code == 0
    assert names(shop.cli, "reroll", "river.boats", "--take", "")[-1] == "1"
    assert len(names(shop.cli, "reroll", "river.boats", "--take", "")) >= 2
    assert names(shop.cli, "reroll", "street.wide", "--take", "") == ["1"]


def test_zsh_and_fish_get_their_own_formats(cli: Cli) -> None:
    assert asked(cli, "zsh", "comp")[:2] == ["plain", "compile"]
    assert asked(cli, "fish", "comp")[0].startswith("plain,compile\t") or asked(cli, "fish", "comp")[0] == "plain"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_accepts_its_script(cli: Cli, shell: str) -> None:
    done = cli("completion", shell)
    assert done.code == 0
    assert f"_STORYBOARD_COMPLETE={shell}_complete" in done.out
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run([program, "-n"], input=done.out, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_bash_quotes_words_that_it_would_split(cli: Cli, tmp_path: Path) -> None:
    cli.write("a.story", STORY)
    program = tmp_path / "storyboard"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m storyboard "$@"\n')
    program.chmod(0o755)
    script = (
        f'PATH={tmp_path}:$PATH; eval "$(storyboard completion bash)"; COMP_WORDS=(storyboard build --only river.b); '
        'COMP_CWORD=3; _storyboard_completion storyboard; for each in "${COMPREPLY[@]}"; do eval "set -- $each"; '
        'printf "%s %s\\n" "$#" "$1"; done'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ['1 river.bank["north"]', '1 river.bank["far south"]'], json.dumps(done.stderr)
