"""Shot lists as tables: CSV, tabs, and the tables of Markdown. Columns are known by their names."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import pairwise

from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.film_builder import NOTHING, FilmBuilder
from storyboard.importing.imported_film import ImportedFilm, ImportedScene
from storyboard.importing.labels import Field, field_of, labelled
from storyboard.importing.lengths import read_length, read_moment, read_range, says_its_unit

MOST_ROWS_BEFORE = 12
"""Rows above the names of the columns: a title, a date, an empty row."""

_WORDS_OF_PROSE = 4
_LETTERS_OF_PROSE = 10
_SUMS = frozenset(("total", "totals", "sum", "total duration", "合计", "总计", "总时长", "合計", "المجموع"))


_GAP = lazy_pattern(r" {2,}")
_NUMBER_FIRST = lazy_pattern(r"(\d{1,3}[A-Za-z]?)[.)]\s+(?=\S)")


class Row(NamedTuple):
    """A row of a table and the line it begins at."""

    line: int
    cells: Sequence[str]


def read_table(text: str) -> ImportedFilm:
    """Return a film from a table with commas, semicolons, tabs or bars between its cells."""
    builder = FilmBuilder()
    add_table(builder, rows_of(text))
    return builder.finish()


def rows_of(text: str) -> list[Row]:
    """Return the rows of a table; the delimiter is the one that gives most rows the same width."""
    if has_columns(text):
        lines = enumerate(text.splitlines(), 1)
        return [Row(number, _GAP.split(line.rstrip())) for number, line in lines if line.strip()]
    best: list[Row] = []
    best_score = (-1.0, 0)
    for delimiter in (",", "\t", ";", "|", "，"):
        rows = _split(text, delimiter)
        widths = [len(row.cells) for row in rows]
        if not widths:
            continue
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        known = max((_known(row) for row in rows[:MOST_ROWS_BEFORE]), default=0)
        score = (known + widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
        if score > best_score:
            best, best_score = rows, score
    return best


def has_columns(text: str) -> bool:
    """Whether the first line names columns that stand apart by spaces, as in scripts with two columns."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    names = _GAP.split(first)
    return not {"|", "\t"} & set(first) and len(names) > 1 and all(field_of(name) is not None for name in names)


