"""Section 2 of the language: text is filled in first, then laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.story.prompt_layout import KEPT_BREAK, TAG, as_it_is, join_lines, keep_breaks, lay_out
from tests.support.front import HEAD, check_text


def prompt(folder: Path, body: str, before: str = "") -> str:
    checked = check_text(folder, HEAD + before + "shot s 5s\n" + body)
    assert checked.errors == []
    return checked.prompts["main.s"]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("one\ntwo", "one two"),
        ("one\n\ntwo", "one\ntwo"),
        ("one\n\n \t\n\ntwo", "one\ntwo"),
        ("  one  \t two\t", "one two"),
        ("a\u00a0 b\u3000c", "a\u00a0 b\u3000c"),
        ("e\u0301", "\u00e9"),
        ("ㄱ\u1161", "ㄱ\u1161"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_lines_join_blank_lines_break_and_blanks_fold(raw: str, wanted: str) -> None:
    assert lay_out(raw) == wanted


@pytest.mark.parametrize(
    ("left", "right", "close"),
    [
        ("中文", "测试", True),
        ("ひら", "カナ", True),
        ("ｶﾅ", "漢", True),
        ("ㄅ", "中", True),
        ("𠀀", "中", True),
        ("，", "中", True),
        ("中。", "next", False),
        ("中", "test", False),
        ("中", ",", True),
        ("中", "“x”", True),
        ("end.", "中", True),
        ("—", "中", True),
        ("end.", "Next", False),
        ("“x”", "“y”", False),
        ("한국", "어", False),
        ("한", "中", False),
        ("１２", "中", False),
        ("ＡＢ", "中", False),
        ("！", "中", True),
        ("！", "x", False),
        ("中", "🏮", False),
        ("か\u3099", "中", True),
        ("葛\U000e0100", "中", True),
        ("中", "$5", False),
        ("々", "〇", True),
    ],
)
def test_lines_join_without_a_space_only_at_cjk(left: str, right: str, close: bool) -> None:
    between = "" if close else " "
    assert lay_out(f"{left}\n{right}") == lay_out(f"{left}{between}{right}")
    assert (lay_out(f"{left}\n{right}").count(" ") == 0) is close


def test_a_line_that_held_only_tags_leaves_no_line() -> None:
    assert lay_out(f"one\n{TAG}\ntwo") == "one two"
    assert lay_out(f"one\n  {TAG} {TAG}  \ntwo") == "one two"
    assert lay_out(f"one\n\n{TAG}\n\ntwo") == "one\ntwo"


def test_filled_in_text_keeps_its_line_breaks() -> None:
    assert lay_out(f"He says: {TAG}{keep_breaks('one' + chr(10) + 'two')} and goes.") == "He says: one\ntwo and goes."
    assert lay_out(f"中\n{KEPT_BREAK}\n文") == "中\n文"
    assert as_it_is(f"{TAG}a  b{KEPT_BREAK}c") == "a  b\nc"


def test_inserted_texts_join_as_lines_of_the_outer_paragraph() -> None:
    assert join_lines(["Look.", "one\ntwo", "", "End."]) == "Look. one\ntwo End."
    assert join_lines(["胶片。", "中文", "颗粒"]) == "胶片。中文颗粒"


def test_joins_depend_on_the_filled_in_text(tmp_path: Path) -> None:
    before = "let zh = 灯笼\nlet en = lantern\n"
    assert prompt(tmp_path, "  {{ zh }}\n  {{ zh }}\n", before + "let x = {{ en }}\n") == "灯笼灯笼"
    assert prompt(tmp_path, "  {{ zh }}\n  {{ en }}\n", before) == "灯笼 lantern"


def test_tag_between_characters_adds_no_space(tmp_path: Path) -> None:
    assert prompt(tmp_path, '  你{{ "们" }}好{% if true %}。{% endif %}\n') == "你们好。"


def test_written_blank_lines_are_a_break_even_between_tags(tmp_path: Path) -> None:
    body = '  one\n  {% if shot.name == "s" %}\n\n  two\n  {% endif %}\n  three\n'
    assert prompt(tmp_path, body) == "one\ntwo three"


def test_skipped_branch_leaves_no_line(tmp_path: Path) -> None:
    body = '  one\n  {% if shot.name == "x" %}\n  two\n\n  more\n  {% else %}\n  three\n  {% endif %}\n  four\n'
    assert prompt(tmp_path, body) == "one three four"


def test_line_that_becomes_empty_leaves_no_line(tmp_path: Path) -> None:
    assert prompt(tmp_path, "  one\n  {{ extra }}\n  two\n", "param extra =\n") == "one two"
    assert prompt(tmp_path, "  one\n\n  {{ extra }}\n\n  two\n", "param extra =\n") == "one\ntwo"


def test_a_filled_in_text_keeps_its_paragraphs(tmp_path: Path) -> None:
    before = "let two\n  first\n  line\n\n  second\n\n"
    assert prompt(tmp_path, "  Before {{ two }} after.\n", before) == "Before first line\nsecond after."


def test_line_break_in_a_string_is_kept(tmp_path: Path) -> None:
    assert prompt(tmp_path, '  a{{ "\\n" }}b\n') == "a\nb"


def test_comments_in_a_body_are_ignored(tmp_path: Path) -> None:
    assert prompt(tmp_path, "  one\n# not this\n  two\n") == "one two"
    assert prompt(tmp_path, "  one\n\n# not this\n  two\n") == "one\ntwo"


def test_typographic_punctuation_in_text_is_never_touched(tmp_path: Path) -> None:
    assert prompt(tmp_path, "  “灯”：好（吗）？ “x”\n") == "“灯”：好（吗）？ “x”"


def test_crlf_reads_as_lf(tmp_path: Path) -> None:
    checked = check_text(tmp_path, (HEAD + "shot s 5s\n  one\n  two\n\n  three\n").replace("\n", "\r\n"))
    assert checked.prompts == {"main.s": "one two\nthree"}


def test_filled_in_line_can_begin_with_a_dot_or_hash(tmp_path: Path) -> None:
    assert prompt(tmp_path, '  {{ ".mode" }} x\n  {{ "#" }} y\n') == ".mode x # y"


def test_the_whole_prompt_is_in_nfc(tmp_path: Path) -> None:
    assert prompt(tmp_path, "  e{{ accent }}\n", "let accent = \u0301\n") == "\u00e9"
