from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.limits import MOST_MISTAKES
from storyboard.source import Source
from storyboard.syntax import parse
from storyboard.syntax.keywords import FORMS, Takes
from storyboard.syntax.mistake_table import TABLE, Mistake

STORY = 'story "T"\n'


def find(text: str) -> list[Diagnostic]:
    return list(parse(Source(Path("/t.story"), text)).diagnostics)


def mend(text: str, found: Diagnostic) -> str:
    """The text with a finding's fix applied."""
    assert found.fix is not None
    for edit in sorted(found.fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def whole(header: str) -> str:
    """A file in which only that header can be wrong."""
    keyword = re.split(r"\W", header, maxsplit=1)[0]
    needs_body = keyword in FORMS and FORMS[keyword].takes is not Takes.NOTHING and not header.startswith("let")
    body = "\n  shot a 2s\n    b\n" if keyword in ("template", "for") else "\n  text\n" if needs_body else "\n"
    return ("" if keyword in ("story", "edition") else STORY) + header + body


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.wrong)
def test_each_wrong_example_is_reported_by_its_own_rule(entry: Mistake) -> None:
    text = whole(entry.wrong)
    [found] = find(text)
    assert found.rule is entry.rule
    any_words = dict.fromkeys(entry.pattern.groupindex, "ANYTHING")
    assert re.fullmatch(re.escape(entry.message.format(**any_words)).replace("ANYTHING", ".+"), found.message)
    if entry.right is None:
        assert found.fix is None
    else:
        assert mend(text, found) == whole(entry.right)
        assert find(whole(entry.right)) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("story “Night” 5s", 'story "Night" 5s'),
        ('story "Night” 5s', 'story "Night" 5s'),
        ("scene arrival「到着」", 'scene arrival"到着"'),
        ("shot street：5s", "shot street 5s"),
        ("shot：street 5s", "shot street 5s"),
        ("shot street　5s", "shot street 5s"),
        ("shot street ５ｓ", "shot street 5s"),
        ("shot str\u200beet 5s", "shot street 5s"),
        ("use reveal（mei，“the river”，hold：4s）", 'use reveal(mei，"the river"，hold = 4s)'),
        ("let mei：a woman（young）", "let mei = a woman（young）"),
        ("let mei＝a woman", "let mei=a woman"),
        ("for bank in “north”、“south”", 'for bank in "north"、"south"'),
        ("phrase walk（who）", "phrase walk(who)"),
        ("split ＃ later", "split # later"),
    ],
)
def test_full_width_signs_in_a_header_are_one_error_with_a_safe_fix(wrong: str, right: str) -> None:
    text = whole(wrong)
    [found] = find(text)
    assert found.code == "SB010"
    assert mend(text, found) == whole(right)
    assert find(whole(right)) == []


@pytest.mark.parametrize(
    ("wrong", "code", "right"),
    [
        (".mode：pro", "SB010", ".mode pro"),
        (".mode＝ pro", "SB010", ".mode pro"),
        (".mode　pro", "SB010", ".mode pro"),
        ("。mode pro", "SB010", ".mode pro"),
        (".aspect_ratio 16：9", "SB010", ".aspect_ratio 16:9"),
        (".aspect_ratio １６：９", "SB010", ".aspect_ratio 16:9"),
        (".mode: pro", "SB009", ".mode pro"),
        (".mode=pro", "SB009", ".mode pro"),
        (".mode = pro", "SB009", ".mode pro"),
        (". mode pro", "SB009", ".mode pro"),
        (".aspect-ratio 16:9", "SB009", ".aspect_ratio 16:9"),
        (".mode,pro", "SB009", None),
        (".mode(pro)", "SB009", None),
    ],
)
def test_mistakes_in_a_setting_cost_only_its_line(wrong: str, code: str, right: str | None) -> None:
    text = f"{STORY}shot a 5s\n  .sound on\n  {wrong}\n  Text.\n"
    outcome = parse(Source(Path("/t.story"), text))
    [found] = outcome.diagnostics
    assert (found.code, found.span.position.line) == (code, 4)
    assert outcome.value is not None
    body = outcome.value.statements[1].body  # type: ignore[union-attr]
    assert body.text is not None
    assert body.text.raw == "Text."
    if right is None:
        assert found.fix is None
    else:
        assert mend(text, found) == text.replace(wrong, right)
        assert find(text.replace(wrong, right)) == []
        meant = right.split()
        assert (body.settings[1].name.text, body.settings[1].value.raw) == (meant[0][1:], meant[1])


