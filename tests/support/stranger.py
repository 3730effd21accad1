"""What a stranger brings: a gateway on a real socket that keeps every request, and the files of a hostile project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.support.cli import Cli


@dataclass
class StrangersGateway:
    """Answers everything alike and keeps all that it hears."""

    url: str = ""
    heard: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    status: int = 404
    body: bytes = b'{"error": {"code": "404", "message": "not found"}}'

    def heard_key(self, key: str) -> bool:
        """Whether the key came in any request, in its line or its headers."""
        return any(key in " ".join((method, path, *headers.values())) for method, path, headers in self.heard)


@contextmanager
def strangers_gateway() -> Iterator[StrangersGateway]:
    """The gateway, on a free port of this machine."""
    gateway = StrangersGateway()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            gateway.heard.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(gateway.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(gateway.body)))
            self.end_headers()
            self.wfile.write(gateway.body)

        do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def compiled_jobs(cli: Cli, *arguments: str) -> list[dict[str, Any]]:
    """The jobs of the folder's stories, as `compile` tells of them."""
    done = cli("compile", "--json", *arguments)
    assert done.code == 0, (done.out, done.err)
    return [job for story in done.json["stories"] for job in story["jobs"]]


def forged_lock(jobs: list[dict[str, Any]], gateway: str, /, **fields: Any) -> str:
    """A lock that says of each job that it is done; `fields` replace those of its lines."""
    lines = [
        {
            "shots": job["shots"],
            "content": job["content"],
            "base": job["content"],
            "take": 1,
            "provider": "kirin",
            "base_url": gateway,
            "dialect": "generation",
            "attempt": 1,
            "task": "stranger-1",
            "clip": "c" * 64,
            "seconds": job["seconds"],
            "cost": "0.1",
            "state": "done",
            "key": job["key"],
            **fields,
        }
        for job in jobs
    ]
    return "".join(f"{json.dumps(line)}\n" for line in [{"version": 2}, *lines])


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """All that lies in a folder: kinds, sizes, times, bytes of files, where links lead."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        what: object = None
        if path.is_symlink():
            what = str(path.readlink())
        elif path.is_file():
            what = path.read_bytes()
        found[str(path.relative_to(folder))] = (stat.st_mode, stat.st_ino, stat.st_mtime_ns, what)
    return found
