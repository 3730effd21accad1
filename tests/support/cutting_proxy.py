"""A proxy before a server that loses the answer to one message: the server does what it was asked, nobody hears of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttingProxy:
    """Forwards to a port of this machine. After `cut_after(text)`, the connection that sends that text hears no more;
    after `hold_after`, one that sends these texts one after the other hears nothing until `go_on`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._fatal: bytes | None = None
        self._holding: list[bytes] = []
        self.holds = threading.Event()
        """Set while an answer is held: the server has done what it was asked."""
        self._go_on = threading.Event()
        self._go_on.set()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, text: str) -> None:
        self._fatal = text.encode()

    def hold_after(self, *texts: str) -> None:
        self._holding = [text.encode() for text in texts]

    def go_on(self) -> None:
        self._go_on.set()

    def close(self) -> None:
        self.go_on()
        self._listener.close()
        for each in self._sockets:
            each.close()

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
                if self._fatal is not None and self._fatal in data:
                    self._fatal = None
                    silent.set()
                if self._holding and self._holding[0] in data:
                    self._holding.pop(0)
                    if not self._holding:
                        self._go_on.clear()
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
