from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.syntax import decode

PATH = Path("/t.story")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"\xef\xbb\xbfsplit\n", "split\n"),
        (b"split\r\nshot a 5s\n", "split\r\nshot a 5s\n"),
        ("镇\t江".encode(), "镇\t江"),
    ],
)
def test_utf_8_is_read_unchanged(data: bytes, text: str) -> None:
    outcome = decode(PATH, data)
    assert outcome.value is not None
    assert (outcome.value.text, outcome.diagnostics) == (text, ())


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"ab\ncd\xff", (2, 3), "0xFF"),
        ("story\n「夜行列車」\n".encode("gbk"), (2, 1), "GBK"),
        ("é\n".encode("latin-1"), (1, 1), "UTF-8"),
        ("story".encode("utf-16"), (1, 1), "UTF-16"),
        ("story".encode("utf-16-be"), (1, 1), "NUL"),
        ("镇\n镇\x00".encode(), (2, 2), "NUL"),
        (b"\xef\xbb\xbfab\rcd", (1, 3), "carriage return"),
        (b"ab\r\r\n", (1, 3), "carriage return"),
        (b"a\n\x1b[31m", (2, 1), "U+001B"),
        ("a\u0085b".encode(), (1, 2), "U+0085"),
        (b"\xed\xa0\x80", (1, 1), "UTF-8"),
    ],
)
def test_anything_else_is_one_error_with_its_place(data: bytes, place: tuple[int, int], words: str) -> None:
    outcome = decode(PATH, data)
    assert outcome.value is not None
    [found] = outcome.diagnostics
    assert found.code == "SB001"
    assert found.span.position == place
    assert words in found.message
