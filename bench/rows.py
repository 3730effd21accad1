"""What was measured: rows that are kept in a scratch folder, part by part, until a page is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: of what, of which tool, at which size; seconds, bytes. `note` says why figures are missing."""

    what: str
    tool: str
    size: int
    figures: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a part, with when and where they were measured."""

    rows: tuple[Row, ...]
    about: str = ""

    def row(self, what: str, tool: str, size: int) -> Row | None:
        """The row of that name; None where nothing was measured."""
        return next((row for row in self.rows if (row.what, row.tool, row.size) == (what, tool, size)), None)

    def figure(self, what: str, tool: str, size: int, name: str = "wall") -> float | None:
        """A figure; None where it was not measured."""
        row = self.row(what, tool, size)
        return row.figures.get(name) if row else None

    def tools(self, what: str) -> list[str]:
        """The tools of a question, in the order they were measured."""
        return list(dict.fromkeys(row.tool for row in self.rows if row.what == what))

    def sizes(self, what: str) -> list[int]:
        """The sizes of a question, from small to large."""
        return sorted({row.size for row in self.rows if row.what == what})

    def of(self, what: str) -> Iterator[Row]:
        """The rows of a question."""
        return (row for row in self.rows if row.what == what)


def keep(folder: Path, part: str, rows: Rows) -> None:
    """Writes the rows of a part in place of those before."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"about": rows.about, "rows": [asdict(row) for row in rows.rows]}, indent=1)
    (folder / f"{part}.json").write_text(text, encoding="utf-8")


def kept(folder: Path, part: str) -> Rows | None:
    """The rows of a part that were measured last; None where it never was."""
    file = folder / f"{part}.json"
    if not file.exists():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    return Rows(tuple(Row(**row) for row in found["rows"]), found["about"])
