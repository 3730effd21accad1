"""One slip of the hand in a header is one error, whatever rests on the line."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.diagnostics import Severity
from storyboard.source import Source
from storyboard.story import check
from storyboard.syntax import Loader
from tests.support.front import CATALOG

CASE = Path(__file__).parent.parent / "cases" / "syntax" / "lantern_night.story"
LINES = CASE.read_text("utf-8").replace("scene river", "scene river 21s").splitlines()
HEADERS = [
    number
    for number, line in enumerate(LINES)
    if line.strip().startswith(
        ("story", "scene", "shot", "use", "for", "let", "param", "phrase", "template", "split", "edition", "import")
    )
]


def errors(text: str) -> list[tuple[str, int]]:
    outcome = Loader(CASE.parent).load_source(Source(CASE, text))
    found = [*outcome.diagnostics, *(check(outcome.value, CATALOG).diagnostics if outcome.value else ())]
    return sorted({(each.code, each.span.position.line) for each in found if each.severity is Severity.ERROR})


def test_example_has_no_mistakes() -> None:
    assert errors("\n".join(LINES)) == []


@settings(deadline=None)
@given(st.sampled_from(HEADERS), st.floats(0, 1, exclude_max=True), st.booleans())
def test_missing_or_extra_letter_is_one_error(number: int, where: float, double: bool) -> None:
    line = LINES[number]
    at = int(where * len(line))
    slip = line[:at] + line[at] * 2 + line[at + 1 :] if double else line[:at] + line[at + 1 :]
    found = errors("\n".join([*LINES[:number], slip, *LINES[number + 1 :]]))
    if any(code < "SB030" for code, _ in found):
        [(code, place)] = found
        assert place == number + 1 or code == "SB029"
