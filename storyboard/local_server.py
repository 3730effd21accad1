"""A small HTTP server in a thread of this process: the contact sheet's, and that of a worker's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class QuietHandler(BaseHTTPRequestHandler):
    """Answers GET and HEAD by `answer`, says nothing of Python in its headers, and writes no log."""

    protocol_version = "HTTP/1.1"
    server_version = "storyboard"
    sys_version = ""

    def do_GET(self) -> None:
        """Send the headers and the content."""
        self.answer(with_body=True)

    def do_HEAD(self) -> None:
        """Send the headers that GET would."""
        self.answer(with_body=False)

    def answer(self, *, with_body: bool) -> None:
        """Answer the request."""
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Write no log."""


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[None]:
    """Serve in a thread until the block ends, and then close the server's socket."""
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
