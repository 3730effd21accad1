"""The messages and the script that pages show are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard import Run
from storyboard.errors import ExitCode
from tests.support.cli import Cli

DOCS = Path(__file__).parents[2] / "docs"
MISTAKES = re.findall(
    r"^### (.+)\n\n```mistake\n((?:.*\n)*?)```$", (DOCS / "troubleshooting.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("message", "text"), MISTAKES, ids=[message for message, _ in MISTAKES])
def test_a_story_of_the_troubleshooting_page_gives_its_message(message: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "a.story").write_text(text, encoding="utf-8")
    assert message in [found.message for found in Run([str(tmp_path / "a.story")]).lint().diagnostics]


def test_build_gives_the_messages_and_exit_codes_of_the_troubleshooting_page(cli: Cli) -> None:
    page = (DOCS / "troubleshooting.md").read_text("utf-8").partition("## `build` says\n")[2].partition("\n## ")[0]
    stated = {heading: int(code) for heading, code in re.findall(r"^### (.+)\n\nExit code (\d+)\.", page, re.MULTILINE)}
    cli.write("a.story", 'story "Night"\n  .model kirin_v3_t2v\n\nshot street 3s\n  A street.\n')
    key = {"STORYBOARD_API_KEY": "any"}
    runs = {
        "No API key": cli("build", "--provider", "kirin"),
        "not bought without permission: pass --yes or --max-cost USD": cli("build", "--provider", "kirin", env=key),
        "not in the lock": cli("build", "--provider", "kirin", "--locked", env=key),
    }
    assert stated.pop("the gateway cannot be reached") == ExitCode.JOB_FAILED, "reached in tests/cli/test_buying.py"
    assert stated == {message: done.code for message, done in runs.items()}
    for message, done in runs.items():
        assert message in done.out + done.err


def test_shot_list_on_the_page_becomes_the_story_on_the_page(cli: Cli) -> None:
    page = (DOCS / "from-other-formats.md").read_text("utf-8")
    rows, story = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[0] for kind in ("csv", "story")
    )
    cli.write("list.csv", rows)
    done = cli("import", "list.csv")
    assert "line 3  lens brand: Zeiss" in done.out
    assert (cli.folder / "list.story").read_text("utf-8") == story


def test_the_index_lists_every_page() -> None:
    listed = set(re.findall(r"\]\((\w[\w-]*\.md)\)", (DOCS / "README.md").read_text("utf-8")))
    assert listed == {page.name for page in DOCS.glob("*.md")} - {"README.md"}
