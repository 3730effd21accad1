"""What all machines together keep for an account, in words."""

from __future__ import annotations

from storyboard.report.style import Line, line
from storyboard.store import Whose


def limits_line(whose: Whose, slots: int | None, seconds_between: float) -> Line:
    """Return the limits of an account as one line; `slots` None is any number of tasks."""
    tasks = "any number of tasks" if slots is None else "1 task" if slots == 1 else f"{slots} tasks"
    every = f", one submission every {seconds_between:g} s" if seconds_between else ""
    return line((whose.base_url, "bold"), f" (account {whose.account}): {tasks} at once{every}")
