"""Values of parameters: as a story writes them, and as a request contains them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal

from storyboard.cards.model_card import Json, ParameterKind, ParameterRule
from storyboard.diagnostics.suggest import suggest
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern

SWITCH = {"on": True, "off": False}
_ALSO_SWITCH = {
    **dict.fromkeys(("true", "yes", "1", "enabled", "enable", "开", "是"), "on"),
    **dict.fromkeys(("false", "no", "0", "none", "disabled", "disable", "关", "否"), "off"),
}
"""What other programs write for on and off."""
DEEPEST_OBJECT = 32
_NUMBER = lazy_pattern(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


class ValueRefusal(NamedTuple):
    """Why a written value is refused: `expected` completes "`.mode` takes …"; `nearest` is what may be meant."""

    expected: str
    nearest: str | None = None


def read_value(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    """Parse the text of a setting to JSON, or say why it is refused."""
    return _READERS[rule.kind](rule, written.strip())


def expected(rule: ParameterRule) -> str:
    """Return what a story may write, in words that complete "`.mode` takes …"."""
    match rule.kind:
        case "choice":
            return either([f"`{choice}`" for choice in rule.choices])
        case "switch":
            return either([f"`{word}`" for word in SWITCH])
        case "number":
            return f"a number{_bounds(rule)}"
        case "url":
            return "an http or https address"
        case "object":
            return "a JSON object on one line"


def accepts(rule: ParameterRule, value: Json) -> bool:
    """Whether the rule allows this value in a request."""
    match rule.kind:
        case "choice":
            return isinstance(value, str) and value in rule.choices
        case "switch":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and _within(rule, value)
        case "url":
            return isinstance(value, str) and is_web_address(value)
        case "object":
            return isinstance(value, dict)


def is_web_address(text: str) -> bool:
    """Whether it is a well-formed http or https address with a host."""
    from urllib.parse import urlsplit

    if re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def unquoted(written: str) -> str:
    """Return a value without the quotes around it."""
    return written[1:-1].strip() if len(written) > 2 and written[0] in "\"'“" and written[-1] in "\"'”" else written


def either(words: list[str]) -> str:
    """`a`, `b` or `c`."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _read_choice(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    if written in rule.choices:
        return written
    bare = unquoted(written)
    also = _ALSO_SWITCH.get(bare.casefold())
    near = next((each for each in (bare, also) if each in rule.choices), None)
    return ValueRefusal(expected(rule), near or suggest(bare, rule.choices))


def _read_switch(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    if written in SWITCH:
        return SWITCH[written]
    bare = unquoted(written).casefold()
    return ValueRefusal(expected(rule), bare if bare in SWITCH else _ALSO_SWITCH.get(bare) or suggest(bare, SWITCH))


def _read_number(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    if not _NUMBER.fullmatch(written):
        return ValueRefusal(expected(rule))
    value = float(written) if "." in written else int(written)
    return value if _within(rule, value) else ValueRefusal(expected(rule))


def _read_url(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    return written if is_web_address(written) else ValueRefusal(expected(rule))


def _read_object(rule: ParameterRule, written: str) -> Json | ValueRefusal:
    try:
        value = json.loads(written, object_pairs_hook=_no_name_twice, parse_constant=_no_constant, parse_int=_exact)
        written.encode()
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return ValueRefusal(expected(rule))
    if not isinstance(value, dict) or _depth(value) > DEEPEST_OBJECT:
        return ValueRefusal(expected(rule))
    return value


_READERS: dict[ParameterKind, Callable[[ParameterRule, str], Json | ValueRefusal]] = {
    "choice": _read_choice,
    "switch": _read_switch,
    "number": _read_number,
    "url": _read_url,
    "object": _read_object,
}


def _no_name_twice(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name occurs twice")
    return value


def _no_constant(word: str) -> Json:
    raise ValueError(word)


def _exact(digits: str) -> int:
    """Whether a JSON double represents this integer exactly."""
    value = int(digits)
    if abs(value) > 2**53:
        raise ValueError(digits)
    return value


def _depth(value: Json) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _within(rule: ParameterRule, value: float) -> bool:
    if not math.isfinite(value):
        return False
    exact = Decimal(repr(value))
    above = rule.minimum is None or exact >= rule.minimum
    return above and (rule.maximum is None or exact <= rule.maximum)


def _bounds(rule: ParameterRule) -> str:
    if rule.minimum is not None and rule.maximum is not None:
        return f" from {rule.minimum} to {rule.maximum}"
    if rule.minimum is not None:
        return f" of at least {rule.minimum}"
    return f" of at most {rule.maximum}" if rule.maximum is not None else ""
