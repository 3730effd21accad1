"""Tables whose columns line up in any script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storyboard.fast_named_tuples import NamedTuple
from storyboard.report.style import Line, Style, StyledText, cells, clean, crop, pad

GAP = "  "
UNBOUNDED = 10_000
"""The `most` of a column that is cut only if the terminal is too narrow."""
LEAST = 6
"""Least width of a table's column, however narrow the terminal is."""


class Column(NamedTuple):
    """A column; `right` aligns numbers. `most` bounds its width, and longer text is cut; if the table is too wide for
    the terminal, such columns are narrowed further."""

    title: str
    style: Style = ""
    right: bool = False
    most: int | None = None


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    indent: str = "  ",
    widths: Sequence[int] | None = None,
    room: int | None = None,
) -> list[Line]:
    """Return rows below an optional row of titles, as wide as needed unless `widths` are given. `room` is the width of
    the terminal, None without one.
    """
    rows = list(rows)
    columns = fitted(columns, rows, None if room is None else room - len(indent))
    cleaned = [[_fit(clean(cell), column) for cell, column in zip(row, columns, strict=True)] for row in rows]
    titles = [column.title for column in columns]
    widths = widths or widths_of(columns, rows)
    head = [_row(titles, [column._replace(style="dim") for column in columns], widths, indent)] if any(titles) else []
    return head + [_row(row, columns, widths, indent) for row in cleaned]


def fitted(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int | None) -> list[Column]:
    """Return the columns, bounded ones narrowed to fit into the room, the last first and none below `LEAST`."""
    if room is None:
        return list(columns)
    widths = widths_of(columns, rows)
    over = sum(widths) + len(GAP) * (len(columns) - 1) - room
    made = list(columns)
    for index in reversed(range(len(made))):
        cut = min(over, widths[index] - LEAST)
        if made[index].most is not None and cut > 0:
            made[index] = made[index]._replace(most=widths[index] - cut)
            over -= cut
    return made


def widths_of(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column, including its title."""
    titled = any(column.title for column in columns)
    return [
        max([cells(column.title) if titled else 0, *(cells(_fit(clean(row[index]), column)) for row in rows)])
        for index, column in enumerate(columns)
    ]


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
