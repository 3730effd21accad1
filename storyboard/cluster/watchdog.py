"""Cuts a connection whose server has stopped answering, so that the thread waiting for it learns that it is lost."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread


class Watchdog:
    """Watches what one thread at a time does through a connection. A network that is cut is noticed by keepalives; a
    server that is stopped, or whose disk hangs, keeps its connections and says nothing."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is how long a piece of work may take."""
        self._seconds = seconds
        self._turn = Lock()
        self._line: socket.socket | None = None
        self._until = 0.0
        self._ended = Event()
        self._thread: Thread | None = None

    @contextmanager
    def over(self, descriptor: int) -> Iterator[None]:
        """Cut the connection with that file descriptor if the work in this block takes too long."""
        if self._thread is None:
            self._thread = Thread(target=self._watch, name="ledger watchdog", daemon=True)
            self._thread.start()
        with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as line:
            with self._turn:
                self._line, self._until = line, time.monotonic() + self._seconds
            try:
                yield
            finally:
                with self._turn:
                    self._line = None

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(min(5.0, self._seconds / 4)):
            with self._turn:
                if self._line is not None and time.monotonic() > self._until:
                    with suppress(OSError):
                        self._line.shutdown(socket.SHUT_RDWR)
