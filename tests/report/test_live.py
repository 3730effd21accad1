from __future__ import annotations

import io
import re
from decimal import Decimal

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from storyboard.report.live import Bars, clock, display
from storyboard.report.style import cells
from storyboard.run.events import Charged, Ended, Event, Fetching, Notice, Queued, Rendering, Retrying
from tests.report.values import BROKEN, CROWD, TEMPLE, WHOLE, WIDE

EVENTS: tuple[Event, ...] = (
    Queued(CROWD, "k2"),
    Rendering(WIDE, "k1", 190.0),
    Queued(CROWD, "k2", "another build has this job"),
    Fetching(TEMPLE, "k3", 5_000_000, 10_000_000),
    Retrying(TEMPLE, "k4", "the gateway \x1b[2J is busy", 12.0),
    Ended(WHOLE.jobs[0]),
    Ended(BROKEN.result.jobs[2]),
    Notice("no font for emoji: shown as discs", WIDE),
)


def shown(width: int) -> str:
    """What a terminal of that width shows after the events."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, markup=False, highlight=False)
    progress = display(console)
    bars = Bars(progress, 4)
    for event in EVENTS:
        bars(event)
    console.print(progress.get_renderable())
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


@pytest.mark.parametrize("width", [100, 60, 40])
def test_names_and_states_keep_their_columns(width: int, snapshot: SnapshotAssertion) -> None:
    text = shown(width)
    assert text == snapshot
    bars = [line for line in text.splitlines() if "rendering" in line or "fetching" in line]
    assert len(bars) == 2
    assert max(map(cells, bars)) <= width
    assert "\x1b[2J" not in text


def test_success_scrolls_away_and_trouble_stays() -> None:
    text = shown(100)
    assert "content refused" not in text
    assert re.search(r"river#2 +failed +the task failed", text)
    assert "built" not in text
    assert text.splitlines()[-1].lstrip().startswith("4 jobs"), "the whole stands below its parts"


def money(events: tuple[Event, ...], estimate: str | None) -> str:
    """What the line about the whole says in the end."""
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    progress = display(console)
    bars = Bars(progress, 4, None if estimate is None else Decimal(estimate))
    for event in events:
        bars(event)
    return str(progress.tasks[0].fields["state"])


def test_charges_are_shown_and_estimates_are_marked() -> None:
    charged = Charged("k1", Decimal("1.18"))
    assert money((charged,), "3.53") == "$1.18 of about $3.53 charged"
    assert money((charged, Ended(WHOLE.jobs[0]), charged), "3.53") == "1 cached · $2.36 of about $3.53 charged"
    assert money((charged, charged), "2.00") == "$2.36 charged", "it came to more than was thought"
    assert money((charged,), None) == "$1.18 charged"
    assert money((Ended(WHOLE.jobs[0]),), "3.53") == "1 cached", "nothing is said of money where none was charged"


def test_time_is_shown_like_a_clock() -> None:
    assert [clock(seconds) for seconds in (0, 59.9, 61, 3723)] == ["0:00", "0:59", "1:01", "62:03"]
