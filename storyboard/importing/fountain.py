"""Read Fountain, the plain-text format of screenplays (https://fountain.io/syntax), into its elements.

Three extensions: scene headings and speakers are also recognised in Chinese and Arabic, a heading needs
no blank line after it, and a title page needs at least one of its usual keys, so that `FADE IN:` does not begin one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.labels import is_label, words

ElementKind = Literal[
    "title",
    "heading",
    "action",
    "character",
    "parenthetical",
    "dialogue",
    "lyrics",
    "transition",
    "centered",
    "section",
    "synopsis",
    "note",
    "boneyard",
    "page break",
]


class Element(NamedTuple):
    """A part of a screenplay and the line it begins at.

    `detail` is a heading's scene number, the key of a line of the title page, or the depth of a section.
    """

    kind: ElementKind
    text: str
    line: int
    detail: str = ""


class _Line(NamedTuple):
    """A line without its notes; `hidden` if there was nothing else, so that its neighbours ignore it."""

    number: int
    text: str
    hidden: bool

    @property
    def blank(self) -> bool:
        return not self.text.strip()


_HEADING = lazy_pattern(r"(?:INT|EXT|EST|I/E|(?:INT|EXT)\.?/(?:INT|EXT))(?:\.|[ \t])\s*\S", re.IGNORECASE)
_OTHER_HEADING = lazy_pattern(
    r"(?:内景|外景|內景|内外景|室内|室外|第[0-9一二三四五六七八九十百]+[场場幕]|场景[0-9一二三四五六七八九十]+|داخلي|خارجي|مشهد\s*[0-9٠-٩]+)"
    r"(?:\s|[:：.。、\-—－/]|$)"
)
_SCENE_NUMBER = lazy_pattern(r"\s*#([^#\n]{1,20})#\s*$")
_TRANSITION = lazy_pattern(r"[^a-z]*\bTO:")
_OTHER_SPEAKER = lazy_pattern(r"([\w·]{1,12})[ \t]*([（(][^（）()]{1,20}[)）])?[ \t]*[：:][ \t]*(\S.*)")
_CHINESE_NAME = lazy_pattern(r"[\u4e00-\u9fff·]{1,4}(?:[（(][^（）()]{1,20}[)）])?")
_TITLE_KEY = lazy_pattern(r"([^\W\d_][\w /-]{0,30})[:：][ \t]*(.*)")
_TITLE_KEYS = words(
    "title|credit|author|authors|source|notes|draft date|date|contact|copyright|revision|format|"
    "标题|片名|剧名|作者|编剧|导演|日期|联系方式|العنوان|عنوان|المؤلف|تأليف"
)
_FAR_RIGHT = " " * 12
_NOTE = lazy_pattern(r"\[\[(.*?)\]\]", re.DOTALL)
_BONEYARD = lazy_pattern(r"/\*(.*?)\*/", re.DOTALL)
_EMPHASIS = (
    lazy_pattern(r"(?<![\\*])\*\*\*(?=[^\s*])(.+?)(?<=[^\s\\])\*\*\*"),
    lazy_pattern(r"(?<![\\*])\*\*(?=[^\s*])(.+?)(?<=[^\s\\])\*\*"),
    lazy_pattern(r"(?<![\\*])\*(?=[^\s*])([^*]+?)(?<=[^\s\\])\*"),
    lazy_pattern(r"(?<![\\\w])_(?=[^\s_])(.+?)(?<=[^\s\\])_(?!\w)"),
)
_ESCAPED = lazy_pattern(r"\\([*_\\#>@!~.\[\]])")


def read_fountain(text: str) -> list[Element]:
    """Return every element of a screenplay, in order."""
    aside: list[Element] = []
    shown = _without(text, _BONEYARD, "boneyard", aside)
    shown = _without(shown, _NOTE, "note", aside)
    before, after = text.split("\n"), shown.split("\n")
    lines = [
        _Line(number, line.rstrip("\r"), not line.strip() and bool(original.strip()))
        for number, (line, original) in enumerate(zip(after, before, strict=True), 1)
    ]
    start, title = _title_page(lines)
    elements = [*title, *_body([line for line in lines[start:] if not line.hidden])]
    return sorted([*elements, *aside], key=lambda element: element.line)


def has_headings(text: str) -> bool:
    """Whether a text has scene headings like a screenplay, also in Chinese and Arabic."""
    sides = re.compile(r"内景|外景|內景|内外景|داخلي|خارجي")
    return any(
        _HEADING.match(line.strip()) or (_OTHER_HEADING.match(line.strip()) and sides.search(line))
        for line in text.split("\n")
    )


def without_emphasis(text: str) -> str:
    """Remove the marks of bold, italics and underlines, and the backslashes that escape marks."""
    for mark in _EMPHASIS:
        text = mark.sub(r"\1", text)
    return _ESCAPED.sub(r"\1", text)


def _without(text: str, pattern: re.Pattern[str], kind: ElementKind, found: list[Element]) -> str:
    """Remove matches of a pattern, keeping line ends; removed text is added to `found`."""

    def take(match: re.Match[str]) -> str:
        if kind == "note" and re.search(r"\n[ \t]?\r?\n", match[0]):
            return match[0]  # a blank line ends a note: this is none
        found.append(Element(kind, match[1].strip(), text.count("\n", 0, match.start()) + 1))
        return "\n" * match[0].count("\n")

    return pattern.sub(take, text)


def _title_page(lines: Sequence[_Line]) -> tuple[int, list[Element]]:
    """The number of lines that the title page takes up, and its elements."""
    found: list[Element] = []
    start = next((index for index, line in enumerate(lines) if not line.blank), len(lines))
    if (centered := _centered_title_page(lines, start)) is not None:
        return centered
    for index in range(start, len(lines)):
        line = lines[index]
        if line.hidden:
            continue
        if line.blank:
            break
        match = _TITLE_KEY.fullmatch(line.text.rstrip())
        if match is not None and not line.text[0].isspace():
            found.append(Element("title", match[2].strip(), line.number, match[1].strip()))
        elif found and line.text[0].isspace():
            joined = f"{found[-1].text} {line.text.strip()}".strip()
            found[-1] = found[-1]._replace(text=joined)
        else:
            return 0, []
    else:
        index = len(lines)
    if not any(element.detail.lower() in _TITLE_KEYS for element in found):
        return 0, []
    return index, [element._replace(text=without_emphasis(element.text)) for element in found if element.text]


def _centered_title_page(lines: Sequence[_Line], start: int) -> tuple[int, list[Element]] | None:
    """Return the end and the elements of a title page whose lines are centered with spaces, as in printed scripts."""
    end = next(
        (index for index in range(start, len(lines)) if not lines[index].blank and not _is_centered(lines[index].text)),
        len(lines),
    )
    shown = [line for line in lines[start:end] if not line.blank]
    if not shown or end == len(lines):
        return None
    first = Element("title", without_emphasis(shown[0].text.strip()), shown[0].number, "Title")
    return end, [first, *(Element("title", line.text.strip(), line.number, "Title page") for line in shown[1:])]


def _is_centered(text: str) -> bool:
    return text.startswith((_FAR_RIGHT, "\t\t"))


def _body(lines: Sequence[_Line]) -> Iterator[Element]:
    """Yield the elements after the title page."""
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.blank:
            index += 1
            continue
        blank_before = index == 0 or lines[index - 1].blank
        blank_after = index + 1 >= len(lines) or lines[index + 1].blank
        alone = _one_line(line, blank_before=blank_before, blank_after=blank_after)
        if alone is not None:
            yield alone
            index += 1
            continue
        if blank_before and not blank_after and _is_speaker(line.text):
            taken = list(_dialogue(lines, index))
            yield from taken
            index = _end_of(lines, index)
            continue
        end = index + 1
        while end < len(lines) and not lines[end].blank and _one_line(lines[end], blank_before=False) is None:
            end += 1
        yield from _action(lines[index:end])
        index = end


def _one_line(line: _Line, *, blank_before: bool, blank_after: bool = False) -> Element | None:
    """Return the element that a single line forms; None for action and the beginning of a dialogue."""
    text = line.text.strip()
    if re.fullmatch(r"={3,}", text):
        return Element("page break", "", line.number)
    if text.startswith("=") and text[1:].strip():
        return Element("synopsis", text[1:].strip(), line.number)
    if (section := re.fullmatch(r"(#{1,6})[ \t]*([^#].*)", text)) is not None:
        return Element("section", without_emphasis(section[2].strip()), line.number, str(len(section[1])))
    if text.startswith("~"):
        return Element("lyrics", without_emphasis(text[1:].strip()), line.number)
    if text.startswith(">"):
        if text.endswith("<") and len(text) > 1:
            return Element("centered", without_emphasis(text[1:-1].strip()), line.number)
        return Element("transition", without_emphasis(text[1:].strip()), line.number)
    forced = re.match(r"\.[^.\s]", text) is not None
    known = _is_heading_in_capitals(text) or (blank_before and (_HEADING.match(text) or _OTHER_HEADING.match(text)))
    if forced or known:
        bare = text[1:] if forced else text
        number = _SCENE_NUMBER.search(bare)
        words = bare[: number.start()] if number else bare
        return Element("heading", without_emphasis(words.strip()), line.number, number[1] if number else "")
    if blank_before and blank_after and text.isupper() and _TRANSITION.fullmatch(text):
        return Element("transition", text, line.number)
    return None


def _is_heading_in_capitals(text: str) -> bool:
    """Whether a line is certainly a heading, even without a blank line before it."""
    return text.isupper() and re.match(r"(?:INT|EXT)\.", text) is not None and _HEADING.match(text) is not None


def _is_speaker(text: str) -> bool:
    """Whether a line followed directly by text names its speaker."""
    text = text.strip()
    if text.startswith("@"):
        return len(text) > 1
    if text.startswith("!"):
        return False
    if _CHINESE_NAME.fullmatch(text) is not None:
        return True
    name = re.sub(r"\([^()]*\)", "", text.removesuffix("^")).strip()
    return bool(name) and name.isupper() and len(name) <= 60


def _end_of(lines: Sequence[_Line], index: int) -> int:
    """Return the index behind the block of lines that begins at `index`; two spaces keep an empty line in a
    dialogue."""
    start = index
    while index < len(lines) and (not lines[index].blank or len(lines[index].text) >= 2):
        if index > start and _is_heading_in_capitals(lines[index].text.strip()):
            break
        index += 1
    return index


def _dialogue(lines: Sequence[_Line], index: int) -> Iterator[Element]:
    """Yield a speaker, and what they say, a paragraph of it as one element."""
    speaker = lines[index].text.strip()
    dual = speaker.endswith("^")
    name = without_emphasis(speaker.removeprefix("@").removesuffix("^").strip())
    yield Element("character", name, lines[index].number, "dual" if dual else "")
    said: list[_Line] = []
    for line in lines[index + 1 : _end_of(lines, index)]:
        text = line.text.strip()
        kind: ElementKind | None = None
        if text.startswith(("(", "（")) and text.endswith((")", "）")):
            kind = "parenthetical"
        elif text.startswith("~"):
            kind, text = "lyrics", text[1:].strip()
        if kind is None:
            if text:
                said.append(line)
            continue
        yield from _said(said)
        said = []
        yield Element(kind, without_emphasis(text), line.number)
    yield from _said(said)


def _said(lines: Sequence[_Line]) -> Iterator[Element]:
    if lines:
        yield Element("dialogue", without_emphasis(" ".join(line.text.strip() for line in lines)), lines[0].number)


def _action(lines: Sequence[_Line]) -> Iterator[Element]:
    """Yield a paragraph of action; lines such as `梅：…` in it are a speaker and what they say."""
    text: list[str] = []
    first = lines[0].number
    for line in lines:
        written = line.text.strip()
        spoken = None if written.startswith("!") or written.isascii() else _OTHER_SPEAKER.fullmatch(written)
        if spoken is None or spoken[1].isascii() or is_label(spoken[1]):
            text.append(written.removeprefix("!"))
            continue
        if text:
            yield Element("action", without_emphasis("\n".join(text)), first)
            text = []
        yield Element("character", spoken[1], line.number)
        if spoken[2]:
            yield Element("parenthetical", spoken[2], line.number)
        yield Element("dialogue", without_emphasis(spoken[3]), line.number)
    if text:
        yield Element("action", without_emphasis("\n".join(text)), first)
