"""A proxy before a server that loses or holds the answer to one message, or brings one message late."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttingProxy:
    """Forwards to a port of this machine. After `cut_after`, the connection that sends these texts one after the other
    hears no more; after `hold_after`, it hears nothing until `go_on`. A message with the text of `keep_back` reaches the
    server only at `let_through`, whatever has become of its sender."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._fatal: list[bytes] = []
        self._holding: list[bytes] = []
        self.holds = threading.Event()
        """Set while an answer is held: the server has done what it was asked."""
        self._go_on = threading.Event()
        self._go_on.set()
        self._late: bytes | None = None
        self.keeps = threading.Event()
        """Set once a message is kept back: the server has not seen it."""
        self._through = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, *texts: str) -> None:
        self._fatal = [text.encode() for text in texts]

    def hold_after(self, *texts: str) -> None:
        self._holding = [text.encode() for text in texts]

    def keep_back(self, text: str) -> None:
        self._late = text.encode()

    def let_through(self) -> None:
        self._through.set()

    def go_on(self) -> None:
        self._go_on.set()

    def close(self) -> None:
        self.go_on()
        self._listener.close()
        for each in self._sockets:
            each.close()
        self._through.set()  # what is still kept back is lost

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, server]
                silent = threading.Event()
                threading.Thread(target=self._ask, args=(client, server, silent), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client, silent), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._fatal and self._fatal[0] in data:
                    self._fatal.pop(0)
                    if not self._fatal:
                        silent.set()
                if self._holding and self._holding[0] in data:
                    self._holding.pop(0)
                    if not self._holding:
                        self._go_on.clear()
                if self._late is not None and self._late in data:
                    self._late = None
                    self.keeps.set()
                    self._through.wait()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if silent.is_set():  # it has done it
                    break
                if not self._go_on.is_set():
                    self.holds.set()
                    self._go_on.wait()
                    self.holds.clear()
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting_proxy(port: int) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
