"""A real S3 server of somebody else, and a proxy before it that loses answers, delays writes and drops conditions."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storyboard.bucket.address import read_address
from storyboard.bucket.object_store import Objects
from tests.support.waiting import PATIENCE

CONDITIONS = ("if-match", "if-none-match")
_numbers = count(1)


@contextmanager
def s3_server() -> Iterator[int]:
    """Start moto; its port."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("moto_process.py"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Faults:
    """What the proxy does to the requests whose method and path match, as often as said."""

    lose_answers: int = 0
    """The answers of so many matching requests are cut off after the server has done what was asked."""
    hold: threading.Event | None = None
    """The answer of the next matching request waits for this event, after the server has done what was asked."""
    holds: threading.Event = field(default_factory=threading.Event)
    """Set when such an answer waits."""
    then: Callable[[], None] | None = None
    """Called once, after the server has done what the next matching request asked and before that is answered."""
    swallow: int = 0
    """So many matching requests are kept back, and arrive when `release` is called; the client hears nothing."""
    away: bool = False
    """No request arrives whose path matches `away_at`."""
    away_at: str = ""
    unconditional: bool = False
    """Conditions are taken off all writes."""
    expires: str = ""
    """A lifecycle rule, as the answers of objects below this folder tell of it."""
    delay: float = 0.0
    """Seconds that the network takes for each request."""
    method: str = "PUT"
    path: str = ""
    kept: list[Callable[[], object]] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def release(self) -> None:
        """Let the requests that were kept back arrive now."""
        while self.kept:
            self.kept.pop(0)()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    upstream: int
    faults: Faults


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        faults = self.server.faults
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        faults.seen.append((self.command, self.path))
        time.sleep(faults.delay)
        if faults.away and re.search(faults.away_at, self.path):
            self._cut()
            return
        matches = self.command == faults.method and re.search(faults.path, self.path) is not None
        if matches and faults.swallow:
            faults.swallow -= 1
            faults.kept.append(lambda: self._forward(body))
            self._cut()
            return
        status, headers, content = self._forward(body)
        if matches and faults.then is not None:
            then, faults.then = faults.then, None
            then()
        if matches and faults.hold is not None:
            until, faults.hold = faults.hold, None
            faults.holds.set()
            until.wait(PATIENCE)
        if matches and faults.lose_answers:
            faults.lose_answers -= 1
            self._cut()
            return
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        if faults.expires and f"/{faults.expires}/" in self.path and status == 200:
            self.send_header("x-amz-expiration", 'expiry-date="Fri, 01 Jan 2027 00:00:00 GMT", rule-id="old"')
        if self.command == "HEAD" or status in (204, 304) or any(n.lower() == "content-length" for n, _ in headers):
            pass
        else:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=PATIENCE)
        dropped = CONDITIONS if self.server.faults.unconditional and self.command == "PUT" else ()
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", *dropped)}
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxy_to(upstream: int, faults: Faults) -> Iterator[int]:
    """A proxy before an S3 server; its port."""
    server = _Proxy(("127.0.0.1", 0), _Handler)
    server.upstream, server.faults = upstream, faults
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class TestBucket:
    """A fresh bucket behind the proxy: its address, the environment to use it with, and what can go wrong."""

    __test__ = False

    address: str
    environment: dict[str, str]
    port: int
    upstream: int
    faults: Faults

    def objects(self) -> Objects:
        """The bucket as storyboard uses it."""
        return Objects(read_address(self.address))

    def content(self, path: str) -> bytes:
        """An object's bytes, read with the vendor's own client."""
        return bytes(self._client().get_object(Bucket=self.name, Key=f"team/{path}")["Body"].read())

    def put(self, path: str, content: bytes) -> None:
        """Write an object with the vendor's own client."""
        self._client().put_object(Bucket=self.name, Key=f"team/{path}", Body=content)

    def remove(self, path: str) -> None:
        """Remove an object with the vendor's own client."""
        self._client().delete_object(Bucket=self.name, Key=f"team/{path}")

    def paths(self) -> list[str]:
        """All objects, listed with the vendor's own client."""
        listed = self._client().list_objects_v2(Bucket=self.name).get("Contents", [])
        return sorted(each["Key"].removeprefix("team/") for each in listed)

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.address.removeprefix("s3://").partition("/")[0]

    def _client(self) -> Any:
        return s3_client(self.upstream)


@cache
def s3_client(port: int) -> Any:
    """The vendor's own client for the server on a port, made once: it takes longer than what is asked with it."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="one",
        aws_secret_access_key="two",
    )


@contextmanager
def fresh_bucket(upstream: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestBucket]:
    """A new bucket on the server, which this process and its children use."""
    name = f"films-{next(_numbers)}"
    s3_client(upstream).create_bucket(Bucket=name)
    faults = Faults()
    with proxy_to(upstream, faults) as port:
        environment = {
            "AWS_ACCESS_KEY_ID": "one",
            "AWS_SECRET_ACCESS_KEY": "two",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        yield TestBucket(f"s3://{name}/team", environment, port, upstream, faults)
