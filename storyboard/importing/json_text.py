"""Parse JSON with the line of each value. Comments and extra commas, which models write, are skipped."""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError, py_scanstring  # type: ignore[attr-defined]

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern

MOST_NESTED = 60


@dataclass(frozen=True, slots=True, eq=False)
class JsonItem:
    """A value and its line: a text (numbers and words too, as written), the items of a list, or the
    pairs of an object."""

    line: int
    text: str = ""
    items: tuple[JsonItem, ...] = ()
    pairs: tuple[tuple[str, JsonItem], ...] = ()


class JsonText(NamedTuple):
    """The values of a text, and the comments between them."""

    values: list[JsonItem]
    comments: list[str]


class NotJson(Exception):
    """A text is not JSON; `line` is where that shows."""

    def __init__(self, why: str, line: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


_BLANK = lazy_pattern(r"(?:[\s,\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_COMMENT = lazy_pattern(r"//([^\n]*)|/\*(.*?)\*/", re.DOTALL)
_WORD = lazy_pattern(r"-?[0-9][0-9.eE+-]*|true|false|null|True|False|None|NaN|Infinity|-Infinity")


def read_json(text: str) -> JsonText:
    """Return every value of a text: one in JSON, one a line in JSON Lines. Raises NotJson."""
    reader = _Reader(text)
    found = JsonText([], reader.comments)
    reader.skip()
    while reader.at < len(text):
        found.values.append(reader.value(0))
        reader.skip()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.comments: list[str] = []
        self._line, self._counted = 1, 0

    def skip(self) -> None:
        """Skip blanks, commas and comments."""
        match = _BLANK.match(self.text, self.at)
        if match is None or match.end() == self.at:
            return
        if "/" in match[0]:
            self.comments += [(one or block).strip() for one, block in _COMMENT.findall(match[0])]
        self.at = match.end()

    def line(self) -> int:
        """Return the line of the place."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def value(self, depth: int) -> JsonItem:
        if depth > MOST_NESTED:
            raise NotJson("values are nested too deeply", self.line())
        line = self.line()
        sign = self.text[self.at : self.at + 1]
        if sign == '"':
            return JsonItem(line, self.string())
        if sign == "{":
            return JsonItem(line, pairs=tuple(self.pairs(depth)))
        if sign == "[":
            return JsonItem(line, items=tuple(self.items(depth)))
        word = _WORD.match(self.text, self.at)
        if word is None:
            raise NotJson(f"`{self.text[self.at : self.at + 12]!s}` is not a value", line)
        self.at = word.end()
        return JsonItem(line, "" if word[0] in ("null", "None") else word[0])

    def string(self) -> str:
        try:
            text, self.at = py_scanstring(self.text, self.at + 1, False)
        except JSONDecodeError as trouble:
            raise NotJson(trouble.msg, trouble.lineno) from trouble
        return str(text)

    def items(self, depth: int) -> list[JsonItem]:
        self.at += 1
        found: list[JsonItem] = []
        while True:
            self.skip()
            if self.text[self.at : self.at + 1] == "]":
                self.at += 1
                return found
            if self.at >= len(self.text):
                raise NotJson("a list is not closed", self.line())
            found.append(self.value(depth + 1))

    def pairs(self, depth: int) -> list[tuple[str, JsonItem]]:
        self.at += 1
        found: list[tuple[str, JsonItem]] = []
        while True:
            self.skip()
            sign = self.text[self.at : self.at + 1]
            if sign == "}":
                self.at += 1
                return found
            if sign != '"':
                raise NotJson(
                    "an object is not closed" if not sign else f"a key is missing before `{sign}`", self.line()
                )
            key = self.string()
            self.skip()
            if self.text[self.at : self.at + 1] != ":":
                raise NotJson(f'":" is missing after the key "{key}"', self.line())
            self.at += 1
            self.skip()
            found.append((key, self.value(depth + 1)))