@pytest.mark.parametrize(
    "text",
    [
        "...and then rain.",
        ".5 seconds pass.",
        "“Quoted”：yes（so）",
        "。",
        ". . .",
        "- .mode pro",
        "・ bullet",
        "·中文",
    ],
)
def test_ordinary_text_stays_text(text: str) -> None:
    assert find(f"{STORY}shot a 5s\n  {text}\n") == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("edition 2\nshto\n", [("SB023", 1)]),
        ("edition 0\n", [("SB023", 1)]),
        ("let a = b\nedition 1\n", [("SB023", 2)]),
        ('story "A"\nstory "B"\n', [("SB026", 2)]),
        ("let a = b\nshot x 5s\n  t\nsplit\n", [("SB027", 2)]),
        ("story Broken “\nshot x 5s\n  t\n", [("SB010", 1)]),
        ('story "A"\ntemplate t()\n  let a = b\n  shot x 5s\n    t\n', [("SB005", 3)]),
        ('story "A"\ntemplate t()\n  .mode pro\n  shot x 5s\n    t\n', [("SB005", 3)]),
        ('story "A"\n.model x\n  Log.\n', [("SB005", 2)]),
        ('story "A"\nshot x 5s\n  .mode std\n  .negative a\n  .negative + b\n  .mode pro\n  t\n', [("SB008", 6)]),
        ("let a\n", [("SB019", 1)]),
        ("let a =\n", [("SB019", 1)]),
        ("let a = b\n  c\n", [("SB019", 1)]),
        ("let a =\n  c\n", []),
        ("param a =\n", []),
        ("param a = b\n  c\n", [("SB004", 2)]),
        ("let a\n  .mode pro\n  c\n", [("SB005", 2)]),
        ("phrase p()\n", [("SB025", 1)]),
        ("let the-city = x\n", [("SB021", 1)]),
        ("let true = x\n", [("SB022", 1)]),
        ("let m\u0301ei = x\nlet 镇江 = y\nlet _ = z\n", []),
        ("let \u0301m = x\n", [("SB021", 1)]),
        ("let m🎬 = x\n", [("SB021", 1)]),
        ('story "a\\qb"\n', [("SB016", 1)]),
        ('story "a\\u{0}b"\n', [("SB016", 1)]),
        ('story "a\\u{1F3EE}\\"\\\\\\n"\n', []),
        ('story "{{ x }}"\n', [("SB028", 1)]),
        ('story "T"\nfor x in "{{ a }}", {{ b }}\n  shot a 2s\n    b\n', [("SB028", 2)]),
        ("  text\nlet a = b\n", [("SB004", 1)]),
        ("  # note\nlet a = b\n", [("SB006", 1)]),
        ('story "A"\nsplit\n  # note\n', [("SB006", 3)]),
        ("let a\n  x\n\ty\n", [("SB002", 3)]),
        ("let a\n \tx\n", [("SB002", 2)]),
        ("let a\n\tx\n\t\ty\nlet b\n  x\n", []),
        ("param a\n  b\n", [("SB018", 1)]),
        ('story "T"\nuse t(a,\n    b)\n', [("SB017", 2)]),
        ('story "T"\ntemplate t(a,\n    b)\n  shot x 5s\n    t\n  shot y\n    u\n', [("SB017", 2)]),
        ('story "T"\nshot a 5 s\n  text\n  # note\n  .mode pro\n', [("SB013", 2), ("SB006", 4), ("SB007", 5)]),
        ('story "T"\nshot a\n  text\n  # note\n', [("SB012", 2), ("SB006", 4)]),
        ('story "T"\nshto a\n  text\n  # note\n', [("SB003", 2)]),
        ("// note\nlet a = b\n", [("SB003", 1)]),
        ("＃ note\nlet a = b\n", [("SB010", 1)]),
        ("let a\n　　镇\n  江\n", [("SB010", 2)]),
    ],
)
def test_each_layout_mistake_is_one_error_at_its_place(body: str, found: list[tuple[str, int]]) -> None:
    assert [(d.code, d.span.position.line) for d in find(body)] == found


