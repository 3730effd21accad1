"""The numbers of a worker, and a server of them for Prometheus and the like: `GET /metrics`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socket import AF_INET, AF_INET6

from storyboard import __version__
from storyboard.bucket.spool import waiting
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.local_server import QuietHandler, serving
from storyboard.project.worker import Shift
from storyboard.report.metrics import CONTENT_TYPE, Family, Meter, Sample, metrics_text

PATH = "/metrics"
_WAIT = 10
"""Seconds that a client may take to send its request."""


@dataclass
class WorkerMetrics:
    """Counts the events of a worker. `shift` is what works now, None until the ledger is reached."""

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


@contextmanager
def serve_metrics(host: str, port: int, text: Callable[[], str]) -> Iterator[str]:
    """Serve what `text` returns at the time of each request; yield the address. Port 0 picks a free one.

    Raises UsageError if the address cannot be used.
    """
    try:
        server = _MetricsServer(host, port, text)
    except OSError as error:
        raise UsageError(
            f"--metrics {host}:{port} cannot be used: {error.strerror or error}", help="choose another address or port"
        ) from error
    with serving(server):
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}{PATH}"


class _MetricsServer(ThreadingHTTPServer):
    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self.text = text
        super().__init__((host, port), _Handler)


class _Handler(QuietHandler):
    server: _MetricsServer
    timeout = _WAIT

    def answer(self, *, with_body: bool) -> None:
        """Send the numbers as they are now."""
        if self.path.partition("?")[0] != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = self.server.text().encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            self.wfile.write(content)
