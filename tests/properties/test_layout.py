"""How a story is laid out is nobody's business but the reader's: it changes no address, no prompt and no job."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.jobs.compile import compile_story
from storyboard.source import Source
from storyboard.story import check
from storyboard.syntax import Loader, format_source
from tests.support.front import CATALOG

CASE = Path(__file__).parent.parent / "cases" / "syntax" / "lantern_night.story"
LINES = CASE.read_text("utf-8").splitlines()
_PART = re.compile(r'"[^"]*"|[ ]')


@st.composite
def laid_out(draw: st.DrawFn) -> str:
    """The example with other indents, blanks, comments and line ends."""
    indent = draw(st.sampled_from(["\t", " ", "   ", "      "]))
    lines = []
    for line in LINES:
        words = line.lstrip(" ")
        depth = (len(line) - len(words)) // 2
        starts_statement = depth == 0 or (depth == 1 and words.startswith(("shot", "use")))
        if words and starts_statement and not words.startswith(("let", "param", "#")):
            gap = draw(st.sampled_from([" ", "  ", "\t", " \t "]))
            words = _PART.sub(lambda part: gap if part[0] == " " else part[0], words)  # noqa: B023
            words += draw(st.sampled_from(["", "  # why", "\t#"]))
        if depth == 0:
            lines += draw(st.lists(st.sampled_from(["", "  ", "# note", "#"]), max_size=3))
        lines.append(indent * depth + words + draw(st.sampled_from(["", " ", "\t"])))
        if depth:
            lines += draw(st.lists(st.just("# between"), max_size=1))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))


def jobs(text: str) -> object:
    outcome = Loader(CASE.parent).load_source(Source(CASE, text))
    assert outcome.value is not None
    assert outcome.diagnostics == ()
    story = check(outcome.value, CATALOG).value
    assert story is not None
    made = compile_story(story, CATALOG).value
    assert made is not None
    return [(job.content, [(shot.address, shot.prompt) for shot in job.shots]) for job in made]


EXPECTED = jobs("\n".join(LINES))


@settings(deadline=None, max_examples=40)
@given(laid_out())
def test_no_layout_and_no_formatting_changes_a_job(text: str) -> None:
    assert jobs(text) == EXPECTED
    assert jobs(format_source(Source(CASE, text))) == EXPECTED