def test_broken_template_keeps_its_valid_statements() -> None:
    text = (
        'story "T"\ntemplate t()\n  shot a\n    text\n  scene b\n  # note\n  shot c 5s\n    # no\n    text\n # odd\n'
        "  for x in y\n    shto d 5s\n      text\n"
    )
    outcome = parse(Source(Path("/t.story"), text))
    assert [(d.code, d.span.position.line) for d in outcome.diagnostics] == [
        *(("SB012", 3), ("SB005", 5), ("SB006", 8), ("SB006", 10), ("SB003", 12)),
    ]
    assert outcome.value is not None
    template = outcome.value.statements[1]
    assert [s.span.text for s in template.statements] == ["shot c 5s", "for x in y"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("paramcity = Suzhou", ("param", "city")),
        ("lte mei = Mei", ("let", "mei")),
        ("let mei, = Mei", ("let", "mei")),
        ("wide shot of the street", (None, "shot")),
        ('import "x" "y" as house', ("import", "house")),
        ("improt house", ("import", None)),
    ],
)
def test_names_of_a_broken_line_are_kept(line: str, lost: tuple[str | None, str | None]) -> None:
    outcome = parse(Source(Path("/t.story"), line + "\n"))
    assert outcome.value is not None
    [loss] = outcome.value.lost
    assert (loss.keyword, loss.name) == lost


@pytest.mark.parametrize(
    ("body", "lines", "shots"),
    [
        ("  shot a 2s\n    x\n shot b 2s\n    x\n  shot c 2s\n    x\n", [4], "abc"),
        ("   shot a 2s\n    x\n  shot b 2s\n   x\n  shot c 2s\n    x\n", [4], "abc"),
        ("  shot a 2s\n    x\n y\n  shot b 2s\n    x\n", [4], "ab"),
        ("  shot a 2s\n  # note\n    x\n # note\n    y\n", [5], "a"),
    ],
)
def test_statements_of_a_block_at_different_columns(body: str, lines: list[int], shots: str) -> None:
    outcome = parse(Source(Path("/t.story"), "template t()\n" + body))
    assert [found.span.position.line for found in outcome.diagnostics] == lines
    assert outcome.value is not None
    [template] = outcome.value.statements
    assert [shot.name.text for shot in template.statements] == list(shots)  # type: ignore[union-attr]


def test_a_setting_that_is_not_indented_belongs_to_the_header_above() -> None:
    outcome = parse(Source(Path("/t.story"), 'story "A"\n.model x\n  Log.\nshot a 5s\n  text\n.mode pro\n  more\n'))
    assert [(d.code, d.span.position.line) for d in outcome.diagnostics] == [("SB005", 2), ("SB005", 6)]
    assert outcome.value is not None
    story, shot = outcome.value.statements
    assert [s.name.text for s in story.body.settings] == ["model"]  # type: ignore[union-attr]
    assert shot.body.text.raw == "text\nmore"  # type: ignore[union-attr]


def test_nesting_depth_is_limited() -> None:
    nested = "".join(f"{' ' * depth}for a in b\n" for depth in range(200))
    assert [(d.code, d.span.position.line) for d in find(STORY + nested)] == [("SB024", 34)]


def test_file_full_of_mistakes_is_not_read_to_its_end() -> None:
    text = STORY + "shto a 5s\n" * (MOST_MISTAKES + 7)
    outcome = parse(Source(Path("/t.story"), text))
    assert outcome.value is None
    assert len(outcome.diagnostics) == MOST_MISTAKES + 1
    assert outcome.diagnostics[-1].message == "this file has more than 5,000 mistakes"
    assert outcome.diagnostics[-1].span.position == (MOST_MISTAKES + 2, 1)


def test_number_of_reported_mistakes_is_exact() -> None:
    text = STORY + "shto a 5s\n" * MOST_MISTAKES
    outcome = parse(Source(Path("/t.story"), text))
    assert outcome.value is not None
    assert len(outcome.diagnostics) == MOST_MISTAKES
