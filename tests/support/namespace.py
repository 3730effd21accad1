"""A network namespace of Linux: a machine of its own as far as the network goes, with a cable that can be cut."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

_NUMBERS = count()
_FORWARD = """
import socket, sys, threading
here, there, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for each in (a, b):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
listener = socket.create_server(("127.0.0.1", here))
print("listening", flush=True)
while True:
    a = listener.accept()[0]
    try:
        b = socket.create_connection((there, port))
    except OSError:
        a.close()
        continue
    threading.Thread(target=pump, args=(a, b), daemon=True).start()
    threading.Thread(target=pump, args=(b, a), daemon=True).start()
"""


class Namespace:
    """A machine behind a network. `host` is this machine's address, seen from there."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.host = f"10.231.{number}.1"
        self.prefix: Sequence[str] = ("ip", "netns", "exec", name)
        self._processes: list[subprocess.Popen[str]] = []
        self._listeners: list[socket.socket] = []

    def run(self, *command: str) -> None:
        subprocess.run([*self.prefix, *command], check=True, capture_output=True)

    def cut(self, port: int) -> None:
        """Let no packet through to and from a port of this machine: nobody is told."""
        self._rules("-A", port)

    def mend(self, port: int) -> None:
        self._rules("-D", port)

    def _rules(self, how: str, port: int) -> None:
        self.run("iptables", how, "OUTPUT", "-p", "tcp", "--dport", str(port), "-j", "DROP")
        self.run("iptables", how, "INPUT", "-p", "tcp", "--sport", str(port), "-j", "DROP")

    def forward(self, port: int) -> None:
        """Make a loopback port of this machine a loopback port of that one."""
        self._listen(port)
        process = subprocess.Popen(
            [*self.prefix, sys.executable, "-c", _FORWARD, str(port), self.host, str(port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"

    def _listen(self, port: int) -> None:
        listener = socket.create_server((self.host, port))
        self._listeners.append(listener)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    theirs = listener.accept()[0]
                    ours = socket.create_connection(("127.0.0.1", port))
                    for pair in ((theirs, ours), (ours, theirs)):
                        threading.Thread(target=_pump, args=pair, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for process in self._processes:
            process.kill()
            process.communicate()
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def namespace() -> Iterator[Namespace]:
    """A new network namespace, joined to this machine by one cable. Skips the test where none can be had."""
    missing = [program for program in ("ip", "iptables") if shutil.which(program) is None]
    if sys.platform != "linux" or os.geteuid() != 0 or missing:
        pytest.skip(
            f"not run: network namespaces need Linux, root, ip and iptables ({', '.join(missing) or 'no root'})"
        )
    number = next(_NUMBERS) + os.getpid() % 200
    made = Namespace(f"storyboard-{os.getpid()}-{number}", number % 250)
    inside, outside = f"sbi{number}", f"sbo{number}"
    try:
        for command in (
            f"ip netns add {made.name}",
            f"ip link add {outside} type veth peer name {inside}",
            f"ip link set {inside} netns {made.name}",
            f"ip addr add {made.host}/24 dev {outside}",
            f"ip link set {outside} up",
            f"ip netns exec {made.name} ip addr add {made.host[:-1]}2/24 dev {inside}",
            f"ip netns exec {made.name} ip link set {inside} up",
            f"ip netns exec {made.name} ip link set lo up",
        ):
            done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"not run: no network namespace can be had here ({done.stderr.strip()})")
        yield made
    finally:
        made.close()
        if Path(f"/sys/class/net/{outside}").exists():
            subprocess.run(["ip", "link", "del", outside], check=False, capture_output=True)
