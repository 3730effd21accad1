"""Keeps a long-lived process connected to its ledger, and tells it when there may be news.

A lost session is opened again, with backoff and for ever. A second connection listens for notices. One that is missed
costs nothing but time: whoever waits for news reads the tables every few seconds anyway.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any

from storyboard.cluster.session import LedgerSession
from storyboard.errors import StoryboardError

if TYPE_CHECKING:
    import psycopg

NEWS_SECONDS = 5.0
"""How often the tables are read without any notice."""
FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0
"""Seconds between two tries to connect: at first, and at most."""
SPEAK_SECONDS = 30.0
"""How often a process writes that it is there, for people to see."""


class SessionKeeper:
    """A thread that keeps one session open until `close`.

    `on_open` is called in that thread right after the session was opened again; where it raises StoryboardError, the
    session counts as lost. `trouble` is why there is none now.
    """

    def __init__(self, session: LedgerSession, on_open: Callable[[], object] = lambda: None) -> None:
        self.trouble: StoryboardError | None = None
        self._session = session
        self._on_open = on_open
        self._listener: psycopg.Connection[Any] | None = None
        self._ended = Event()
        self._wake, self._waker = socket.socketpair()
        self._news = Condition()
        self._rung = 0
        self._spoke_at = time.monotonic()
        self._thread = Thread(target=self._run, name="ledger keeper", daemon=True)
        self._thread.start()

    def wait_for_news(self, seconds: float = NEWS_SECONDS) -> bool:
        """Wait until something may have changed, but not longer; returns whether a notice came."""
        with self._news:
            before = self._rung
            return self._news.wait_for(lambda: self._rung != before or self._ended.is_set(), min(seconds, NEWS_SECONDS))

    def reconnect_soon(self) -> None:
        """Look at the session now: somebody has just lost it. Who is trying already goes on as before."""
        if self.trouble is None:
            self._stir()

    def _stir(self) -> None:
        with suppress(OSError):
            self._waker.send(b"!")

    def close(self) -> None:
        """Stop; the session stays as it is."""
        self._ended.set()
        self._stir()
        self._ring()
        self._thread.join()
        for each in (self._wake, self._waker):
            each.close()

    def _run(self) -> None:
        failures = 0
        while not self._ended.is_set():
            failures = 0 if self._keep() else failures + 1
            if failures:
                self._hang_up()
                backoff = min(FIRST_BACKOFF * 2 ** (failures - 1), LONGEST_BACKOFF)
                self._sleep(backoff * random.uniform(0.5, 1))  # noqa: S311
            else:
                self._listen()
        self._hang_up()

    def _keep(self) -> bool:
        """Open the session where it is lost; whether it is open."""
        try:
            if not self._session.is_open:
                self._session.connect()
                self._on_open()
                self._ring()
            elif time.monotonic() - self._spoke_at > SPEAK_SECONDS:
                self._spoke_at = time.monotonic()
                self._session.speak()
        except StoryboardError as trouble:
            self.trouble = trouble
            self._session.drop()
            return False
        self.trouble = None
        return True

    def _listen(self) -> None:
        """Wait for a notice, or a while."""
        import psycopg

        try:
            if self._listener is None:
                self._listener = self._session.open_listener()
                self._ring()  # what came before is in the tables
            self._sleep(NEWS_SECONDS, self._listener)
            if list(self._listener.notifies(timeout=0)):
                self._ring()
        except (psycopg.Error, OSError):
            self._hang_up()
            self._spoke_at = float("-inf")  # so that the session is looked at
            self._sleep(FIRST_BACKOFF)

    def _sleep(self, seconds: float, listener: psycopg.Connection[Any] | None = None) -> None:
        with DefaultSelector() as lines:
            for line in (self._wake, listener):
                if line is not None:
                    lines.register(line, EVENT_READ)
            if any(key.fileobj is self._wake for key, _ in lines.select(seconds)):
                self._wake.recv(4096)

    def _hang_up(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _ring(self) -> None:
        with self._news:
            self._rung += 1
            self._news.notify_all()
