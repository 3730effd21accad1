"""The examples of the language's reference are stories that compile, and are laid out as `fmt` lays them out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
def test_an_example_is_laid_out(example: str) -> None:
    for text in re.split(r"^--- .*\n", example, flags=re.MULTILINE):
        assert format_source(Source(Path("/t.story"), text)) == text


def test_a_prompt_that_the_page_quotes_is_an_examples(tmp_path: Path) -> None:
    page = re.sub(r"\s+", " ", PAGE.read_text("utf-8"))
    prompts = []
    for number, example in enumerate(EXAMPLES):
        folder = tmp_path / str(number)
        folder.mkdir()
        prompts += check_text(folder, example).prompts.values()
    quoted = re.findall(r"The prompt of `[\w.]+` is `([^`]+)`", page)
    assert len(quoted) == 2
    for text in quoted:
        assert any(prompt.startswith(text) for prompt in prompts), text
