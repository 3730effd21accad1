"""The numbers of a worker: what it counts itself, and how its ledger and its spool are right now."""

from __future__ import annotations

from storyboard import __version__
from storyboard.bucket.spool import waiting
from storyboard.fast_dataclasses import dataclass, field
from storyboard.project.worker import Shift
from storyboard.report.metrics import Family, Meter, Sample, metrics_text


@dataclass
class WorkerMetrics:
    """Counts the events of a worker. `shift` is what works now, None until the ledger was reached."""

    meter: Meter = field(default_factory=Meter)
    shift: Shift | None = None

    def text(self) -> str:
        """Return all numbers as they are now, in the text format of Prometheus."""
        return metrics_text((*self.meter.families(__version__), *self._readings()))

    def _readings(self) -> tuple[Family, ...]:
        shift = self.shift
        connected = shift is not None and shift.team.postgres.session.is_open
        found = [
            Family("storyboard_ledger_connected", "gauge", "1 while the ledger is connected.", (Sample(connected),)),
        ]
        if shift is not None:
            spooled, most = waiting(shift.store.folder), shift.terms.concurrency
            found += [
                Family("storyboard_spool_messages", "gauge", "What waits for the bucket.", (Sample(spooled),)),
                Family("storyboard_concurrency", "gauge", "How many jobs it has at once at most.", (Sample(most),)),
            ]
        return tuple(found)
