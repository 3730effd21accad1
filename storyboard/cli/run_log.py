"""How this run says what happens: to people, or in lines of JSON."""

from __future__ import annotations

TYPE_CHECKING = False  # this is imported at every start
if TYPE_CHECKING:
    from storyboard.report.event_log import EventLog


class RunLog:
    """The log of the command that runs; `lines` is None where it speaks to people."""

    lines: EventLog | None = None


run_log = RunLog()
