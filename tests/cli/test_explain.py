"""`explain` knows the language, models, settings, commands, states and exit codes; the pages come with the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.cli.commands import COMMANDS, OTHER_NAMES
from storyboard.diagnostics.rules import RULES
from storyboard.errors import ExitCode
from storyboard.project.settings import KEYS
from storyboard.store.job_status import Verdict
from storyboard.story.settings import NOT_FOR_A_MODEL
from storyboard.syntax.keywords import FORMS
from tests.support.cli import Cli

DOCS = Path(__file__).parents[2] / "docs"


def test_language_page_is_printed_unchanged(cli: Cli) -> None:
    assert cli("explain", "language").out == (DOCS / "language.md").read_text("utf-8")
    short = cli("explain", "language", "--short").out
    assert short == (DOCS / "language-short.md").read_text("utf-8")
    assert len(short.splitlines()) <= 60


@pytest.mark.parametrize(
    "name",
    [
        *COMMANDS,
        *(f".{name}" for name in NOT_FOR_A_MODEL),
        *(".model", ".negative", ".avoid", ".prefix", ".suffix", ".pack", ".take", ".budget", ".mode", ".aspect_ratio"),
        *FORMS,
        *KEYS,
        *(str(int(code)) for code in ExitCode),
        *(f"exit {int(code)}" for code in ExitCode),
        *(state.value for state in Verdict if state is not Verdict.UNUSED),
        *("kirin_v3_t2v", "money", "address", "animatic"),
    ],
)
def test_every_name_is_explained(cli: Cli, name: str) -> None:
    done = cli("explain", name)
    assert (done.code, done.err) == (0, "")
    assert name.removeprefix("exit ").lstrip(".") in done.out


def test_a_name_from_another_tool_leads_to_the_command(cli: Cli) -> None:
    for other, ours in OTHER_NAMES.items():
        done = cli("explain", other)
        assert done.code == 0, other
        assert f"storyboard {ours}" in done.out or other in done.out.casefold()


def test_codes_are_explained(cli: Cli) -> None:
    for code in ("SB203", "sb203", RULES["SB203"].name):
        assert cli("explain", code).out.startswith("SB203 prompt-too-long (error)\n")
    assert len(cli("explain").out.splitlines()) == len(RULES)


def test_a_section_is_found_by_its_heading_and_the_head_of_a_table_is_no_entry(cli: Cli) -> None:
    assert cli("explain", "exit codes").out.startswith("## Exit codes\n")
    assert cli("explain", "meaning").err.startswith("error: nothing is called `meaning`\n")
    assert cli("explain", "exit code").err.endswith("help: did you mean `exit codes`?\n")


def test_unknown_name_is_reported_with_what_to_do(cli: Cli) -> None:
    done = cli("explain", "SB230x")
    assert (done.code, done.out) == (2, "")
    assert cli("explain", "languge").err.endswith("help: did you mean `language`?\n")
    assert "storyboard explain lists every code" in cli("explain", "zzzzzzzz").err


def test_explanation_is_available_as_json(cli: Cli) -> None:
    document = cli("explain", ".avoid", "--json").json
    assert document["name"] == ".avoid"
    assert document["entries"][0]["page"] == "language"


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [
        ("init", "did you mean `new`?"),
        ("check", "did you mean `lint`?"),
        ("render", "did you mean `build`?"),
        ("run", "did you mean `build`?"),
        ("preview", "did you mean `build`?"),
        ("convert", "did you mean `import`?"),
        ("help", "storyboard --help"),
        ("help lint", "storyboard lint --help"),
    ],
)
def test_command_names_of_other_programs_lead_to_the_right_command(cli: Cli, typed: str, leads_to: str) -> None:
    done = cli(*typed.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"help: {leads_to}\n")
