"""In what order a run's jobs are begun, and which come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from storyboard.run.context import Context, Wanted
from storyboard.run.result import JobResult, JobState


class Schedule:
    """Jobs in story order, as many at once as the gate lets in. One of unknown outcome comes back as soon as more is
    known of the gateway than when it was judged."""

    def __init__(self, wanted: Iterable[Wanted], context: Context) -> None:
        self._context = context
        self._waiting = deque(wanted)
        self._unknown: list[tuple[Wanted, int]] = []
        self._running = 0
        self.results: dict[str, JobResult] = {}
        context.insight.unfinished += len(self._waiting)

    @property
    def over(self) -> bool:
        """Whether nothing runs and nothing waits, not even for what other runs may still learn."""
        insight = self._context.insight
        hopes = [before for _, before in self._unknown if insight.may_grow or before < insight.depth]
        return not (self._running or self._waiting or hopes)

    def next(self) -> Wanted | None:
        """The next to begin now; None where none may."""
        self._call_back()
        if not self._waiting or not self._context.gate.open:
            return None
        self._context.gate.enter()
        self._running += 1
        wanted = self._waiting.popleft()
        self._context.turns.enter(wanted.key)
        return wanted

    def ended(self, wanted: Wanted, result: JobResult) -> bool:
        """Takes an outcome; whether it is the last word on the job, as far as one can tell now."""
        self._running -= 1
        self._context.insight.unfinished -= 1
        self._context.turns.leave(wanted.key)
        self.results[wanted.key] = result
        if result.state is JobState.UNKNOWN:
            self._unknown.append((wanted, self._context.insight.depth))
        self._context.gate.leave()
        return result.state is not JobState.UNKNOWN

    def close(self) -> None:
        """Whoever waits for what these jobs may teach, waits no longer."""
        self._context.insight.unfinished -= self._running + len(self._waiting)
        self._running = 0
        self._waiting.clear()
        self._context.gate.tell()

    def _call_back(self) -> None:
        depth = self._context.insight.depth
        for wanted, before in [each for each in self._unknown if each[1] < depth]:
            self._unknown.remove((wanted, before))
            self._waiting.appendleft(wanted)
            self._context.insight.unfinished += 1
