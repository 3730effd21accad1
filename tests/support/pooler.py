"""pgbouncer before a server of a test."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.postgres import Server, free_port, private_folder, unprivileged_user
from tests.support.waiting import PATIENCE, until


@contextmanager
def pooler(server: Server, mode: str, more: str = "") -> Iterator[int]:
    """The port of a pgbouncer in that mode. Skips the test, by name, where there is no pgbouncer."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("not run: there is no pgbouncer here (Debian's package `pgbouncer`)")
    folder, port = private_folder(), free_port()
    (folder / "users").write_text('"farm" ""\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port} user=farm\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = any\nauth_file = {folder}/users\npool_mode = {mode}\n"
        f"unix_socket_dir =\n{more}\n"
    )
    if (user := unprivileged_user()) is not None:
        for file in folder.iterdir():
            shutil.chown(file, user)
    process = subprocess.Popen(
        [program, folder / "ini"], user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:

        def answers() -> bool:
            assert process.poll() is None, "pgbouncer ended"
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return True
            return False

        until(answers, "pgbouncer does not answer")
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)
