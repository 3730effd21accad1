"""Detect the format of a file, by its name and content, and read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.final_draft import NotFinalDraft, read_final_draft
from storyboard.importing.fountain import has_headings, read_fountain
from storyboard.importing.imported_film import ImportedFilm, UnreadLine
from storyboard.importing.json_list import read_json_list
from storyboard.importing.json_text import NotJson
from storyboard.importing.markdown import has_shots, read_markdown
from storyboard.importing.screenplay import film_from_screenplay
from storyboard.importing.table import has_columns, read_table
from storyboard.syntax.foreign_formats import NOT_IMPORTED, foreign_format, is_fenced


class CannotImport(Exception):
    """A file in no supported format: why, and what to do."""

    def __init__(self, why: str, way_out: str) -> None:
        super().__init__(why)
        self.why = why
        self.way_out = way_out


class DecodedText(NamedTuple):
    """A file's text, and its encoding if it is not UTF-8."""

    text: str
    encoding: str = ""


READERS: Mapping[str, Callable[[str], ImportedFilm]] = {
    "fountain": lambda text: film_from_screenplay(read_fountain(text)),
    "fdx": lambda text: film_from_screenplay(read_final_draft(text)),
    "table": read_table,
    "json": read_json_list,
    "markdown": read_markdown,
}
"""The readers, by format name."""

_SUFFIXES = {
    ".fountain": "fountain",
    ".spmd": "fountain",
    ".fdx": "fdx",
    ".csv": "table",
    ".tsv": "table",
    ".tab": "table",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".md": "markdown",
    ".markdown": "markdown",
}
_GUESSED = {
    "JSON": "json",
    "a block of code from Markdown": "markdown",
    "a table in Markdown": "markdown",
    "a screenplay, as in Fountain": "fountain",
    "a table (CSV)": "table",
    "Markdown": "markdown",
}
_REFUSED = (
    (
        b"PK\x03\x04",
        "a spreadsheet or document of an office program",
        "save it as CSV (a sheet) or as Markdown or plain text",
    ),
    (b"\xd0\xcf\x11\xe0", "a document of an old office program", "save it as CSV or as plain text"),
    (b"%PDF", "a PDF", "copy its text into a file that ends in .txt, .fountain or .md"),
    (b"{\\rtf", "rich text", "save it as plain text"),
)
_FENCED = lazy_pattern(r"\s*(?:```|~~~)[^\n]*\n(.*?)\n(?:```|~~~)\s*", re.DOTALL)


_SPACES = {
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F), " "),
    **dict.fromkeys((0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), None),
}
"""Spaces of other widths, and signs that cannot be seen, as word processors and chats write them."""


def decode_text(data: bytes) -> DecodedText:
    """Return a file's text with ordinary spaces, whatever its encoding. Raises CannotImport."""
    decoded = _decoded(data)
    return decoded._replace(text=decoded.text.translate(_SPACES))


def _decoded(data: bytes) -> DecodedText:
    """Return a file's text in UTF-8, UTF-16, or what Chinese spreadsheets write. Raises CannotImport."""
    for start, what, way_out in _REFUSED:
        if data.startswith(start):
            raise CannotImport(f"it is {what}", way_out)
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return DecodedText(data.decode("utf-16").lstrip("\ufeff").replace("\r\n", "\n"), "UTF-16")
        return DecodedText(data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError:
        pass
    for encoding, name in (("gb18030", "GB18030"), ("cp1252", "Windows-1252")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or re.search("[\u4e00-\u9fff]{2}", text):
            return DecodedText(text.replace("\r\n", "\n").replace("\r", "\n"), name)
    raise CannotImport("it is not a text", "save it as plain text in UTF-8")


def format_of(name: str, text: str) -> str:
    """Return the name of the format that a file has. Raises CannotImport."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if "\x00" in text:
        raise CannotImport("it is not a text", "save it as plain text in UTF-8")
    what = foreign_format(text)
    if what == "XML or HTML" and "<FinalDraft" in text[:4000]:
        return "fdx"
    if what in (None, "YAML") and has_columns(text):
        return "table"
    if what in NOT_IMPORTED and not (what == "YAML" and has_shots(text)):
        ways = {
            "YAML": "save it as JSON",
            "TOML": "save it as JSON",
            "subtitles": "import the shot list or script instead",
        }
        raise CannotImport(f"it is {what}, which is not imported", ways.get(what, "save it as CSV, JSON or Markdown"))
    if what == "a table (CSV)" and "|" in text and has_shots(text):
        return "markdown"
    if what is None and has_headings(text):
        return "fountain"
    return _GUESSED.get(what or "", "markdown")


_STORY_LINE = lazy_pattern(r'^story[ \t]+["“]', re.MULTILINE)
_BLOCK = lazy_pattern(r"^(?:```|~~~)[^\n]*\n(.*?)^(?:```|~~~)[ \t]*$", re.MULTILINE | re.DOTALL)


class StoryInText(NamedTuple):
    """A story in a code block, and the lines around it."""

    story: str
    around: list[UnreadLine]


def story_in(text: str) -> StoryInText | None:
    """Return the story in a block of code of a text, as chats and Markdown have it; None if there is none.

    Raises CannotImport if the whole text is a story.
    """
    block = next((found for found in _BLOCK.finditer(text) if _STORY_LINE.search(found[1])), None)
    if block is None:
        opening = next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "")
        if re.match(r'edition [0-9]+\s*$|story[ \t]+["“]', opening):
            raise CannotImport("it is a story already", "storyboard lint checks it, storyboard build makes its film")
        return None
    first, last = text.count("\n", 0, block.start()) + 1, text.count("\n", 0, block.end()) + 1
    around = [
        UnreadLine(number, line.strip(), "left out: it is not part of the story")
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not first <= number <= last
    ]
    return StoryInText(block[1], around)


def unfenced(text: str) -> str | None:
    """Return the content of a code block that is all of a text, at its original lines; None for any other text."""
    fenced = _FENCED.fullmatch(text)
    if fenced is None or not is_fenced(text.lstrip()) or "```" in fenced[1]:
        return None
    return "\n" * text.count("\n", 0, fenced.start(1)) + fenced[1]


class DataInText(NamedTuple):
    """The JSON of the blocks of code in a text, at its original lines, and the lines around them."""

    data: str
    around: list[UnreadLine]


def data_in(text: str) -> DataInText | None:
    """Return the JSON that a chat or a page in Markdown has in blocks of code; None if it has none."""
    blocks = [found for found in _BLOCK.finditer(text) if foreign_format(found[1]) == "JSON"]
    if not blocks:
        return None
    data: list[str] = []
    around: list[UnreadLine] = []
    inside = {
        number
        for block in blocks
        for number in range(text.count("\n", 0, block.start(1)) + 1, text.count("\n", 0, block.end(1)) + 1)
    }
    for number, line in enumerate(text.split("\n"), 1):
        data.append(line if number in inside else "")
        if number not in inside and line.strip() and not is_fenced(line.lstrip()):
            around.append(UnreadLine(number, line.strip(), "a `.note` of the story"))
    return DataInText("\n".join(data), around)


def read_film(text: str, kind: str) -> ImportedFilm:
    """Return a film from a text of that format. Raises CannotImport."""
    try:
        return READERS[kind](text)
    except (NotJson, NotFinalDraft) as trouble:
        what = "JSON" if isinstance(trouble, NotJson) else "a screenplay of Final Draft"
        raise CannotImport(
            f"line {trouble.line}: it is not {what}: {trouble.why}", "mend that line, and import again"
        ) from None
