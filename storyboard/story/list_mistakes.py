"""Signs in a list that would be sent as part of a word: `+people`, `none, crowds`, `- text` in a shot's own list."""

from __future__ import annotations

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.negatives import COMMA

_COMMAS = lazy_pattern(f"[{COMMA}]")
_SIGNS = {"+": "+", "＋": "+", "﹢": "+", "-": "-", "－": "-", "−": "-", "–": "-", "—": "-", "﹣": "-"}


class ListMistake(NamedTuple):
    """What is wrong, the part of the value that a fix replaces, and the replacement; None if it is not certain."""

    message: str
    help: str
    start: int
    end: int
    right: str | None


def mistaken_sign(name: str, raw: str) -> ListMistake | None:
    """Find a sign that would be sent as a word, in the value of `.negative`, `.avoid`, `.prefix` or `.suffix`."""
    is_list = name in ("negative", "avoid")
    sign = _SIGNS.get(raw[:1])
    if sign is None:
        return _inside(name, raw, 0) if is_list else None
    begin = len(raw) - len(raw[1:].lstrip(" \t"))
    if name == "avoid":
        message = f"`.avoid` takes only words, so `{raw[0]}` would be one of them"
        return ListMistake(message, f"remove the `{raw[0]}`", 0, begin, "")
    if not is_list and (sign == "-" or not raw[1:2].isalpha()) and not (raw[0] == "＋" and begin > 1):
        return None  # an ordinary text may begin with a dash, or with a number such as +1
    if raw[0] == sign and (begin > 1 or len(raw) == 1):
        return _inside(name, raw, begin)
    does = "add" if sign == "+" else "remove"
    message = f"to {does}, put a space after the `{sign}`; without it, this would be sent as written"
    return ListMistake(message, f"write `{sign} {raw[begin : begin + 40]}`", 0, begin, f"{sign} ")


def _inside(name: str, raw: str, begin: int) -> ListMistake | None:
    """Find a sign or `none` among the items of a list, which begin at `begin`."""
    items = [item.strip(" \t") for item in _COMMAS.split(raw[begin:])]
    if items == ["none"] and name == "negative" and begin == 0:
        return None
    for item in items[1:]:
        if item[:1] in _SIGNS and item[1:2].isalpha() and item[0] not in "–—":
            message = f"`{item[0]}` applies to a whole line; here it is part of a word"
            help_ = f"write a separate line: `.{name} {_SIGNS[item[0]]} {item[1:]}`"
            return ListMistake(message, help_, begin, len(raw), None)
    if "none" not in items:
        return None
    others = ", ".join(item for item in items if item and item != "none")
    message = "`none` clears a list only if it is alone; here it is one of the words"
    help_ = f"write `.{name} {raw[:begin]}{others}`" if others else "remove the line"
    return ListMistake(message, help_, begin, len(raw), others or None)
