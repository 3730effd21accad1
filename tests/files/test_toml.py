"""TOML that was read before is the same when it is read again."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from storyboard.files import kept
from storyboard.files.toml import parse_toml
from tests.support.own_cache import use_cache_below

CARDS = Path(__file__).parents[2] / "storyboard" / "cards" / "data"
TEXTS = [
    "",
    'a = 1\nb = 1.50\nc = "x"\nd = true\n[e]\nf = [1, 2.0, [], {g = 0.1}]\n[[h]]\ni = -0.0\n[[h]]\ni = inf\n',
    "day = 2026-01-02\n[at]\ntime = 10:20:30\n",
    *(path.read_text(encoding="utf-8") for path in sorted(CARDS.rglob("*.toml"))),
]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "_open", {})
    return use_cache_below(tmp_path, monkeypatch)


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_was_read_before_reads_as_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = tomllib.loads(text, parse_float=Decimal)
    for _ in range(2):
        assert repr(parse_toml(text)) == repr(right)
        kept.keep_all()
        monkeypatch.setattr(kept, "_open", {})


def test_what_a_reader_does_to_a_table_is_not_kept() -> None:
    parse_toml("a = [1]")["a"].append(2)
    parse_toml("a = [1]")["a"].append(3)
    assert parse_toml("a = [1]") == {"a": [1]}


@pytest.mark.parametrize("text", ["a", "a = 1\na = 2", "a = [" * 5000])
def test_text_that_is_wrong_is_wrong_each_time(text: str) -> None:
    for _ in range(2):
        with pytest.raises((ValueError, RecursionError)):
            parse_toml(text)


def test_text_is_parsed_once_for_all_runs() -> None:
    program = (
        "import sys; from storyboard.files.kept import keep_all; from storyboard.files.toml import parse_toml;"
        "parse_toml('a = 1'); keep_all(); print('tomllib' in sys.modules)"
    )
    told = [
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout for _ in "12"
    ]
    assert told == ["True\n", "False\n"]


@pytest.mark.parametrize("part", ["a", '"a"', "'a'", "a-b"])
@pytest.mark.parametrize("form", ["{key} = 1", "[{key}]", "[[{key}]]", "x = {{{key} = 1}}"])
def test_key_of_very_many_parts_is_refused(part: str, form: str) -> None:
    with pytest.raises(ValueError, match="more than 100 parts"):
        parse_toml(form.format(key=" . ".join([part] * 20_000)))


def test_many_points_that_are_in_no_key_are_read() -> None:
    assert parse_toml(f'a = [{",".join(["1.5"] * 500)}]\nb = "{"." * 500}"')["b"] == "." * 500
