"""The one parser: from the tables that are shipped beside the grammar, which load ten times as quickly as it compiles.

`python -m storyboard.syntax.tables` writes them anew after a change of the grammar. Tables of another grammar, or of
another lark, are not used.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

_FOLDER = files("storyboard.grammar")
TABLES = _FOLDER / "story.json"


@cache
def parser() -> Lark:
    """The parser, made when it is first needed."""
    tables = _shipped()
    if tables is None:
        return make_parser()
    return Lark.load(BytesIO(pickle.dumps(tables)))


def make_parser(*, strict: bool = False) -> Lark:
    """A parser made from the grammar. `strict` also proves that no two terminals collide (tests; it needs lark's
    `interegular`)."""
    return Lark(_grammar(), parser="lalr", lexer="contextual", start=["header", "setting"], strict=strict)


def made_from() -> dict[str, str]:
    """What tables depend on."""
    return {"lark": lark.__version__, "grammar": sha256(_grammar().encode()).hexdigest()}


def write_tables(path: Path) -> None:
    """Write the tables of the grammar as it is."""
    data, memo = make_parser().memo_serialize([TerminalDef, Rule])
    tables = {"made_from": made_from(), "data": data, "memo": memo}
    path.write_text(json.dumps(tables, separators=(",", ":")) + "\n", "utf-8")


def _grammar() -> str:
    return (_FOLDER / "story.lark").read_text("utf-8")


def _shipped() -> dict[str, Any] | None:
    if not TABLES.is_file():
        return None
    tables: dict[str, Any] = json.loads(TABLES.read_text("utf-8"), object_hook=_numbered)
    return tables if tables.get("made_from") == made_from() else None


def _numbered(read: Mapping[str, Any]) -> dict[str | int, Any]:
    """JSON has no numbers as keys; the tables' states and tokens are numbered."""
    return {int(key) if key.isdigit() else key: value for key, value in read.items()}


if __name__ == "__main__":
    write_tables(Path(str(TABLES)))
