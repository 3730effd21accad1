"""In what order a run's jobs are begun, and which come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from storyboard.run.context import Context, Wanted
from storyboard.run.result import JobResult, JobState
from storyboard.store.known import Known, Lookup


class Schedule:
    """Jobs in story order, as many at once as the gate lets in. One of unknown outcome comes back as soon as more is
    known of the gateway than when it was judged."""

    def __init__(self, wanted: Iterable[Wanted], context: Context) -> None:
        self._context = context
        self._waiting = deque(wanted)
        self._unknown: list[tuple[Wanted, int]] = []
        self._running = 0
        self.results: dict[str, JobResult] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self._running and not self._waiting

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
        self._context.turns.leave(wanted.key)
        self.results[wanted.key] = result
        if result.state is JobState.UNKNOWN:
            self._unknown.append((wanted, _insight(self._context.known)))
        self._context.gate.leave()
        return result.state is not JobState.UNKNOWN

    def _call_back(self) -> None:
        insight = _insight(self._context.known)
        for wanted, before in [each for each in self._unknown if each[1] < insight]:
            self._unknown.remove((wanted, before))
            self._waiting.appendleft(wanted)


def _insight(known: Known) -> int:
    """More where more is known that lets an unknown outcome be settled."""
    return (known.lookup is Lookup.SEEN) + known.unique_ids
