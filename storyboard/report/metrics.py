"""Numbers of a running worker in the text format of Prometheus. They name no key, job, story or person, so that the set
of labels stays small and nothing private leaves the machine.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from threading import Lock

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.run.events import Charged, Ended, Event, Fetching, Queued, Rendering, Retrying, Taken
from storyboard.run.result import JobState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
"""Upper bounds of the histogram of render times, in seconds."""
STEPS = ("queued", "rendering", "fetching")


class Sample(NamedTuple):
    """A number with its labels, and the suffix of its name within the family."""

    value: float
    labels: Mapping[str, str] = {}
    suffix: str = ""


class Family(NamedTuple):
    """Numbers that share a name: their type, their help text, and the samples."""

    name: str
    kind: str
    about: str
    samples: tuple[Sample, ...]


@dataclass
class Meter:
    """Counts the events of a process. Events come from any thread."""

    clock: Callable[[], float] = time.time
    started_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)
    _ended: dict[JobState, int] = field(default_factory=lambda: dict.fromkeys(JobState, 0))
    _steps: dict[str, str] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)
    _charged: Decimal = Decimal(0)
    _retries: int = 0
    _last: float = 0.0
    _counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    _seconds: float = 0.0

    def __post_init__(self) -> None:
        self.started_at = self.clock()

    def __call__(self, event: Event) -> None:
        """Count an event."""
        with self._lock:
            self._last = self.clock()
            match event:
                case Taken(_, key) | Queued(_, key):
                    self._steps[key] = "queued"
                case Rendering(_, key):
                    self._steps[key] = "rendering"
                    self._begun.setdefault(key, self.clock())
                case Fetching(_, key):
                    self._steps[key] = "fetching"
                case Retrying():
                    self._retries += 1
                case Charged(_, cost):
                    self._charged += cost
                case Ended(result):
                    self._ended[result.state] += 1
                    self._steps.pop(result.key, None)
                    begun = self._begun.pop(result.key, None)
                    if begun is not None and result.state is JobState.BUILT:
                        seconds = max(0.0, self.clock() - begun)
                        self._seconds += seconds
                        self._counts[bisect_left(BOUNDS, seconds)] += 1
                case _:
                    pass

    def families(self, version: str) -> tuple[Family, ...]:
        """Return what was counted so far."""
        with self._lock:
            steps = list(self._steps.values())
            return (
                Family("storyboard_build_info", "gauge", "The version that runs.", (Sample(1, {"version": version}),)),
                Family(
                    "storyboard_jobs_total",
                    "counter",
                    "Jobs that ended in this process, by their state.",
                    tuple(Sample(count, {"state": state.value}) for state, count in self._ended.items()),
                ),
                Family(
                    "storyboard_jobs_in_progress",
                    "gauge",
                    "Jobs that this process works on, by step.",
                    tuple(Sample(steps.count(step), {"step": step}) for step in STEPS),
                ),
                Family(
                    "storyboard_charged_dollars_total",
                    "counter",
                    "What the gateway stated that it charged, in US dollars.",
                    (Sample(float(self._charged)),),
                ),
                Family(
                    "storyboard_retries_total",
                    "counter",
                    "External errors after which something was tried again.",
                    (Sample(self._retries),),
                ),
                Family(
                    "storyboard_render_seconds",
                    "histogram",
                    "Seconds from the first sign that a job renders to its clip.",
                    tuple(self._histogram()),
                ),
                Family(
                    "storyboard_last_event_timestamp_seconds",
                    "gauge",
                    "When something last happened, in seconds since the epoch; 0 for never.",
                    (Sample(self._last),),
                ),
                Family(
                    "process_start_time_seconds",
                    "gauge",
                    "When this process began, in seconds since the epoch.",
                    (Sample(self.started_at),),
                ),
            )

    def _histogram(self) -> Iterator[Sample]:
        total = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._counts, strict=True):
            total += count
            yield Sample(total, {"le": bound}, "_bucket")
        yield Sample(self._seconds, suffix="_sum")
        yield Sample(total, suffix="_count")


def metrics_text(families: Iterable[Family]) -> str:
    """Return the families in the text format."""
    lines = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.about)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"{family.name}{each.suffix}{_labels(each.labels)} {_number(each.value)}" for each in family.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(text: str, *, quotes: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
