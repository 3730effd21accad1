"""Mixed directions: pieces in the order in which a reader's eye finds them."""

from __future__ import annotations

import bidi
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storyboard.media.bidi import DirectionRun, is_rtl, mirror, pieces_of_lines

RTL = "אבג"


def pieces(line: str, base_rtl: bool) -> list[DirectionRun]:
    return pieces_of_lines([line], base_rtl)[0]


def seen(line: str, base_rtl: bool) -> str:
    """The line as seen from left to right, right-to-left pieces turned round."""
    return "".join(piece.text[::-1] if piece.rtl else piece.text for piece in pieces(line, base_rtl))


@pytest.mark.parametrize(
    ("line", "base_rtl", "as_seen"),
    [
        ("plain", False, "plain"),
        ("a אבג b", False, "a גבא b"),
        ("a אבג דהו b", False, "a והד גבא b"),
        ("אבג abc דהו", True, "והד abc גבא"),
        ("אבג 42.50 דהו", True, "והד 42.50 גבא"),
        ("אבג 42, 50", True, "50 ,42 גבא"),
        ("אבג $5 ו-30%", True, "30%-ו $5 גבא"),
        ("אבג abc 123 (xyz)", True, "abc 123 (xyz) גבא"),
        ("abc אבג.", False, "abc גבא."),
        ("אבג abc.", True, ".abc גבא"),
    ],
)
def test_mixed_directions_are_ordered_as_a_reader_expects(line: str, base_rtl: bool, as_seen: str) -> None:
    assert seen(line, base_rtl) == as_seen


def test_first_strong_character_decides_the_paragraph_direction() -> None:
    assert is_rtl(f"12, {RTL} abc")
    assert not is_rtl(f"12, abc {RTL}")
    assert not is_rtl("12 ()")


LETTERS = "abZ אבגد ج ا12٣٤.,:+-$%()[]{}<>!? '\"/#&*\u0301\u05b0\u200d“”„、（）「」北"


@given(st.text(st.sampled_from(LETTERS), max_size=20), st.booleans())
@example("he said אבג (דהו)! 12", False)
@example("ا 12-13%", False)
@example("א[(b)]ג", False)
def test_order_agrees_with_another_implementation(line: str, base_rtl: bool) -> None:
    assert seen(line, base_rtl) == bidi.get_display(line, base_dir="R" if base_rtl else "L")


def test_a_line_takes_its_directions_from_the_paragraph() -> None:
    first, second = pieces_of_lines(["abc ا ", "12-13"], False)
    assert [piece.text for piece in first] == ["abc ", "ا", " "]
    assert [piece.text for piece in second] == ["13", "-", "12"]


def test_brackets_are_mirrored_without_text_shaping() -> None:
    assert mirror("(אב)«ג»") == "«ג»(בא)"


def test_empty_text_has_no_runs() -> None:
    assert pieces("", False) == pieces("", True) == []
    assert pieces("abc", False) == [DirectionRun("abc", False)]


@given(st.text(st.sampled_from("abאבج12.,()[ $\u0301"), max_size=30), st.booleans())
def test_no_character_is_lost_or_doubled(line: str, base_rtl: bool) -> None:
    assert sorted("".join(piece.text for piece in pieces(line, base_rtl))) == sorted(line)
