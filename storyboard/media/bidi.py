"""The drawing order of lines with mixed directions: the Unicode Bidirectional Algorithm (UAX #9).

Explicit embeddings, overrides and isolates are left out: direction controls are removed from texts before layout.
Rule names (W1, N0, ...) are those of UAX #9.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from storyboard.fast_named_tuples import NamedTuple

_STRONG = {"L": "L", "R": "R", "AL": "R"}
_NUMBERS = ("EN", "AN")
_SIDES = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
"""The direction that a resolved class counts as for the neutrals beside it."""
_PAIRS = dict(
    zip(
        "([{\u0f3a\u0f3c\u169b\u2045\u207d\u208d\u2308\u230a\u27e6\u27e8\u27ea\u27ec\u27ee\u2983\u2985\u2997"
        "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\uff08\uff3b\uff5b\uff5f\uff62",
        ")]}\u0f3b\u0f3d\u169c\u2046\u207e\u208e\u2309\u230b\u27e7\u27e9\u27eb\u27ed\u27ef\u2984\u2986\u2998"
        "\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\uff09\uff3d\uff5d\uff60\uff63",
        strict=True,
    )
)
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_MIRRORED = _PAIRS | _CLOSING | dict(zip("<>«»‹›", "><»«›‹", strict=True))
_DEEPEST = 63


class DirectionRun(NamedTuple):
    """A stretch of a line in one direction, in the order of drawing from left to right."""

    text: str
    rtl: bool


def is_rtl(text: str) -> bool:
    """Whether a paragraph runs from right to left: its first strong character decides (P2, P3)."""
    for char in text:
        strong = _STRONG.get(unicodedata.bidirectional(char))
        if strong:
            return strong == "R"
    return False


def mirror(text: str) -> str:
    """Return text with its characters in reverse order, brackets mirrored: for fonts that are drawn without shaping."""
    return "".join(_MIRRORED.get(char, char) for char in reversed(text))


def pieces_of_lines(lines: Sequence[str], base_rtl: bool) -> list[list[DirectionRun]]:
    """Cut each of the lines into which a paragraph was broken into pieces of one direction each, in the order in which
    they are seen from left to right. Directions follow from the paragraph as a whole."""
    paragraph = "".join(lines)
    if not base_rtl and paragraph.isascii():
        return [[DirectionRun(line, False)] if line else [] for line in lines]
    classes = [unicodedata.bidirectional(char) for char in paragraph]
    levels = _levels(paragraph, classes, int(base_rtl))
    found, at = [], 0
    for line in lines:
        end = at + len(line)
        here = levels[at:end]
        for blank in _at_base_level(classes[at:end]):
            here[blank] = int(base_rtl)
        found.append(_in_order(line, here))
        at = end
    return found


def _in_order(line: str, levels: Sequence[int]) -> list[DirectionRun]:
    runs = [(level, "".join(line[i] for i in group)) for level, group in groupby(range(len(line)), levels.__getitem__)]
    return [DirectionRun(text, level % 2 == 1) for level, text in _flipped(_flipped(runs, 2), 1)]


def _levels(line: str, classes: Sequence[str], base: int) -> list[int]:
    seen = [at for at, kind in enumerate(classes) if kind != "BN"]  # X9: joiners and their like take no part
    resolved = _resolved("".join(line[at] for at in seen), [classes[at] for at in seen], "R" if base else "L")
    levels = [base] * len(line)
    for at, kind in zip(seen, resolved, strict=True):
        levels[at] = _level(kind, base)
    for at in range(1, len(line)):
        if classes[at] == "BN":
            levels[at] = levels[at - 1]
    return levels


def _level(kind: str, base: int) -> int:
    """Return the embedding level of a resolved class (I1, I2)."""
    if kind in _NUMBERS:
        return 2
    return base if (kind == "R") == (base == 1) else base + 1


def _at_base_level(classes: Sequence[str]) -> Iterator[int]:
    """Return the positions of separators, and of blanks before them or at the end of the line (L1)."""
    trailing = True
    for at in range(len(classes) - 1, -1, -1):
        trailing = classes[at] in ("S", "B") or (trailing and classes[at] in ("WS", "BN"))
        if trailing:
            yield at


def _resolved(line: str, classes: Sequence[str], edge: str) -> list[str]:
    """Resolve each class to "L", "R", "EN" or "AN"; `edge` is the direction of the paragraph."""
    kinds = _weak_resolved(classes, edge)
    _resolve_brackets(line, classes, kinds, edge)
    _resolve_neutrals(kinds, edge)
    return kinds


def _weak_resolved(classes: Sequence[str], edge: str) -> list[str]:
    """Resolve marks, numbers and what belongs to numbers (W1 to W7)."""
    kinds: list[str] = []
    strong = edge
    for kind in classes:
        if kind == "NSM":
            kind = kinds[-1] if kinds else edge
        if kind in _STRONG:
            strong = kind
        kinds.append("AN" if kind == "EN" and strong == "AL" else kind)
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):
        before, kind, after = kinds[at - 1 : at + 2]
        if before == after and ((kind == "CS" and before in _NUMBERS) or (kind == "ES" and before == "EN")):
            kinds[at] = before
    at = 0
    for kind, group in groupby(kinds.copy()):
        end = at + len(list(group))
        if kind == "ET" and "EN" in (*kinds[at - 1 : at], *kinds[end : end + 1]):
            kinds[at:end] = ["EN"] * (end - at)
        at = end
    strong = edge
    for at, kind in enumerate(kinds):
        if kind in _STRONG:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
        elif kind not in _NUMBERS:
            kinds[at] = "ON"
    return kinds


def _resolve_brackets(line: str, classes: Sequence[str], kinds: list[str], edge: str) -> None:
    """Give both brackets of a pair the direction of what is inside, if that is the paragraph's, or else if it is the
    direction before the pair (N0)."""
    for start, end in _bracket_pairs(line, kinds):
        inside = {_SIDES[kind] for kind in kinds[start + 1 : end] if kind in _SIDES}
        if not inside:
            continue
        before = next((_SIDES[kind] for kind in reversed(kinds[:start]) if kind in _SIDES), edge)
        side = edge if edge in inside else before if before in inside else edge
        for at in (start, end):
            kinds[at] = side
            while at + 1 < len(kinds) and classes[at + 1] == "NSM":
                at += 1
                kinds[at] = side


def _bracket_pairs(line: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of matching brackets, by the position of the opening one (BD16)."""
    pairs = []
    opened: list[tuple[str, int]] = []
    for at, char in enumerate(unicodedata.normalize("NFC", char) for char in line):
        if kinds[at] != "ON":
            continue
        if char in _PAIRS:
            if len(opened) == _DEEPEST:
                return []
            opened.append((char, at))
        elif char in _CLOSING:
            depth = next((n for n in range(len(opened) - 1, -1, -1) if opened[n][0] == _CLOSING[char]), None)
            if depth is not None:
                pairs.append((opened[depth][1], at))
                del opened[depth:]
    return sorted(pairs)


def _resolve_neutrals(kinds: list[str], edge: str) -> None:
    """Give neutrals the direction on both of their sides, or the paragraph's (N1, N2)."""
    at = 0
    for kind, group in groupby(kinds.copy()):
        end = at + len(list(group))
        if kind == "ON":
            before = _SIDES[kinds[at - 1]] if at else edge
            after = _SIDES[kinds[end]] if end < len(kinds) else edge
            kinds[at:end] = [before if before == after else edge] * (end - at)
        at = end


def _flipped(runs: list[tuple[int, str]], floor: int) -> list[tuple[int, str]]:
    """Reverse each sequence of runs whose level is `floor` or higher (L2)."""
    out: list[tuple[int, str]] = []
    for high, group in groupby(runs, lambda run: run[0] >= floor):
        members = list(group)
        out += reversed(members) if high else members
    return out
