"""Whatever is thrown at the parser and the printer: nothing raises, nothing is lost, nothing changes meaning."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark

from storyboard.diagnostics import Severity
from storyboard.source import Source, Span
from storyboard.syntax import decode, format_source, parse
from storyboard.syntax.builder import Builder, plain_shot
from storyboard.syntax.grammar import full_setting, parse_header, quick_setting
from storyboard.syntax.lalr import Node
from storyboard.syntax.mistake_table import TABLE
from storyboard.syntax.tree import ShotDecl, StoryFile, Text
from tests.support.grammar import by_lark, by_tables, lark_parser

CASES = Path(__file__).parent.parent / "cases" / "syntax"
EXAMPLE = (CASES / "lantern_night.story").read_text("utf-8")

HEADERS = [
    *(entry.wrong for entry in TABLE),
    *(entry.right for entry in TABLE if entry.right),
    *(line for line in EXAMPLE.splitlines() if line and line[0].isalpha()),
    *(
        "edition 2",
        "shto a 5s",
        "shot a 5s  # why",
        "for x in 1 .. 3 ,  two   words",
        "story “T”",
        "let a =",
        "Text here.",
    ),
]
LINES = [
    *(
        "",
        "",
        "# note",
        "#note",
        "# ",
        ".mode pro",
        ".mode   pro",
        ".mode: pro",
        ".negative a",
        "Some   text, {{ mei }}.",
    ),
    *("镇江，下雨", "{% if x %}", '"quoted"', ".", "...", "\u3000text", "// no", "＃ no", "\ttabbed"),
]
INDENTS = ["", "  ", "    ", "      ", "\t", "\t\t", " ", " \t"]

lines = st.one_of(
    st.sampled_from(HEADERS),
    st.builds(lambda indent, words: indent + words, st.sampled_from(INDENTS), st.sampled_from([*LINES, *HEADERS])),
    st.builds(lambda words, blanks: words + blanks, st.sampled_from(LINES), st.sampled_from(["", " ", "\t", " \t "])),
)
stories = st.builds(
    lambda many, end, last: end.join(many) + last,
    st.lists(lines, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n\n"]),
)
anything = st.text(st.sampled_from(" \t\n#.\"'(){}%=:,-_5sabé镇\u0301\u200b“”：（\\ \u2028\x00\r"), max_size=80)

blanks = st.sampled_from([" ", "  ", "\t", "\u00a0"])


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """The language's example with a few places changed."""
    text = EXAMPLE
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(anything) + text[at + draw(st.integers(0, 9)) :]
    return text


headers = st.deferred(lambda: from_lark(lark_parser(), start="header"))
setting_lines = st.deferred(lambda: from_lark(lark_parser(), start="setting"))
texts = st.one_of(stories, spoilt(), anything, headers)


def read(text: str) -> tuple[StoryFile | None, list[Span]]:
    source = Source(Path("/t.story"), text)
    outcome = parse(source)
    return outcome.value, [found.span for found in outcome.diagnostics if found.severity is Severity.ERROR]


def meaning(value: object) -> object:
    """A tree without its places."""
    if isinstance(value, Text):
        return value.raw
    if isinstance(value, tuple) and not isinstance(value, Span):
        names = getattr(value, "_fields", range(len(value)))
        fields = zip(names, value, strict=True)
        return [meaning(item) for name, item in fields if name not in ("span", "source", "written")]
    return value


@given(texts)
@example("shot a 5s\n\t b")
@example("\u2028\nsplit\n")
def test_every_text_is_parsed_with_places_inside_it(text: str) -> None:
    file, errors = read(text)
    for span in errors:
        assert 0 <= span.start <= span.end <= len(text)
    if file is not None:
        for earlier, later in zip(file.broken, file.broken[1:], strict=False):
            assert earlier.end <= later.start
        assert bool(file.broken) <= bool(errors)


@given(texts)
def test_the_printer_changes_no_meaning_and_loses_no_comment(text: str) -> None:
    before, errors = read(text)
    printed = format_source(Source(Path("/t.story"), text))
    assert format_source(Source(Path("/t.story"), printed)) == printed
    after, errors_after = read(printed)
    assert len(errors_after) == len(errors)
    if before is None or after is None:
        assert before is after is None
        assert printed == text
        return
    assert meaning(before.statements) == meaning(after.statements)
    assert [comment.text for comment in before.comments] == [comment.text for comment in after.comments]
    for span in before.broken:
        assert span.text in printed


@given(stories)
def test_the_printer_writes_one_layout(text: str) -> None:
    file, errors = read(text)
    if errors or file is None:
        return
    printed = format_source(Source(Path("/t.story"), text))
    assert "\r" not in printed
    assert "\t" not in re.sub(r"^( *\S.*)", "", printed, flags=re.MULTILINE)
    assert printed == "" or (printed.endswith("\n") and not printed.endswith("\n\n"))
    assert not re.search(r"[ \t]$", printed, re.MULTILINE)
    assert not re.search(
        r"^(?:shot|scene|story|use|split|for|template|phrase)\b.*(?:\n(?: .*|#.*))*\n(?=[a-z])", printed, re.MULTILINE
    )


@given(st.one_of(headers, setting_lines, lines, spoilt()))
@example("shot a b #")
@example('use a("b" = c)')
def test_parser_agrees_with_lark(text: str) -> None:
    for line in text.split("\n"):
        for goal in ("header", "setting"):
            assert by_tables(line, goal) == by_lark(line, goal)


@given(
    st.one_of(
        headers,
        st.sampled_from(HEADERS),
        st.builds("shot{}{}{}5s{}".format, blanks, anything, blanks, anything),
    )
)
def test_fast_path_of_a_header_equals_the_grammar(line: str) -> None:
    line = line.replace("\n", " ")
    source = Source(Path("/t.story"), f"x\n{line}")
    plain = plain_shot(source, 2, len(source.text))
    if plain is not None:
        tree = parse_header(source.text, 2, len(source.text))
        assert isinstance(tree, Node)
        shot, comment = Builder(source, Span(source, 2, len(source.text)), None).build(tree)
        assert isinstance(shot, ShotDecl)
        assert (shot.name, shot.length) == plain
        assert comment is None


@given(st.builds(str.__add__, st.sampled_from([".mode", ".镇", "._a", ".a-b", ".9"]), anything))
def test_fast_path_of_a_setting_equals_the_grammar(line: str) -> None:
    line = "x\n" + line.replace("\n", " ")
    quick = quick_setting(line, 2, len(line))
    if quick is not None:
        assert quick == full_setting(line, 2, len(line))


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_any_bytes_give_a_text_or_one_error(data: bytes) -> None:
    outcome = decode(Path("/t.story"), data)
    assert outcome.value is not None
    assert len(outcome.diagnostics) <= 1
    if not outcome.diagnostics:
        assert outcome.value.text.encode() == data.removeprefix(b"\xef\xbb\xbf")
        parse(outcome.value)
