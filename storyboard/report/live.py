"""Progress bars on a terminal: one for each job in progress, one for the whole. Imported only on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID
from rich.progress_bar import ProgressBar
from rich.text import Text

from storyboard.money import dollars
from storyboard.report.progress import fact
from storyboard.report.style import clean, counted
from storyboard.run.events import Charged, Ended, Event, Fetching, Notice, Notify, Queued, Rendering, Retrying
from storyboard.run.result import JobState

WIDEST_BAR = 28
MEGA = 1_000_000


@contextmanager
def live(stream: TextIO, jobs: int, colour: bool, estimate: Decimal | None = None) -> Iterator[Notify]:
    """Show bars on `stream` within the context; afterwards only problems remain. `estimate` is the expected total
    charge, in US dollars; None if unknown.
    """
    console = Console(file=stream, no_color=not colour, highlight=False, markup=False, force_terminal=True)
    with display(console) as progress:
        yield Bars(progress, jobs, estimate)


def display(console: Console) -> Progress:
    """Fit the terminal: names and states take precedence over bars."""
    columns = (_Words("name"), _Bar(bar_width=min(WIDEST_BAR, max(6, console.width // 4))), _State())
    return _WholeLast(*columns, console=console, transient=True, refresh_per_second=5)


class _WholeLast(Progress):
    """Keeps the line for the whole below those for single jobs."""

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(sorted(self.tasks, key=lambda task: bool(task.fields.get("whole"))))


class Bars:
    """Turns events into bars."""

    def __init__(self, progress: Progress, jobs: int, estimate: Decimal | None = None) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._ended: dict[JobState, int] = {}
        self._charged, self._estimate = Decimal(0), estimate
        self._whole = progress.add_task("", total=jobs, name=counted(jobs, "job"), state="", whole=True)

    def __call__(self, event: Event) -> None:
        match event:
            case Rendering(job, key, usually):
                self._show(key, job.id, "rendering", usually=usually)
            case Fetching(job, key, received, total):
                size = f"{received / MEGA:.1f}" + (f" of {total / MEGA:.1f}" if total else "")
                self._show(key, job.id, f"fetching  {size} MB", total=total, completed=received, timed=False)
            case Queued(job, key, reason):
                self._show(key, job.id, reason or "queued")
            case Retrying(job, key, reason, seconds):
                self._show(key, job.id, f"again in {seconds:.0f} s: {reason}", timed=False)
            case Charged(_, cost):
                self._charged += cost
                self._count()
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
        timed: bool = True,
    ) -> None:
        if key not in self._bars:
            self._bars[key] = self._progress.add_task("", name=name)
        fields: dict[str, Any] = {"state": state, "usually": usually, "timed": timed}
        self._progress.update(self._bars[key], total=total, completed=completed, **fields)

    def _end(self, key: str, state: JobState) -> None:
        bar = self._bars.pop(key, None)
        if bar is not None:
            self._progress.remove_task(bar)
        self._ended[state] = self._ended.get(state, 0) + 1
        self._progress.update(self._whole, advance=1)
        self._count()

    def _count(self) -> None:
        """Update the counts of ended jobs, and the charges so far out of the estimate."""
        told = [f"{number} {ended}" for ended, number in self._ended.items()]
        if self._charged:
            whole = f" of about {dollars(self._estimate)}" if self._charged <= (self._estimate or 0) else ""
            told.append(f"{dollars(self._charged)}{whole} charged")
        self._progress.update(self._whole, state=" · ".join(told))

    def _tell(self, event: Event) -> None:
        """Print what must stay on screen: notices, and every result but success."""
        told = fact(event) if isinstance(event, Ended | Notice) else None
        if told and not (isinstance(event, Ended) and event.result.state is JobState.BUILT):
            self._progress.console.print(Text("".join(piece.text for piece in told)), soft_wrap=True)


class _Words(ProgressColumn):
    """A text field of a bar."""

    def __init__(self, field: str) -> None:
        super().__init__()
        self._field = field

    def render(self, task: Task) -> Text:
        return Text("  " + clean(str(task.fields.get(self._field, ""))), no_wrap=True, overflow="ellipsis")


class _State(ProgressColumn):
    """The state of a job, its elapsed time, and the usual time."""

    def render(self, task: Task) -> Text:
        usually = task.fields.get("usually")
        time = f"  {clock(task.elapsed or 0)}" if task.fields.get("timed") else ""
        time += f" of about {clock(usually)}" if usually else ""
        return Text(clean(str(task.fields.get("state", ""))) + time, no_wrap=True, overflow="ellipsis")


class _Bar(BarColumn):
    """A bar based on the usual time of such jobs, if there is no real progress."""

    def render(self, task: Task) -> ProgressBar:
        usually = task.fields.get("usually")
        if not usually:
            return super().render(task)
        return ProgressBar(total=usually, completed=min(task.elapsed or 0, 0.97 * usually), width=self.bar_width)


def clock(seconds: float) -> str:
    """Return seconds as minutes and seconds: `1:58`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
