"""Serve the numbers of this process over HTTP, for Prometheus and the like: `GET /metrics`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread

from storyboard.errors import UsageError
from storyboard.report.metrics import CONTENT_TYPE

PATH = "/metrics"
_WAIT = 10
"""Seconds that a client may take to send its request."""


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
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}{PATH}"
    finally:
        server.shutdown()
        server.server_close()


class _MetricsServer(ThreadingHTTPServer):
    """A server that knows the numbers."""

    daemon_threads = True

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self.text = text
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _MetricsServer
    timeout = _WAIT
    protocol_version = "HTTP/1.1"
    server_version = "storyboard"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the numbers."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send what `GET` would, without the numbers."""
        self._answer(with_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log."""

    def _answer(self, *, with_body: bool) -> None:
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
