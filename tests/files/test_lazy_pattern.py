"""Patterns that are compiled on first use, and kept compiled."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from storyboard.files import cache
from storyboard.files.lazy_pattern import LazyPattern
from storyboard.story.checks import pasted_patterns, pasted_phrases, pasted_shapes
from tests.support.own_cache import use_cache_below

TEXT = r"(?P<shot>(?:shot|镜头)\s(?P<number>[0-9]+))|(?-i:[A-Z]{2,})(?=:)|[^\W\d_]é?"
KEPT = (pasted_patterns.ANY_KIND, pasted_shapes._ANY_SHAPE, pasted_phrases._SPEAKS_TO_THE_AUTHOR)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use_cache_below(tmp_path, monkeypatch)


@pytest.mark.parametrize("pattern", [LazyPattern(TEXT, re.IGNORECASE, keep=True), *KEPT])
def test_pattern_from_the_cache_equals_the_compiled_one(pattern: LazyPattern, own_cache: Path) -> None:
    first = LazyPattern(pattern.text, pattern.flags, keep=True).compiled
    assert len(list(own_cache.iterdir())) == 1, "it was not kept"
    again = LazyPattern(pattern.text, pattern.flags, keep=True).compiled
    compiled = re.compile(pattern.text, pattern.flags)
    assert first == again == compiled, "patterns are equal if their programs are"
    assert again.groupindex == compiled.groupindex
    assert (again.pattern, again.groups) == (compiled.pattern, compiled.groups)


def test_groups_of_a_kept_pattern_have_their_names() -> None:
    for _ in range(2):
        found = LazyPattern(TEXT, re.IGNORECASE, keep=True).match("SHOT 12: rain")
        assert found is not None
        assert (found.lastgroup, found["number"], found[0]) == ("shot", "12", "SHOT 12")


def test_kept_pattern_is_not_compiled_again(own_cache: Path) -> None:
    program = """
import re, sys
from storyboard.files.lazy_pattern import LazyPattern
from re import _compiler
used = []
sys.setprofile(lambda frame, event, _: used.append(frame.f_code.co_name) if "_compiler" in frame.f_code.co_filename else None)
assert LazyPattern("(a|b)+c", keep=True).match("abc")
sys.setprofile(None)
print(len(used))
"""
    called = [subprocess.run([sys.executable, "-c", program], check=True, capture_output=True).stdout for _ in "12"]
    assert int(called[0]) > 0
    assert int(called[1]) == 0


@pytest.mark.parametrize(
    "program", [(), (0,), ("a", "b", "c", "d", "e"), (0, [], 0, {}, (None,)), (0, [1, 2, 3], 0, {}, (None,))]
)
def test_program_that_the_engine_refuses_is_compiled_as_usual(program: tuple[object, ...]) -> None:
    engine = import_module("_sre")
    assert cache.save(("compiled pattern", int(engine.MAGIC), engine.CODESIZE, "a+b", 0), program)
    assert LazyPattern("a+b", keep=True).match("aab")


def test_pattern_works_without_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, "")
    assert LazyPattern("a+b", keep=True).match("aab")


def test_wrong_pattern_is_an_error() -> None:
    with pytest.raises(re.error):
        _ = LazyPattern("(", keep=True).compiled
