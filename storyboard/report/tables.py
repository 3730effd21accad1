"""Tables of a few columns that keep their places whatever script stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from storyboard.report.style import Line, Style, StyledText, cells, clean, crop, pad

GAP = "  "


class Column(NamedTuple):
    """A column; `right` puts numbers below one another. `most` bounds its width; `crop` cuts what is longer."""

    title: str
    style: Style = ""
    right: bool = False
    most: int | None = None


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    indent: str = "  ",
    widths: Sequence[int] | None = None,
) -> list[Line]:
    """Rows below an optional row of titles; as wide as they need to be, unless `widths` says."""
    cleaned = [[_fit(clean(cell), column) for cell, column in zip(row, columns, strict=True)] for row in rows]
    titles = [column.title for column in columns]
    measured = cleaned + ([titles] if any(titles) else [])
    widths = widths or [max((cells(row[index]) for row in measured), default=0) for index in range(len(columns))]
    head = [_row(titles, [column._replace(style="dim") for column in columns], widths, indent)] if any(titles) else []
    return head + [_row(row, columns, widths, indent) for row in cleaned]


def _fit(text: str, column: Column) -> str:
    return crop(text, column.most) if column.most else text


def _row(row: Sequence[str], columns: Sequence[Column], widths: Sequence[int], indent: str) -> Line:
    pieces = [StyledText(indent)]
    for text, column, width in zip(row, columns, widths, strict=True):
        blank = " " * (width - cells(text))
        pieces += (
            [StyledText(blank), StyledText(text, column.style)]
            if column.right
            else [StyledText(pad(text, width), column.style)]
        )
        pieces.append(StyledText(GAP))
    return tuple(pieces[:-1])
