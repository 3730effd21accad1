"""Where this run's log goes: to people, or into lines of JSON."""

from __future__ import annotations

TYPE_CHECKING = False  # this is imported at every start
if TYPE_CHECKING:
    from storyboard.report.event_log import EventLog


class RunLog:
    """The log of the running command; `lines` is None if it is for people."""

    lines: EventLog | None = None


run_log = RunLog()
