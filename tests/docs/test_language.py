"""The examples of the language's reference are stories that compile, and are laid out as `fmt` lays them out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.diagnostics import limits
from storyboard.source import Source
from storyboard.syntax import format_source
from tests.support.front import check_text

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
EXAMPLES = re.findall(r"^```story\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_compiles(example: str, tmp_path: Path) -> None:
    checked = check_text(tmp_path, example)
    assert checked.errors == []
    assert checked.jobs


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_is_in_the_canonical_layout(example: str) -> None:
    for text in re.split(r"^--- .*\n", example, flags=re.MULTILINE):
        assert format_source(Source(Path("/t.story"), text)) == text


def test_quoted_prompt_comes_from_an_example(tmp_path: Path) -> None:
    page = re.sub(r"\s+", " ", PAGE.read_text("utf-8"))
    prompts: list[str] = []
    for number, example in enumerate(EXAMPLES):
        folder = tmp_path / str(number)
        folder.mkdir()
        prompts += check_text(folder, example).prompts.values()
    quoted = re.findall(r"The prompt of `[\w.]+` is `([^`]+)`", page)
    assert len(quoted) == 2
    for text in quoted:
        assert any(prompt.startswith(text) for prompt in prompts), text


def test_limits_on_the_page_are_those_the_program_enforces() -> None:
    table = PAGE.read_text("utf-8").partition("## Limits\n")[2].partition("\n## ")[0]
    stated = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", table)]
    assert stated == [
        limits.MOST_SHOTS,
        limits.MOST_STATEMENTS,
        limits.MOST_CALLS,
        limits.MOST_VALUES,
        limits.LONGEST_TEXT,
        limits.MOST_CHARACTERS,
        limits.DEEPEST_BLOCK,
        limits.DEEPEST_USE,
        limits.DEEPEST_CALL,
        limits.LONGEST_TAG,
        limits.DEEPEST_TAG,
        limits.LONGEST_HEADER,
        limits.MOST_MISTAKES,
    ]
