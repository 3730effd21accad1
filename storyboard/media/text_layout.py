"""Lay out text of any script in a box: clean it, break lines, split it into runs of one font each, and fit its size."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.media.bidi import DirectionRun, is_rtl, pieces_of_lines
from storyboard.media.fonts import BUILT_IN, Face, FontSet

LEADING = 1.42
"""Line height, in sizes."""
LONGEST = 4000
"""More code points than any model accepts; the rest is cut."""
STAND_IN_WIDTH = 0.86
"""Width of the box that stands for a character without a font, in sizes."""

_REFERENCE = 64.0
_STEP = 0.95
_SAFETY = 0.985
_MOST_MARKS = 4
_DIRECTION_CONTROLS = lazy_pattern("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PLAIN_TOKEN = lazy_pattern("[\x21-\u024f\u2018-\u201f\u2026\u00a0]*")
_KANA = lazy_pattern("[\u3040-\u30ff]")
_HANGUL = lazy_pattern("[\u1100-\u11ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class TextRun:
    """Text of one font in one direction; `face` is None if a stand-in is drawn for each of `count` characters."""

    text: str
    face: Face | None
    rtl: bool = False
    count: int = 0
    emoji: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line in runs, from left to right as seen; `rtl` lines are set against the right edge."""

    runs: tuple[TextRun, ...]
    rtl: bool


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines at one size in pixels. `missing` are the scripts that no font covers; `cut` means that text was left
    out."""

    lines: tuple[TextLine, ...]
    size: float
    language: str
    missing: tuple[str, ...] = ()
    cut: bool = False

    @property
    def height(self) -> float:
        """In pixels."""
        return len(self.lines) * self.size * LEADING


@dataclass(frozen=True, slots=True)
class _Unit:
    """An unbreakable unit, its width without and with trailing blanks at the reference size."""

    text: str
    width: float
    advance: float


@dataclass
class Setter:
    """Lays out texts with a set of fonts; caches which character uses which face."""

    fonts: FontSet
    _faces: dict[str, Face | None] = field(default_factory=dict)
    _widths: dict[tuple[str, str], float] = field(default_factory=dict)

    def fit(self, text: str, width: float, height: float, largest: float, smallest: float) -> TextBlock:
        """Lay out the text as large as fits the box (in pixels) between two sizes; what does not fit at the smallest is
        cut."""
        cleaned, cut = clean(text)
        language = han_language(cleaned)
        paragraphs = [self._units(part, language) for part in cleaned.split("\n")]
        size = largest
        while size > smallest and not self._fits(paragraphs, width, height, size):
            size = max(smallest, size * _STEP)
        room = max(1, int(height / (size * LEADING)))
        broken = [list(_rows(part, width, size)) for part in paragraphs]
        if sum(map(len, broken)) > room:
            broken, cut = _first_rows(broken, room), True
        lines = [line for rows in broken for line in self._lines(rows, is_rtl("".join(rows)))]
        return TextBlock(tuple(lines), size, language, self._missing(cleaned), cut)

    def _lines(self, rows: Sequence[str], rtl: bool) -> Iterator[TextLine]:
        for found in pieces_of_lines(rows, rtl):
            yield TextLine(tuple(self._runs(found)), rtl)

    def _runs(self, pieces: Iterable[DirectionRun]) -> Iterator[TextRun]:
        for piece in pieces:
            runs = list(self._font_runs(piece.text, piece.rtl))
            yield from reversed(runs) if piece.rtl else runs

    def width(self, run: TextRun, size: float, language: str) -> float:
        """Return the width of the run in pixels."""
        if run.face is None:
            return run.count * STAND_IN_WIDTH * size
        return run_length(run, run.face, size, language, self.fonts.shaping)

    def _fits(self, paragraphs: Sequence[Sequence[_Unit]], width: float, height: float, size: float) -> bool:
        room = int(height / (size * LEADING))
        return sum(1 for part in paragraphs for _ in _rows(part, width, size)) <= room

    def _units(self, paragraph: str, language: str) -> list[_Unit]:
        return [self._unit(text, language) for text in break_units(paragraph)]

    def _unit(self, text: str, language: str) -> _Unit:
        solid = text.rstrip()
        width = self._reference_width(solid, language)
        return _Unit(text, width, width + self._reference_width(" ", language) * (len(text) - len(solid)))

    def _reference_width(self, text: str, language: str) -> float:
        known = self._widths.get((text, language))
        if known is None:
            known = sum(self.width(run, _REFERENCE, language) for run in self._font_runs(text, is_rtl(text)))
            self._widths[text, language] = known
        return known

    def _font_runs(self, text: str, rtl: bool) -> Iterator[TextRun]:
        parts = [(cluster, self._face(cluster)) for cluster in clusters(text)]
        for (face, emoji), group in groupby(parts, lambda part: (part[1], part[1] is None and is_emoji(part[0]))):
            members = [cluster for cluster, _ in group]
            yield TextRun("".join(members), face, rtl, len(members), emoji)

    def _face(self, cluster: str) -> Face | None:
        if cluster not in self._faces:
            self._faces[cluster] = self._find_face(cluster)
        return self._faces[cluster]

    def _find_face(self, cluster: str) -> Face | None:
        needed = [ord(char) for char in cluster if not is_ignorable(char)]
        if not needed:
            needed = [0x20]
        for wanted in (needed, needed[:1]):
            for face in (*self.fonts.text, BUILT_IN):
                if all(code in face.coverage for code in wanted) and face.usable:
                    return face
        return None

    def _missing(self, text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(script_name(c) for c in clusters(text) if c != "\n" and self._face(c) is None))


def run_length(run: TextRun, face: Face, size: float, language: str, shaping: bool) -> float:
    """Return the advance width of a run in pixels."""
    font = face.at(size, language)
    if shaping and face is not BUILT_IN:
        return font.getlength(run.text, direction="rtl" if run.rtl else "ltr")
    return font.getlength(run.text)


def clean(text: str) -> tuple[str, bool]:
    """Clean a text for drawing: no controls except line breaks, no direction marks, no stacks of combining marks; also
    return whether it was cut."""
    cut = len(text) > LONGEST
    if cut:
        text = text[: LONGEST - 1].rstrip() + "…"
    text = _DIRECTION_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\t", " "))
    return _without_towers("".join(_visible(char) for char in text)).strip("\n"), cut


def _visible(char: str) -> str:
    if char == "\n" or char.isascii():
        return char if (" " <= char != "\x7f") or char == "\n" else "\ufffd"
    category = unicodedata.category(char)
    if category in ("Zl", "Zp"):
        return "\n"
    return "\ufffd" if category in ("Cc", "Cs") else char


def _without_towers(text: str) -> str:
    if text.isascii():
        return text
    kept = []
    height = 0
    for char in text:
        height = height + 1 if char > "\u02ff" and unicodedata.category(char)[0] == "M" else 0
        if height <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def break_units(paragraph: str) -> Iterator[str]:
    """Split a text where lines can break, trailing blanks included (UAX #14)."""
    for token in re.findall(r"[^ ]* +|[^ ]+", paragraph):
        if _PLAIN_TOKEN.fullmatch(token.rstrip(" ")):
            yield token
        else:
            yield from _token_units(token)


@lru_cache(maxsize=4096)
def _token_units(token: str) -> tuple[str, ...]:
    from uniseg.linebreak import line_break_units  # its tables take a tenth of a second: not for plain Latin

    return tuple(line_break_units(token))


def _rows(units: Iterable[_Unit], width: float, size: float) -> Iterator[str]:
    """Break a paragraph into lines greedily; a unit wider than a line is cut between characters."""
    room = width * _SAFETY * _REFERENCE / size
    row: list[str] = []
    used = 0.0
    for unit in units:
        if row and used + unit.width > room:
            yield "".join(row)
            row, used = [], 0.0
        if unit.width > room:
            *full, rest = _chopped(unit, room)
            yield from full
            row, used = [rest], unit.advance * len(rest) / max(1, len(unit.text))
        else:
            row.append(unit.text)
            used += unit.advance
    yield "".join(row)


def _first_rows(paragraphs: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """Return as many rows as fit, the last with an ellipsis."""
    kept: list[list[str]] = []
    for rows in paragraphs:
        kept.append(list(rows[:room]))
        room -= len(kept[-1])
        if not room:
            break
    kept[-1][-1] = kept[-1][-1].rstrip() + " …"
    return kept


def _chopped(unit: _Unit, room: float) -> list[str]:
    members = clusters(unit.text)
    each = max(1, int(len(members) * room / (unit.advance * 1.15)))
    return ["".join(members[at : at + each]) for at in range(0, len(members), each)]


def clusters(text: str) -> list[str]:
    """Split a text into grapheme clusters."""
    if text.isascii() or not any(_joins(char) for char in text):
        return list(text)
    from uniseg.graphemecluster import grapheme_clusters

    return list(grapheme_clusters(text))


@lru_cache(maxsize=8192)
def _joins(char: str) -> bool:
    code = ord(char)
    if code < 0x300:
        return False
    jamo = 0x1100 <= code <= 0x11FF or 0xA960 <= code <= 0xA97F or 0xAC00 <= code <= 0xD7FF
    pictures = 0x1F1E6 <= code <= 0x1F1FF or 0x1F3FB <= code <= 0x1F3FF
    return (jamo and not 0xAC00 <= code <= 0xD7A3) or pictures or unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")


def is_ignorable(char: str) -> bool:
    """Whether a font does not need it: joiners, variation selectors and other invisible formatting."""
    code = ord(char)
    return 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF or unicodedata.category(char) == "Cf"


def is_emoji(cluster: str) -> bool:
    """Whether it is a picture rather than writing."""
    code = ord(cluster[0])
    return 0x1F000 <= code <= 0x1FAFF or "\ufe0f" in cluster or "\u20e3" in cluster


def script_name(cluster: str) -> str:
    """Return the readable name of a character's script."""
    if is_emoji(cluster):
        return "emoji"
    name = unicodedata.name(cluster[0], "")
    if not name:
        return "private characters" if unicodedata.category(cluster[0]) == "Co" else "unknown characters"
    if unicodedata.category(cluster[0])[0] != "L":
        return "symbols"
    first = name.split()[0].partition("-")[0]
    return {"CJK": "Chinese", "HIRAGANA": "Japanese", "KATAKANA": "Japanese", "HANGUL": "Korean"}.get(
        first, first.title()
    )


def han_language(text: str) -> str:
    """Return the regional form of Han characters for a text: "JP", "KR" or, by default, "SC"."""
    if _KANA.search(text):
        return "JP"
    return "KR" if _HANGUL.search(text) else "SC"
