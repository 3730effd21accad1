"""Parameters' values, as written in a story and as carried by a payload."""

from __future__ import annotations

import pytest

from storyboard.cards import ParameterRule, builtin_cards
from storyboard.cards.values import ValueRefusal, accepts, read_value

V1 = builtin_cards()["kirin_v1_t2v"].parameters


@pytest.mark.parametrize(
    ("setting", "written", "value"),
    [
        ("mode", "pro", "pro"),
        ("cfg_scale", "0.5", 0.5),
        ("cfg_scale", "1", 1),
        ("watermark", "on", True),
        ("watermark", "off", False),
        ("callback_url", "https://example.test/a?b=c", "https://example.test/a?b=c"),
        ("camera_control", '{"type": "simple", "config": {"zoom": 5}}', {"type": "simple", "config": {"zoom": 5}}),
    ],
)
def test_valid_value_is_accepted(setting: str, written: str, value: object) -> None:
    read = read_value(V1[setting], written)
    assert read == value
    assert not isinstance(read, ValueRefusal)
    assert accepts(V1[setting], read)


@pytest.mark.parametrize(
    ("setting", "written", "expected", "nearest"),
    [
        ("mode", "Pro", "`std` or `pro`", "pro"),
        ("mode", "best", "`std` or `pro`", None),
        ("aspect_ratio", "16:8", "`16:9`, `9:16` or `1:1`", "16:9"),
        ("cfg_scale", "1.01", "a number from 0 to 1", None),
        ("cfg_scale", "nan", "a number from 0 to 1", None),
        ("cfg_scale", "٣", "a number from 0 to 1", None),
        ("watermark", "yes", "`on` or `off`", "on"),
        ("callback_url", "ftp://example.test", "an http or https address", None),
        ("callback_url", "https://", "an http or https address", None),
        ("callback_url", "https://a b", "an http or https address", None),
        ("callback_url", "https://[", "an http or https address", None),
        ("camera_control", "[1]", "a JSON object on one line", None),
        ("camera_control", '{"a": 1, "a": 2}', "a JSON object on one line", None),
        ("camera_control", '{"a": NaN}', "a JSON object on one line", None),
        ("camera_control", '{"a": 9007199254740993}', "a JSON object on one line", None),
        ("camera_control", '{"a": 1e999}', "a JSON object on one line", None),
        ("camera_control", '{"a": "\\ud800"}', "a JSON object on one line", None),
        ("camera_control", '{"a": ' * 40 + "1" + "}" * 40, "a JSON object on one line", None),
        ("camera_control", '{"a": ' * 100_000, "a JSON object on one line", None),
    ],
)
def test_wrong_value_is_refused_with_what_is_expected(
    setting: str, written: str, expected: str, nearest: str | None
) -> None:
    assert read_value(V1[setting], written) == ValueRefusal(expected, nearest)


def test_a_number_with_one_bound() -> None:
    refusal = read_value(ParameterRule("seed", "number", minimum=None, maximum=None), "x")
    assert refusal == ValueRefusal("a number")
