"""Setting text: lines that fit, broken where writing may be broken, each character with a font that has it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.media.fonts import BUILT_IN, FontSet, system_fonts
from storyboard.media.text_layout import Setter, TextBlock, break_units, clean, script_name

BARE = FontSet((), BUILT_IN)


def lines(block: TextBlock) -> list[str]:
    return ["".join(run.text for run in line.runs) for line in block.lines]


def test_chinese_breaks_between_characters_but_not_before_its_punctuation() -> None:
    units = list(break_units("灯笼街，雨停了。「好」"))
    assert units == ["灯", "笼", "街，", "雨", "停", "了。", "「好」"]


def test_latin_breaks_after_spaces_only() -> None:
    assert list(break_units('Wide "shot" (50mm), e.g. https://a.b/c')) == [
        "Wide ", '"shot" ', "(50mm), ", "e.g. ", "https://a.b/c",
    ]  # fmt: skip


def test_short_text_is_largest_and_long_text_shrinks_to_fit() -> None:
    setter = Setter(system_fonts())
    short = setter.fit("Rain.", 600, 300, 40, 3)
    long = setter.fit("She walks through the market. " * 80, 600, 300, 40, 3)
    assert (short.size, lines(short)) == (40, ["Rain."])
    assert 3 < long.size < 20
    assert long.height <= 300
    assert not long.cut


def test_text_too_long_for_the_smallest_size_is_cut_visibly() -> None:
    block = Setter(BARE).fit("word " * 700, 100, 60, 40, 10)
    assert block.cut
    assert lines(block)[-1].endswith("…")


def test_line_breaks_of_the_author_are_kept() -> None:
    assert lines(Setter(BARE).fit("One.\nTwo.\n\nThree.", 600, 300, 20, 3)) == ["One.", "Two.", "", "Three."]


def test_each_script_gets_a_font_that_has_it() -> None:
    setter = Setter(system_fonts())
    runs = [run for line in setter.fit("Rain 雨 ок", 900, 100, 20, 10).lines for run in line.runs]
    assert "".join(run.text for run in runs) == "Rain 雨 ок"
    for run in runs:
        assert run.face is not None
        assert all(ord(char) in run.face.coverage for char in run.text)


def test_missing_scripts_are_named_once_each() -> None:
    block = Setter(BARE).fit("雨 雨 Дождь ไทย 🎬🎬", 600, 300, 20, 3)
    assert block.missing == ("Chinese", "Cyrillic", "Thai", "emoji")


@pytest.mark.parametrize(
    ("char", "name"),
    [
        ("ก", "Thai"),
        ("日", "Chinese"),
        ("の", "Japanese"),
        ("한", "Korean"),
        ("😀", "emoji"),
        ("❤️", "emoji"),
        ("∮", "symbols"),
    ],
)
def test_scripts_have_readable_names(char: str, name: str) -> None:
    assert script_name(char) == name


def test_controls_and_direction_marks_are_not_drawn() -> None:
    assert clean("a\tb\0c\u202ed\r\ne\u2028f") == ("a b\ufffdcd\ne\nf", False)


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(exclude_characters="\u202a\u202b\u202c\u202d\u202e"), max_size=200))
def test_every_line_fits_its_box(text: str) -> None:
    setter = Setter(system_fonts())
    block = setter.fit(text, 320, 200, 30, 3)
    assert block.height <= 200 + 1e-6
    for line in block.lines:
        width = sum(setter.width(run, block.size, block.language) for run in line.runs)
        assert width <= 320 * 1.05