def _split(text: str, delimiter: str) -> list[Row]:
    if delimiter not in text:
        return [Row(number, [line.strip()]) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    rows: list[Row] = []
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(Row(before + 1, [cell.strip() for cell in cells]))
            before = reader.line_num
    except csv.Error:
        return [Row(number, line.split(delimiter)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    return rows


def _known(row: Row) -> int:
    """Return how many cells of a row are names of columns."""
    return sum(1 for cell in row.cells if 0 < len(cell) <= 40 and field_of(cell) is not None)


def add_table(builder: FilmBuilder, rows: Sequence[Row]) -> None:
    """Add a shot for each row; rows above the names of the columns are about the film."""
    if not rows:
        return
    at = max(range(min(len(rows), MOST_ROWS_BEFORE)), key=lambda index: (_known(rows[index]), -index))
    if _known(rows[at]) >= 2 or (_known(rows[at]) == 1 and len(rows[at].cells) == 1):
        for row in rows[:at]:
            _add_about(builder, row)
        _Table(builder, rows[at].cells).add(rows[at + 1 :])
    else:
        _Table(builder, _guessed(builder, rows)).add(rows)


def _add_about(builder: FilmBuilder, row: Row) -> None:
    cells = [cell for cell in row.cells if cell]
    if len(cells) == 2 and field_of(cells[0]) is not None:
        builder.add_to_film(cells[0], cells[1], row.line)
    elif len(cells) == 1 and (found := labelled(cells[0])) is not None and found.text:
        builder.add_to_film(found.label, found.text, row.line, known=found.field)
    elif len(cells) == 1 and not builder.film.title and ":" not in cells[0]:
        builder.film.title = cells[0]
    elif len(cells) == 2 and cells[0][-1] in ":：":
        builder.film.notes.append(f"{cells[0][:-1].strip()}: {cells[1]}")
    else:
        builder.film.notes.append(" / ".join(cells))


def _guessed(builder: FilmBuilder, rows: Sequence[Row]) -> list[str]:
    """Names for columns that have none, from what is in them: numbers, lengths, and the longest texts as prompts."""
    width = max(len(row.cells) for row in rows)
    columns = [
        [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]] for index in range(width)
    ]
    names = [f"column {index + 1}" for index in range(width)]
    lengths = [sum(map(len, cells)) / max(len(cells), 1) for cells in columns]
    prompt = max(range(width), key=lambda index: lengths[index])
    names[prompt] = "prompt"
    for index, cells in enumerate(columns):
        if index == prompt or not cells:
            continue
        if all(cell.isdecimal() for cell in cells) and [int(cell) for cell in cells] == list(range(1, len(cells) + 1)):
            names[index] = "number"
        elif "duration" not in names and all(read_length(cell) or read_range(cell) for cell in cells):
            names[index] = "time" if all(read_range(cell) for cell in cells) else "duration"
    guessed = ", ".join(
        f"column {index + 1} as {name}" for index, name in enumerate(names) if not name.startswith("column")
    )
    builder.film.keep(rows[0].line, " | ".join(rows[0].cells), f"read without names of columns: {guessed}")
    return names


def _is_prose(cell: str) -> bool:
    """Whether a cell says what is seen rather than counting or naming it."""
    return len(cell.split()) >= _WORDS_OF_PROSE or (not cell.isascii() and len(cell) >= _LETTERS_OF_PROSE)


class _Table:
    def __init__(self, builder: FilmBuilder, names: Sequence[str]) -> None:
        self.builder = builder
        self.names = list(names)
        self.fields = [field_of(name) if name else None for name in names]
        self._scene: ImportedScene | None = None
        self._scene_as_written = ""

    def add(self, rows: Sequence[Row]) -> None:
        """Add the rows. A column of scenes that differs in every row numbers shots."""
        if Field.SCENE in self.fields and Field.NUMBER not in self.fields:
            index = self.fields.index(Field.SCENE)
            scenes = [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]]
            if (
                len(scenes) == len(set(scenes))
                and len(scenes) >= len(rows) - 1
                and all(len(name) <= 16 for name in scenes)
            ):
                self.fields[index] = Field.NUMBER
        self._take_prose_as_picture(rows)
        self._take_times_as_lengths(rows)
        if Field.NUMBER not in self.fields:
            self._take_counting_column(rows)
        if Field.NUMBER not in self.fields:
            rows = self._take_numbers_from_pictures(rows)
        if not ({Field.PROMPT, Field.PICTURE} & set(self.fields)):
            self._take_longest_as_picture(rows)
        for row in rows:
            self._add_row(row)

    def _take_prose_as_picture(self, rows: Sequence[Row]) -> None:
        """Read a column of sentences as pictures where its name (Shot, Scene, Frame) could also mean a number."""
        if {Field.PROMPT, Field.PICTURE} & set(self.fields):
            return
        for index, known in enumerate(self.fields):
            cells = self._cells(index, rows)
            is_prose = cells and sum(map(_is_prose, cells)) * 2 > len(cells) and len(set(cells)) * 2 > len(cells)
            if known in (Field.NUMBER, Field.SCENE) and is_prose:
                self.fields[index] = Field.PICTURE
                return

    def _cells(self, index: int, rows: Sequence[Row]) -> list[str]:
        """Return the filled cells of a column."""
        return [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]]

    def _take_times_as_lengths(self, rows: Sequence[Row]) -> None:
        """Read a column of times as lengths if one of them names a unit, or if they do not rise down the column."""
        for index, known in enumerate(self.fields):
            cells = self._cells(index, rows)
            if known is not Field.TIMES or not cells or any(read_range(cell) is not None for cell in cells):
                continue
            moments = [moment for cell in cells if (moment := read_moment(cell)) is not None]
            rises = all(before < after for before, after in pairwise(moments))
            if any(map(says_its_unit, cells)) or not rises:
                self.fields[index] = Field.LENGTH

    def _take_counting_column(self, rows: Sequence[Row]) -> None:
        """Read a column of whole numbers under a name that means more than one thing (镜头) as the shots' numbers."""
        for index, known in enumerate(self.fields):
            cells = self._cells(index, rows)
            if known in (Field.CRAFT, Field.PICTURE, None) and cells and all(cell.isdecimal() for cell in cells):
                self.fields[index] = Field.NUMBER
                return

    def _take_numbers_from_pictures(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Where every picture begins with a number (`1. A street`), move the numbers to a column of their own."""
        index = next((at for at, known in enumerate(self.fields) if known in (Field.PROMPT, Field.PICTURE)), None)
        cells = self._cells(index, rows) if index is not None else []
        if index is None or not cells or not all(map(_NUMBER_FIRST.match, cells)):
            return rows
        width = len(self.names)
        self.names.append("number")
        self.fields.append(Field.NUMBER)
        moved: list[Row] = []
        for row in rows:
            found = _NUMBER_FIRST.match(row.cells[index]) if index < len(row.cells) else None
            if found is None or len(row.cells) > width:
                moved.append(row)
                continue
            cells = [*row.cells, *[""] * (width - len(row.cells)), found[1]]
            cells[index] = cells[index][found.end() :]
            moved.append(row._replace(cells=cells))
        return moved

    def _take_longest_as_picture(self, rows: Sequence[Row]) -> None:
        """Where no column is a picture's, read the longest one that nobody knows as one."""
        unknown = [
            index for index, known in enumerate(self.fields) if known in (None, Field.TITLE) and self.names[index]
        ]
        if unknown and not {Field.CRAFT, Field.STYLE} & set(self.fields):
            sizes = {index: sum(len(row.cells[index]) for row in rows if index < len(row.cells)) for index in unknown}
            longest = max(unknown, key=lambda index: sizes[index])
            self.fields[longest] = Field.PICTURE

    def _add_row(self, row: Row) -> None:
        cells = [
            (name, known, text)
            for name, known, text in zip(self._names(row), self._fields(row), row.cells, strict=True)
            if text
        ]
        if [text for _, _, text in cells] == [name for name in self.names if name]:
            return  # the names of the columns, once more
        filled = [text for _, _, text in cells]
        if filled and filled[0].casefold().strip(" :：") in _SUMS:
            self.builder.film.notes.append(" ".join(filled))
            return
        if (
            len(cells) == 1
            and len(self.names) > 2
            and cells[0][1] not in (Field.PROMPT, Field.PICTURE, Field.SAY, Field.CAPTION)
        ):
            self._begin_scene(row.line, cells[0][2])
            return
        scene = next((text for _, known, text in cells if known is Field.SCENE), self._scene_as_written)
        if scene and scene != self._scene_as_written:
            self._begin_scene(row.line, scene)
        self.builder.begin_shot(row.line)
        for name, known, text in cells:
            if known is Field.SCENE:
                continue
            if known is None and not name:
                self.builder.film.shots[-1].note(text)
                self.builder.film.keep(row.line, text, "a `.note` of its shot: the row has more cells than columns")
            elif text.casefold() not in NOTHING:
                self.builder.add(name, text, row.line, known=known)

    def _names(self, row: Row) -> list[str]:
        return [self.names[index] if index < len(self.names) else "" for index in range(len(row.cells))]

    def _fields(self, row: Row) -> list[Field | None]:
        return [self.fields[index] if index < len(self.fields) else None for index in range(len(row.cells))]

    def _begin_scene(self, line: int, written: str) -> None:
        self._scene_as_written = written
        self._scene = self.builder.begin_named_scene(line, written)
