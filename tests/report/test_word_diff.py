"""Two texts, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyboard.report.word_diff import DiffPiece, WordDiffs, shortened

TEXTS = st.text(alphabet="ab ,.\n\u4e00\u4e8c\u0301\U0001f600", max_size=40)


def test_only_the_changed_words_are_shown() -> None:
    assert WordDiffs().of("A street at dusk.", "A narrow street at dawn.") == (
        DiffPiece("same", "A "),
        DiffPiece("new", "narrow "),
        DiffPiece("same", "street at "),
        DiffPiece("gone", "dusk"),
        DiffPiece("new", "dawn"),
        DiffPiece("same", "."),
    )


def test_chinese_is_compared_character_by_character() -> None:
    assert [p for p in WordDiffs().of("一只灯笼在河上漂。", "一只红灯笼在湖上漂。") if p.kind != "same"] == [
        DiffPiece("new", "红"),
        DiffPiece("gone", "河"),
        DiffPiece("new", "湖"),
    ]


@given(TEXTS, TEXTS)
def test_pieces_contain_both_texts(was: str, now: str) -> None:
    pieces = WordDiffs().of(was, now)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == was
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == now


def test_very_different_middle_is_shown_as_a_whole() -> None:
    diffs = WordDiffs(most=30)
    assert len(diffs.of("x a b c y", "x d b e y")) > 4
    assert diffs.of("x a b c y", "x d b e y") == (
        DiffPiece("same", "x "),
        DiffPiece("gone", "a b c"),
        DiffPiece("new", "d b e"),
        DiffPiece("same", " y"),
    )


def test_unchanged_text_far_from_a_change_is_left_out() -> None:
    long = " ".join(f"w{number}" for number in range(100))
    pieces = shortened(WordDiffs().of(f"{long} x {long}", f"{long} y {long}"))
    assert [piece.text for piece in pieces] == ["… w94 w95 w96 w97 w98 w99 ", "x", "y", " w0 w1 w2 w3 w4 w5 …"]
