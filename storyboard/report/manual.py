"""The manual that comes with storyboard: its pages, and what they say about a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.disk import is_folder, list_folder, read_packaged
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.report.record_document_types import ManualDocument

LANGUAGE = "language"
SHORT = "language-short"
CODES = "diagnostics"

_ROW = lazy_pattern(r"\|(.+)\|\s*")
_HEADING = lazy_pattern(r"(#{1,4}) (.+)")
_CODE_HEADING = lazy_pattern(r"### (SB[0-9]{3})\b")
_CODE = lazy_pattern(r"`([^`]+)`")
_LINK = lazy_pattern(r"\[([^\]]+)\]\([^)]*\)")
_NOT_FOR_NAMES = frozenset(("architecture", "performance", "README"))
"""Pages for developers of storyboard."""


class ManualEntry(NamedTuple):
    """What a page says about a name: the page, the heading above, and the text."""

    page: str
    heading: str
    text: str


class _Named(NamedTuple):
    names: frozenset[str]
    entry: ManualEntry


def manual_folder() -> Path:
    """Return the folder with the pages: beside the installed modules, or in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "docs"
    return installed if is_folder(installed) else package.parent / "docs"


@lru_cache(maxsize=1)
def manual_pages() -> Mapping[str, Path]:
    """Return each page by its name, such as `language`; empty if the pages are not installed."""
    folder = manual_folder()
    if not is_folder(folder):
        return {}
    return {entry.name[:-3]: Path(entry.path) for entry in list_folder(folder) if entry.name.endswith(".md")}


def manual_page(name: str) -> str | None:
    """Return a page in Markdown; None if there is none of that name."""
    path = manual_pages().get(name)
    return None if path is None else read_packaged(path)


@lru_cache(maxsize=1)
def _lines_of_codes() -> Mapping[str, int]:
    """The line of the page of diagnostics on which each code's section begins, counted from 1."""
    lines = (manual_page(CODES) or "").split("\n")
    found = ((_CODE_HEADING.match(line), number) for number, line in enumerate(lines, 1))
    return {heading[1]: number for heading, number in found if heading is not None}


def address_of_code(code: str) -> str | None:
    """Return where an editor finds a code's section in the pages on this machine: a `file:` address with a line. None
    if the pages are not installed or have no such section."""
    page, line = manual_pages().get(CODES), _lines_of_codes().get(code)
    return None if page is None or line is None else f"{page.as_uri()}#L{line}"


def entries_about(name: str) -> list[ManualEntry]:
    """Return what the pages say about a setting, a keyword, a state, an exit code, a configuration key or another
    word."""
    wanted = _bare(name)
    return [named.entry for named in _index() if wanted in named.names]


def names_explained() -> frozenset[str]:
    """Return every name that the pages explain."""
    return frozenset(name for named in _index() for name in named.names)


@lru_cache(maxsize=1)
def _index() -> tuple[_Named, ...]:
    return tuple(
        named
        for page in manual_pages()
        if page not in _NOT_FOR_NAMES
        for named in _named(page, manual_page(page) or "")
    )


def _named(page: str, text: str) -> Iterator[_Named]:
    """Index the rows of a page's tables by the names in their first cells, and its sections by those in their
    headings."""
    heading = ""
    lines = text.split("\n")
    fenced = False
    for index, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        if (found := _HEADING.fullmatch(line)) is not None:
            heading = found[2]
            names = frozenset(_names_in(heading)) if "`" in heading else frozenset((_bare(heading),))
            if len(found[1]) > 1 and names:
                yield _Named(names, ManualEntry(page, "", _section(lines, index, len(found[1]))))
        elif (row := _ROW.fullmatch(line)) is not None and not _is_table_head(lines, index):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row[1])]
            names = frozenset(_names_in(cells[0]))
            if names and len(cells) > 1:
                told = ": ".join(_plain(cell) for cell in (cells[0], *cells[1:]) if cell)
                yield _Named(names, ManualEntry(page, _plain(heading), told))


def _is_table_head(lines: list[str], index: int) -> bool:
    """Whether a line of a table is the rule below its head, or the head above the rule."""
    return any(line.startswith("|---") for line in lines[index : index + 2])


def _section(lines: list[str], start: int, depth: int) -> str:
    end = start + 1
    while end < len(lines):
        found = _HEADING.fullmatch(lines[end])
        if found is not None and len(found[1]) <= depth and not lines[end - 1].startswith("```"):
            break
        end += 1
    return "\n".join(lines[start:end]).strip()


def _names_in(cell: str) -> Iterator[str]:
    """Return the names that a cell or heading is about: those in backticks, or else its words."""
    codes = _CODE.findall(cell)
    for written in codes or [re.sub(r"\(.*?\)", "", cell)]:
        bare = _bare(written)
        if bare:
            yield bare
            yield bare.split()[0] if codes else bare


def _bare(name: str) -> str:
    """Return a name without surrounding dots, dashes and brackets, in lower case."""
    return re.sub(r"[(\[].*", "", name.strip().strip("`").lstrip(".-")).strip().casefold()


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("\\|", "|")


def manual_document(name: str, entries: Iterable[ManualEntry]) -> ManualDocument:
    """Return the document of `explain NAME --json`."""
    return {
        "name": name,
        "entries": [{"page": entry.page, "heading": entry.heading, "text": entry.text} for entry in entries],
    }
