"""Patterns that are compiled on first use, and kept compiled for the runs after."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from storyboard.files import cache, kept
from storyboard.files import lazy_pattern as lazy_patterns
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checks import pasted_patterns, pasted_phrases, pasted_shapes
from tests.support.own_cache import use_cache_below

TEXT = r"(?P<shot>(?:shot|镜头)\s(?P<number>[0-9]+))|(?-i:[A-Z]{2,})(?=:)|[^\W\d_]é?"
ENGINE = import_module("_sre")
KIND = ("compiled patterns", int(ENGINE.MAGIC), ENGINE.CODESIZE)
"""What the patterns of this Python are kept as."""
LARGE = (pasted_patterns.ANY_KIND, pasted_shapes._ANY_SHAPE, pasted_phrases._SPEAKS_TO_THE_AUTHOR)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "_open", {})
    return use_cache_below(tmp_path, monkeypatch)


def next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new process knows of patterns: what is in the cache."""
    kept.keep_all()
    monkeypatch.setattr(kept, "_open", {})


@pytest.mark.parametrize("text", [TEXT, *(each.pattern for each in LARGE)])
@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
def test_pattern_from_the_cache_equals_the_compiled_one(
    text: str, flags: int, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy_pattern(text, flags).search("shot 12")
    next_run(monkeypatch)
    assert len(list(own_cache.iterdir())) == 1, "it was not kept"
    again, compiled = lazy_pattern(text, flags), re.compile(text, flags)
    assert getattr(again.search, "__self__", None) == compiled, "patterns are equal if their programs are"
    assert again.groupindex == compiled.groupindex
    assert (again.pattern, again.groups, again.flags) == (compiled.pattern, compiled.groups, compiled.flags)


def test_groups_of_a_kept_pattern_have_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        found = lazy_pattern(TEXT, re.IGNORECASE).match("SHOT 12: rain")
        assert found is not None
        assert (found.lastgroup, found["number"], found[0]) == ("shot", "12", "SHOT 12")
        next_run(monkeypatch)


def test_every_method_is_the_compiled_pattern_s() -> None:
    assert lazy_pattern("a+").sub("b", "caat") == "cbt"
    assert lazy_pattern("a+").split("caat") == ["c", "t"]
    assert lazy_pattern("a+").findall("a aa") == ["a", "aa"]
    assert lazy_pattern("a+").fullmatch("aab") is None


COUNTING = """
import json, sys
from storyboard.files.kept import keep_all
from storyboard.files.lazy_pattern import lazy_pattern
from re import _compiler
used = []
sys.setprofile(lambda frame, event, _: used.append(event) if "_compiler" in frame.f_code.co_filename else None)
one, other = lazy_pattern("(a|b)+c"), lazy_pattern(sys.argv[1])
declared = len(used)
assert one.match("abc")
first = len(used)
assert other.match("x")
sys.setprofile(None)
keep_all()
print(json.dumps([declared, first - declared, len(used) - first]))
"""


def counted(other: str) -> list[int]:
    """How much is compiled when patterns are declared, when one is used, and when another one is."""
    words = [sys.executable, "-c", COUNTING, other]
    told: list[int] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return told


def test_pattern_is_compiled_once_for_all_runs() -> None:
    declared, one, other = counted("x|y")
    assert (declared, bool(one), bool(other)) == (0, True, True)
    assert counted("x|y") == [0, 0, 0]


def test_run_adds_its_patterns_to_those_of_other_runs() -> None:
    counted("x|y")
    assert counted("x|z")[1:] != [0, 0]
    assert counted("x|y") == counted("x|z") == [0, 0, 0]


@pytest.mark.parametrize(
    "program",
    [
        (),
        (0,),
        ("a", "b", "c", "d", "e"),
        (0, b"\1\0\0", 0, {}, (None,)),
        (0, b"", 0, {}, (None,)),
        (0, b"\1\0\0\0\2\0\0\0\3\0\0\0", 0, {}, (None,)),
    ],
)
def test_program_that_the_engine_refuses_is_compiled_as_usual(program: tuple[object, ...]) -> None:
    assert cache.save(KIND, {("a+b", 0): program})
    assert lazy_pattern("a+b").match("aab")


def test_pattern_works_without_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, "")
    assert lazy_pattern("a+b").match("aab")
    kept.keep_all()


def test_cache_holds_a_bounded_number_of_patterns(monkeypatch: pytest.MonkeyPatch, own_cache: Path) -> None:
    monkeypatch.setattr(lazy_patterns, "_MOST", 3)
    for number in range(5):
        assert lazy_pattern(f"a{number}").match(f"a{number}")
        next_run(monkeypatch)
    assert [text for text, _ in kept.KeptResults(KIND, 3)._found] == ["a2", "a3", "a4"]


def test_wrong_pattern_is_an_error() -> None:
    with pytest.raises(re.error):
        lazy_pattern("(").match("")
