"""Files that are entirely in another format: JSON, YAML, tables, screenplays. Each is one finding, not one per line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from storyboard.files.lazy_pattern import lazy_pattern

LONGEST_READ = 1_000_000
"""Characters of a file that are read as JSON."""
MOST_LINES = 200
"""Lines from which the format of a file is guessed."""

_SLUG = lazy_pattern(r"(?:INT|EXT|EST|I/E|INT\.?/EXT)[. ]\s*\S")
_KEY = lazy_pattern(r"\s*(?:-\s+)?[\"']?[\w][\w .-]{0,40}[\"']?\s*:(?:\s|$)|\s*-(?:\s|$)")
_SHOT = lazy_pattern(
    r"(?:[-*#]+ |\[|\*\*)?(?:shot|clip|scene|镜头|镜)[ \t]*#?[0-9]{1,3}\b[^:：|\]]*[:：|\]]", re.IGNORECASE
)
_OPENING = lazy_pattern(r"edition [0-9]|story\b[ \t]*[\"“]|scene[ \t]+[^\W\d]|shot[ \t]+[^\W\d][\w-]*[ \t]+[0-9]")
"""Lines of a story, be they wrong in other ways."""
_RULE = lazy_pattern(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?\s*$")
_MARKS = lazy_pattern(r"#{1,6} |[-*+] |[0-9]{1,3}[.)] |>|\*\*|\||```|-{3,}$")
_TABLE_HEADER = lazy_pattern(r"\[\[?[\w.-]+\]\]?\s*$")
_STORY_BLOCK = lazy_pattern(r"^(?:```|~~~)[^\n]*\n(?:(?:#[^\n]*|edition 1|[ \t]*)\n)*story[ \t]+[\"“]", re.MULTILINE)
_TIMES = lazy_pattern(r"\d{1,2}:\d{2}(?::\d{2})?[.,]\d{1,3} --> ")

NOT_IMPORTED = frozenset(("TOML", "XML or HTML", "YAML", "subtitles"))
"""Formats that `storyboard import` does not read."""


def foreign_format(text: str) -> str | None:
    """Return the format of a file that is no story at all, in words; None if that is not certain."""
    lines = [line.rstrip() for line in text[: 200 * MOST_LINES].split("\n")[:MOST_LINES] if line.strip()]
    if not lines:
        return None
    return next((name for name, fits in _FORMATS if fits(text, lines)), None)


def has_story_block(text: str) -> bool:
    """Whether a text, such as a reply of a chat, has a story in a block of code."""
    return is_fenced(text.lstrip()) is False and _STORY_BLOCK.search(text) is not None


def is_fenced(line: str) -> bool:
    """Whether a line opens a block of code in Markdown."""
    return line.startswith(("```", "~~~"))


def _json(text: str, lines: Sequence[str]) -> bool:
    if lines[0].lstrip()[:1] not in "{[" or len(text) > LONGEST_READ:
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return lines[0].strip() in ("{", "[", "[{") and '":' in text


def _story_block(text: str, lines: Sequence[str]) -> bool:
    return has_story_block(text)


def _markup(text: str, lines: Sequence[str]) -> bool:
    return re.match(r"\s*<(?:\?xml|!doctype|[a-z][\w-]*[ >])", text, re.IGNORECASE) is not None


def _subtitles(text: str, lines: Sequence[str]) -> bool:
    return lines[0].startswith("WEBVTT") or any(_TIMES.match(line) for line in lines[:3])


def _fence(text: str, lines: Sequence[str]) -> bool:
    return is_fenced(lines[0])


def _markdown_table(text: str, lines: Sequence[str]) -> bool:
    return any("|" in above and _RULE.match(below) is not None for above, below in pairwise(lines[:4]))


def _screenplay(text: str, lines: Sequence[str]) -> bool:
    return any(_SLUG.match(line) for line in lines) and not any(line.startswith("scene ") for line in lines)


def _toml(text: str, lines: Sequence[str]) -> bool:
    return any(_TABLE_HEADER.match(line) for line in lines) and any(re.match(r"\w+ = ", line) for line in lines)


def _shot_list(text: str, lines: Sequence[str]) -> bool:
    return sum(1 for line in lines if _SHOT.match(line)) > 1 and not any(_OPENING.match(line) for line in lines)


def _yaml(text: str, lines: Sequence[str]) -> bool:
    if sum(line.startswith(("## ", "### ")) for line in lines) > 1:
        return False
    keys = [line for line in lines if _KEY.match(line) or line.lstrip().startswith("#") or line in ("---", "...")]
    return len(lines) > 1 and len(keys) * 10 >= len(lines) * 7 and sum(":" in line for line in keys) > 1


def _table(text: str, lines: Sequence[str]) -> bool:
    """Rows of one width, the first of which holds short names of columns."""
    import csv

    for delimiter in ("\t", ",", ";", "|"):
        if delimiter in lines[0]:
            try:
                rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
            except csv.Error:
                continue
            widths = {len(row) for row in rows}
            if len(rows) > 1 and len(widths) == 1 and widths.pop() >= (2 if delimiter == "\t" else 3):
                return all(len(cell.strip()) <= 40 for cell in rows[0])
    return False


def _markdown(text: str, lines: Sequence[str]) -> bool:
    flush = [line for line in lines if not line[0].isspace()]
    marked = [line for line in flush if _MARKS.match(line)]
    return len(marked) > 1 and any(not line.startswith("# ") for line in marked) and len(marked) * 2 >= len(flush)


_FORMATS: Sequence[tuple[str, Callable[[str, Sequence[str]], bool]]] = (
    ("a text with a story in a block of code", _story_block),
    ("JSON", _json),
    ("XML or HTML", _markup),
    ("subtitles", _subtitles),
    ("a block of code from Markdown", _fence),
    ("a table in Markdown", _markdown_table),
    ("a screenplay, as in Fountain", _screenplay),
    ("TOML", _toml),
    ("a table (CSV)", _table),
    ("a list of shots", _shot_list),
    ("YAML", _yaml),
    ("Markdown", _markdown),
)
