"""A run on a terminal: a bar for each job that is made, one for the whole. Imported only where somebody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID
from rich.progress_bar import ProgressBar
from rich.text import Text

from storyboard.report.progress import fact
from storyboard.report.style import clean, counted
from storyboard.run.events import Ended, Event, Fetching, Notify, Queued, Rendering, Retrying
from storyboard.run.result import JobState


@contextmanager
def live(stream: TextIO, jobs: int, colour: bool) -> Iterator[Notify]:
    """Bars on `stream` as long as the context lasts; nothing is left of them behind it but what went wrong."""
    console = Console(file=stream, no_color=not colour, highlight=False, markup=False, force_terminal=True)
    columns = (_Words("name"), _Bar(bar_width=None), _State())
    with Progress(*columns, console=console, transient=True, refresh_per_second=5, expand=True) as progress:
        yield _Bars(progress, jobs)


class _Bars:
    """Turns events into bars."""

    def __init__(self, progress: Progress, jobs: int) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._ended: dict[JobState, int] = {}
        self._whole = progress.add_task("", total=jobs, name=counted(jobs, "job"), state="")

    def __call__(self, event: Event) -> None:
        match event:
            case Rendering(job, key, usually):
                self._show(key, job.id, "rendering", usually=usually)
            case Fetching(job, key, received, total):
                self._show(key, job.id, "fetching", total=total, completed=received)
            case Queued(job, key, reason):
                self._show(key, job.id, reason or "waits")
            case Retrying(job, key, reason, seconds):
                self._show(key, job.id, f"again in {seconds:.0f} s: {reason}")
            case Ended(result):
                self._end(result.key, result.state)
            case _:
                pass
        self._tell(event)

    def _show(
        self,
        key: str,
        name: str,
        state: str,
        *,
        total: float | None = None,
        completed: float = 0,
        usually: float | None = None,
    ) -> None:
        if key not in self._bars:
            self._bars[key] = self._progress.add_task("", name=name)
        self._progress.update(self._bars[key], total=total, completed=completed, state=state, usually=usually)

    def _end(self, key: str, state: JobState) -> None:
        bar = self._bars.pop(key, None)
        if bar is not None:
            self._progress.remove_task(bar)
        self._ended[state] = self._ended.get(state, 0) + 1
        counts = " · ".join(f"{number} {ended}" for ended, number in self._ended.items())
        self._progress.update(self._whole, advance=1, state=counts)

    def _tell(self, event: Event) -> None:
        """What must not go by with the bars: all but success."""
        told = fact(event)
        if told and not (isinstance(event, Ended) and event.result.state is JobState.BUILT):
            self._progress.console.print(Text("".join(piece.text for piece in told)), soft_wrap=True)


class _Words(ProgressColumn):
    """One of a bar's fields, as it was written."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field

    def render(self, task: Task) -> Text:
        return Text("  " + clean(str(task.fields.get(self._field, ""))), no_wrap=True, overflow="ellipsis")


class _State(ProgressColumn):
    """What is being done, for how long, of how long such jobs usually take."""

    def render(self, task: Task) -> Text:
        usually = task.fields.get("usually")
        time = f"  {clock(task.elapsed or 0)}" if "usually" in task.fields else ""
        time += f" of about {clock(usually)}" if usually else ""
        return Text(clean(str(task.fields.get("state", ""))) + time, no_wrap=True, overflow="ellipsis")


class _Bar(BarColumn):
    """A bar that goes by the time such jobs usually take, where nothing else tells how far it is."""

    def render(self, task: Task) -> ProgressBar:
        usually = task.fields.get("usually")
        if not usually:
            return super().render(task)
        return ProgressBar(total=usually, completed=min(task.elapsed or 0, 0.97 * usually), width=self.bar_width)


def clock(seconds: float) -> str:
    """`1:58`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
