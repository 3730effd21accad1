"""Properties of text and expansion: whatever is written, it is laid out the same way again, and expanding it ends."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard.story.expression import TagProblem
from storyboard.story.expression_parser import parse_inside
from storyboard.story.prompt_layout import join_lines, lay_out
from storyboard.story.quick_expression import read_plain
from storyboard.story.template_parser import parse_text
from tests.support.front import HEAD, check_text

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WRITTEN = st.text(st.sampled_from("ab.,  \t\n\n中文。，한か\u3099\u00a0\u3000é\u0301“”(！Ａ１🏮"), max_size=40)
LINES = st.lists(WRITTEN, max_size=5)


@QUICK
@given(WRITTEN)
def test_laying_out_twice_changes_no_paragraph(text: str) -> None:
    once = lay_out(text)
    assert [lay_out(paragraph) for paragraph in once.split("\n")] == once.split("\n")


@QUICK
@given(WRITTEN)
def test_laid_out_text_is_trimmed_nfc_without_repeated_blanks(text: str) -> None:
    once = lay_out(text)
    assert once == once.strip(" \t\n")
    assert "  " not in once and "\t" not in once and "\n\n" not in once
    assert unicodedata.is_normalized("NFC", once)


@QUICK
@given(WRITTEN)
def test_layout_loses_only_blanks_and_line_breaks(text: str) -> None:
    blanks = str.maketrans("", "", " \t\n")
    kept = unicodedata.normalize("NFC", lay_out(text).translate(blanks))
    assert kept == unicodedata.normalize("NFC", text.translate(blanks))


@QUICK
@given(st.lists(WRITTEN, max_size=4))
def test_joined_lines_equal_the_text_of_these_lines(texts: list[str]) -> None:
    single = [lay_out(text).replace("\n", "") for text in texts]
    assert join_lines(single) == lay_out("\n".join(text for text in single if text))


INSIDES = st.sampled_from(
    ["a", "mei", "scene", "text", "_b", "in", "if", "true", "None", "²", "e\u0301", "镇", "1", ".", "(", ")", ",", ", ", "=", "==", '"x, y"', '"é"', '"e\u0301"', '"', "'x'", "\\", " ", "\n", "\u3000", "|", "-", "}", "#"]
)  # fmt: skip
CALLS = st.builds(
    lambda name, given: f" {name}({', '.join(given)})",
    st.sampled_from(["p", "house.p", "e\u0301", "p.if"]),
    st.lists(
        st.sampled_from(["a", "a.b", "_a", 'x="y"', "x = a", "in=a", '"x, \n(y)"', "b=1", "c._d", "a b"]), max_size=3
    ),
)


NAMES = st.sampled_from(["a", "a.b", "a._b", "e\u0301", "_a", "in", "not", "true", "a.if", "镇", "a b", ""])
BLANKS = st.sampled_from(["", " ", "\n ", "\u3000"])
STRINGS = st.sampled_from(['"x"', "'x'", '"e\u0301"', "'\"'", '"\'"', '"a\\"', '"\n"', "''", '"{% x %}"', "'a'b'", '"'])
CONDITIONS = st.one_of(
    st.tuples(BLANKS, NAMES, BLANKS, st.sampled_from(["==", "!=", "=", "<", "in"]), BLANKS, STRINGS, BLANKS),
    st.tuples(BLANKS, st.sampled_from(["not", "Not", "not not"]), BLANKS, NAMES, BLANKS),
    st.tuples(
        BLANKS,
        NAMES,
        BLANKS,
        st.just("|"),
        BLANKS,
        st.sampled_from(["upper", "join", 'join(", ")', "join( ';' ) ", "upper('x')", "nope", "in"]),
        BLANKS,
    ),
    st.tuples(BLANKS, STRINGS, BLANKS),
).map("".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(INSIDES, max_size=9).map("".join), CALLS, CONDITIONS))
def test_fast_path_of_a_tag_equals_jinja(inside: str) -> None:
    plain = read_plain(inside)
    assert plain is None or plain == parse_inside(inside)


@pytest.mark.parametrize(
    "inside",
    [
        "mei",
        "p(a, b='c')",
        "'x'",
        ' "x" ',
        ' rain == "heavy" ',
        "a.b != 'x'",
        " not rain",
        "mei | upper",
        "a.b | join(', ')",
    ],
)
def test_common_tags_are_read_without_jinja(inside: str) -> None:
    assert read_plain(inside) == parse_inside(inside)


WORDS = st.sampled_from(
    ["a", "b.c", "p", "_x", "and", "or", "not", "in", "is", "if", "else", "none", "true", "x.none", "'x'", '"y"', "1", "2.5", "0x1", "1_0", "(", ")", "[", "{", "}", "}}", ",", "=", "==", "<", "|", "upper", "join", ".", "~", "-", "*", "%", ":", "\\", "'{% raw %}'", '"{# x #}"', " ", " "]
)  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(WORDS, max_size=9).map("".join))
def test_text_in_braces_is_an_expression_or_a_located_problem(inside: str) -> None:
    found = parse_inside(inside)
    if isinstance(found, TagProblem):
        assert 0 <= found.start <= found.end <= len(inside) + 1
    else:
        assert 0 <= found.start < found.end <= len(inside)


TAGS = st.sampled_from(
    ["{{ a }}", "{{ p(a) }}", "{{ b | upper }}", "{{}-}}", "{% if }} %}", "{% if a %}", "{% else %}", "{% endif %}", "{{", "}}", "{%", "%}", "'", '"', "x", "\n", "(", ")", "not ", "|", ".", "{#", " "]
)  # fmt: skip


@QUICK
@given(st.lists(TAGS, max_size=30).map("".join))
def test_any_text_is_split_and_its_problems_lie_inside_it(raw: str) -> None:
    parsed = parse_text(raw)
    for problem in parsed.problems:
        assert 0 <= problem.start <= problem.end <= len(raw)
        assert problem.message


@SLOW
@given(st.lists(TAGS, min_size=1, max_size=25).map("".join))
def test_text_in_braces_gives_an_error_or_a_prompt(raw: str) -> None:
    body = "".join(f"  x{line}\n" for line in raw.split("\n"))
    with TemporaryDirectory() as folder:
        text = HEAD + "let a = A\nparam b =\nphrase p(x)\n  <{{ x }}>\nshot s 5s\n" + body
        checked = check_text(Path(folder), text)
    assert checked.errors or checked.prompts["main.s"]


SHOT_NAMES = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True)


@SLOW
@given(SHOT_NAMES, st.data())
def test_inserting_a_shot_anywhere_changes_no_other_prompt_or_address(names: list[str], data: st.DataObject) -> None:
    shots = [f"shot {name} 5s\n  {{{{ shot.name }}}} in {{{{ scene.name }}}}, {name}.\n" for name in names]
    at = data.draw(st.integers(0, len(shots)))
    with TemporaryDirectory() as folder:
        before = check_text(Path(folder), HEAD + "scene s\n" + "".join(shots)).prompts
        shots.insert(at, "shot new 5s\n  New.\n")
        after = check_text(Path(folder), HEAD + "scene s\n" + "".join(shots)).prompts
    assert {name: after[name] for name in before} == before


COUNT = st.integers(1, 24)
"""Three of them together reach beyond the bound of 10,000 shots, and seldom: a story of so many takes a second."""


@SLOW
@given(COUNT, COUNT, COUNT)
def test_expansion_always_ends_within_its_bounds(outer: int, inner: int, calls: int) -> None:
    text = (
        f"template t(x)\n  for a in 1..{outer}\n    for b in 1..{inner}\n      shot s 3s\n        {{{{ x }}}} {{{{ a }}}} {{{{ b }}}}\n"
        + "".join(f"use t({n}) as l{n}\n" for n in range(calls))
    )
    with TemporaryDirectory() as folder:
        checked = check_text(Path(folder), HEAD + text)
    if outer * inner * calls > 10_000:
        assert [line.split()[1] for line in checked.errors] == ["SB130"]
    else:
        assert len({shot.address for shot in checked.shots}) == outer * inner * calls


PIECES = st.sampled_from(
    ["phrase p{n}(x)\n  {{{{ p{m}(x) }}}}{{{{ p{m}(x) }}}}{{{{ x }}}}\n", "let l{n} = {{{{ l{m} }}}}{{{{ p{m}(l{m}) }}}}\n",
     "template t{n}(x)\n  use t{m}(x)\n  use t{m}(x) as y\n  shot s{n} 3s\n    {{{{ p{m}(x) }}}}\n"]
)  # fmt: skip


@SLOW
@given(st.lists(st.tuples(PIECES, st.integers(0, 8), st.integers(0, 8)), max_size=14))
def test_mutual_calls_always_end(pieces: list[tuple[str, int, int]]) -> None:
    text = "".join(piece.format(n=n, m=m) for piece, n, m in pieces)
    with TemporaryDirectory() as folder:
        checked = check_text(Path(folder), HEAD + text + 'shot last 3s\n  Last. {{ l0 }}\nuse t0("x")\n')
    assert checked.errors or checked.prompts
