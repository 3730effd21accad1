from __future__ import annotations

import pytest

from storyboard.syntax.odd_lengths import odd_length, written


@pytest.mark.parametrize(
    ("length", "right"),
    [
        ("0:08-0:15", "7s"),
        ("[00:08-00:15]", "7s"),
        ("(0:00 – 0:03)", "3s"),
        ("00:00:03 --> 00:00:07", "4s"),
        ("00:00:03,500 --> 00:00:07,000", "3.5s"),
        ("0:08 to 0:15", "7s"),
        ("【0:03～0:05】", "2s"),
        ("0:05", "5s"),
        ("1:02:03", "3723s"),
        ("1m30s", "90s"),
        ("1 min 30 sec", "90s"),
        ("2 minutes", "120s"),
        ("1.5 min", "90s"),
        ("(5s)", "5s"),
        ("[5 sec.]", "5s"),
        ("（5秒）", "5s"),
        ("~5s", "5s"),
        ("≈5", "5s"),
        ("about 5 seconds", "5s"),
        ("约5秒", "5s"),
        ("٤ ثوان", "4s"),
        ("४ सेकंड", "4s"),
        ("４秒", "4s"),
    ],
)
def test_length_in_a_foreign_notation_is_converted(length: str, right: str) -> None:
    odd = odd_length(f"shot street {length}")
    assert odd is not None
    assert odd.seconds is not None
    assert written(odd.seconds) == right


@pytest.mark.parametrize("length", ["3-8s", "3s to 8s", "3–8 sec", "~3-8s", "(3-8s)", "3〜8秒"])
def test_range_of_lengths_gets_no_fix(length: str) -> None:
    odd = odd_length(f"shot street {length}")
    assert odd is not None
    assert odd.seconds is None
    assert odd.choices is not None
    assert [written(each) for each in odd.choices] == ["3s", "8s"]


@pytest.mark.parametrize("end", ["5s", "2.5s", "2,5s", ".5s", "0:15-0:08", "0s", "12b", "wide", "(wide)", "0:00"])
def test_ordinary_text_is_not_a_foreign_length(end: str) -> None:
    assert odd_length(f"shot street {end}") is None
