"""A table for a spreadsheet holds texts, and no cell that it would run."""

from __future__ import annotations

import csv
import io

import pytest

from storyboard.forms import cell_text
from tests.support.cli import Cli

FORMULAS = ['=HYPERLINK("http://evil.example","click")', "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "＝1+1"]


@pytest.mark.parametrize("formula", [*FORMULAS, "\t=1", "\r=1", " =1", "\n=1"])
def test_formula_is_written_as_text(formula: str) -> None:
    assert cell_text(formula) == f"'{formula}"


@pytest.mark.parametrize("text", ["", "A boat.", "a=b", "3.5", "e-mail", "灯笼"])
def test_other_text_is_unchanged(text: str) -> None:
    assert cell_text(text) == text


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_film_as_a_table_runs_nothing(cli: Cli, formula: str) -> None:
    meant = f"'{formula}'" if '"' in formula else f'"{formula}"'
    cli.write("t.story", f'story "T"\n  .model kirin_v3_t2v\n\nscene a\nshot one 3s\n  {{{{ {meant} }}}}\n')
    done = cli("export", "csv", "t.story", "--out", "-")
    assert done.code == 0, done
    text = done.out
    rows = list(csv.reader(io.StringIO(text)))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@＝" and cell]
