"""What somebody sees who sits at a terminal."""

from __future__ import annotations

import re

import pytest

from storyboard.report.style import cells
from tests.support.cli import Cli

STORY = 'story "T"\n  .model kirin_v3_t2v\n\n' + "".join(
    f"scene {name}\n\nshot one 3s\n  {name}.\n\n" for name in ("a", "灯笼", "c")
)


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("storyboard.toml", "[animatic]\nwidth = 128\nfps = 6\n")
    cli.write("t.story", STORY)
    return cli


def left_on_screen(written: str) -> list[str]:
    """The lines that a terminal shows in the end; bars erase themselves with `cursor up` and `erase line`."""
    screen: list[str] = [""]
    row = 0
    for part in re.split(r"(\x1b\[[?\d;]*[A-Za-z]|\r|\n)", written):
        if part == "\n":
            row += 1
            screen += [""] * (row - len(screen) + 1)
        elif found := re.fullmatch(r"\x1b\[(\d*)A", part):
            row = max(0, row - int(found[1] or 1))
        elif part == "\x1b[2K":
            screen[row] = ""
        elif not part.startswith("\x1b") and part != "\r":
            screen[row] += part
    return [line for line in screen if line.strip()]


def test_progress_bars_are_removed_at_the_end(project: Cli) -> None:
    done = project.terminal("build", env={"NO_COLOR": "", "TERM": "xterm-256color", "COLUMNS": "60"})
    assert done.code == 0
    assert "3 jobs" in done.out, "somebody who watches sees the run"
    lines = left_on_screen(done.out)
    assert re.sub(r"\x1b\[[\d;]*m", "", lines[0]) == "✓ build/t/t.mp4   9 s   animatic, free"
    assert not [line for line in lines if "━" in line]


def test_nothing_to_do_shows_no_bars(project: Cli) -> None:
    project("build")
    done = project.terminal("build", env={"NO_COLOR": "", "TERM": "xterm-256color"})
    assert "━" not in done.out
    assert "\x1b[1;32m✓ \x1b[0m" in done.out


@pytest.mark.parametrize("width", [40, 80])
def test_a_plan_keeps_its_columns_in_a_narrow_terminal(project: Cli, width: int) -> None:
    shown = project.terminal("plan", env={"COLUMNS": str(width)}).out.replace("\r", "").splitlines()
    jobs = [line for line in shown if re.match("  (a|灯笼|c)#1", line)]
    assert len({cells(line.partition(" s ")[0]) for line in jobs}) == 1
    assert max(map(cells, jobs)) <= width
    assert "to buy: 3 jobs, 9 s, about $0.76" in shown


def test_a_dumb_terminal_gets_no_colour(project: Cli) -> None:
    assert "\x1b" not in project.terminal("plan", env={"NO_COLOR": "", "TERM": "dumb"}).out
