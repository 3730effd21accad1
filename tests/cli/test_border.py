"""What goes wrong is one line and an exit code, whatever it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storyboard import __version__
from storyboard.cli.commands import COMMANDS
from storyboard.diagnostics.rules import RULES
from tests.support.cli import Cli


def modules_of(cli: Cli, *arguments: str) -> set[str]:
    """What a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "storyboard", *arguments],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def test_version_is_printed_before_anything_is_imported(cli: Cli) -> None:
    for flag in ("--version", "-V"):
        assert cli.process(flag) == cli.process(flag).__class__(0, f"storyboard {__version__}\n", "")
    ours = {name for name in modules_of(cli, "--version") if name.startswith("storyboard")}
    assert ours <= {"storyboard", "storyboard.cli", "storyboard.__main__"}
    assert not {"click", "importlib.metadata", "typing"} & modules_of(cli, "--version")


def test_help_imports_no_command_and_no_heavy_package(cli: Cli) -> None:
    imported = modules_of(cli, "--help")
    assert not {entry.module for entry in COMMANDS.values()} & imported


def test_help_begins_with_examples_and_fits_a_screen(cli: Cli) -> None:
    for arguments in ([], *([name] for name in COMMANDS)):
        done = cli(*arguments, "--help")
        assert done.code == 0
        assert done.out.startswith("Examples:\n  storyboard ")
        assert len(done.out.splitlines()) <= 44
        assert cli(*arguments, "-h") == done


def test_every_command_in_the_table_is_there_and_no_other_is_listed(cli: Cli) -> None:
    listed = cli("--help").out.split("Commands:\n")[1].split("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines()] == list(COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["modles"], "error: there is no command `modles`\n  help: did you mean `models`?\n"),
        (["quux"], "error: there is no command `quux`\n  help: storyboard --help\n"),
        (["models", "--jsn"], "error: there is no option `--jsn`\n  help: did you mean `--json`?\n"),
        (["models", "--quux"], "error: there is no option `--quux`\n  help: storyboard models --help\n"),
        (["explain", "SB0", "SB1"], "error: got unexpected extra argument (SB1)\n  help: storyboard explain --help\n"),
        (["new"], "error: NAME is missing\n  help: storyboard new NAME, or storyboard new . for this folder\n"),
        (["build", "--concurrency", "0"], "error: --concurrency: `0` is not a whole number of 1 or more\n"),
        (["build", "--loudness", "loud"], "error: --loudness: `loud` is not a number from -70 to -5\n"),
        (["view", "--port", "99999"], "error: --port: `99999` is not a whole number from 0 to 65535\n"),
        (["build", "--max-cost"], "error: --max-cost needs a value\n  help: storyboard build --help\n"),
        (["plan", "--json=3"], "error: --json takes no value\n  help: storyboard plan --help\n"),
        (["store", "gc", "--dry-run=yes"], "error: --dry-run takes no value\n  help: storyboard store gc --help\n"),
        (["export"], "error: choose one of otio, otioz, "),
        (["export", "odio"], "error: `odio` is not one of otio, otioz, "),
        (["lint", "--format", "it's"], "error: --format: `it's` is not one of text, json, sarif, github\n"),
        (["explain", "SB000"], "error: there is no code `SB000`\n"),
        (["models", "kirin_v3_t2w"], "error: there is no model `kirin_v3_t2w`\n  help: did you mean `kirin_v3_t2v`?\n"),
    ],
)
def test_wrong_use_gives_one_line_that_says_what_to_do(cli: Cli, arguments: list[str], said: str) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert "nvalid" not in done.err


def test_no_arguments_is_wrong_use_and_shows_the_help(cli: Cli) -> None:
    done = cli()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Examples:")


def test_internal_error_gives_one_line_and_a_report_file(cli: Cli) -> None:
    # A catalogue that breaks an invariant of ours is a bug wherever it comes from: here a card that no code can show.
    broken = "import storyboard.cli.main as m, storyboard.cli.explain as e, sys\n"
    broken += "e.command.callback = lambda **kw: {}['sk-secret']\nsys.exit(m.run(['explain']))"
    done = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=cli.folder,
        env=cli.environment | {"STORYBOARD_API_KEY": "sk-secret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (70, "")
    first, second = done.stderr.splitlines()
    assert first == "error: this is a mistake in storyboard, not in your story (KeyError)"
    written = Path(second.removeprefix("  help: please report it, with "))
    text = written.read_text()
    assert "Traceback" in text
    assert "KeyError" in text
    assert "sk-secret" not in text


def test_closed_pipe_is_not_an_error(cli: Cli) -> None:
    script = f"{sys.executable} -m storyboard explain | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], env=cli.environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("command", ["--help", "--version", "models"])
def test_closed_or_full_stdout_gives_no_traceback(cli: Cli, command: str) -> None:
    for redirect, codes in ((">&-", {0}), (">/dev/full", {1, 3})):
        script = f"{sys.executable} -m storyboard {command} {redirect}"
        done = subprocess.run(["bash", "-c", script], env=cli.environment, capture_output=True, text=True, check=False)
        assert done.returncode in codes
        assert "Traceback" not in done.stderr


def test_explain_prints_the_rule_with_its_examples(cli: Cli) -> None:
    for code, rule in RULES.items():
        done = cli("explain", code.lower())
        assert done.code == 0
        assert done.out.startswith(f"{code} {rule.name} ({rule.severity})\n{rule.summary}\n")
        assert cli("explain", rule.name).out == done.out
        (described,) = cli("explain", code, "--json").json["rules"]
        assert described["bad"] == rule.bad
    assert len(cli("explain").out.splitlines()) == len(RULES)


def test_models_lists_cards_of_the_project_too(cli: Cli) -> None:
    assert "kirin_v3_t2v" in cli("models").out
    card = Path(__file__).parents[2] / "storyboard" / "cards" / "data" / "kirin_v3_t2v.toml"
    cli.write("cards/mine.toml", card.read_text().replace('name = "kirin_v3_t2v"', 'name = "mine"'))
    (mine,) = cli("models", "mine", "--json").json["models"]
    assert (mine["builtin"], mine["max_prompt"], mine["seconds"][0]) == (False, 2500, 3)
    assert "project" in cli("models").out
    page = cli("models", "mine").out
    assert ".mode" in page
    assert "0.168" in page
