"""The vendor's own server, on a real socket: it sells films once a reference, and keeps all that it hears."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from storyboard.simulator.clips import SimulatedClips
from tests.support.prose_vendor.provider import FILMS, REFS, WATCH, member, signature

CENTS_A_SECOND = 5
REELS = "/reels/"


@dataclass
class Heard:
    """A request, names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Film:
    """What was sold."""

    ref: str
    order: dict[str, Any]
    watch: str = field(default_factory=lambda: f"{WATCH}{secrets.token_hex(8)}")
    looks: int = 0
    torn: str = ""


@dataclass
class ProseServer:
    """`looks` is how often a film is watched before it is bound. `swallow` submits are done and get no answer.
    `elsewhere` is the origin that is named in place of its own in the addresses to watch films at."""

    key: str
    url: str = ""
    looks: int = 2
    swallow: int = 0
    elsewhere: str = ""
    films: dict[str, Film] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    clips: SimulatedClips = field(default_factory=SimulatedClips)
    lock: Lock = field(default_factory=Lock)

    def of(self, method: str, path: str) -> list[Heard]:
        """The requests for paths that begin so."""
        return [each for each in self.heard if each.method == method and each.path.startswith(path)]

    def answer(self, asked: Heard) -> tuple[int, bytes] | None:
        """Status and body; None: no answer at all."""
        with self.lock:
            self.heard.append(asked)
            if asked.path.startswith(REELS):
                return self._reel(asked)
            if not self._is_signed(asked):
                return 401, _json({"oops": "who", "words": "nobody signed this"})
            if asked.method == "POST" and asked.path == FILMS:
                return self._sell(asked)
            return self._tell(asked)

    def _is_signed(self, asked: Heard) -> bool:
        given = asked.headers.get("x-prose-signature", "")
        wanted = signature(self.key, asked.method, asked.path, asked.body)
        return hmac.compare_digest(given, wanted) and asked.headers.get("x-prose-member") == member(self.key)

    def _sell(self, asked: Heard) -> tuple[int, bytes] | None:
        order = json.loads(asked.body)
        if set(order) != {"engine", "length", "script", "frame", "ref", "studio"} or not isinstance(
            order["length"], int
        ):
            return 422, _json({"oops": "form", "words": f"an order has other fields than {sorted(order)}"})
        if order["ref"] in self.films:
            return 409, _json({"oops": "again", "words": "this reference has its film"})
        if "forbidden" in order["script"]:
            return 422, _json({"oops": "taste", "words": "the script is not to our taste"})
        film = self.films[order["ref"]] = Film(order["ref"], order)
        film.torn = "the ink ran" if "torn" in order["script"] else ""
        if self.swallow:
            self.swallow -= 1
            return None
        return 201, self._told(film)

    def _tell(self, asked: Heard) -> tuple[int, bytes]:
        film = next((each for each in self.films.values() if asked.path in (each.watch, f"{REFS}{each.ref}")), None)
        if film is None:
            return 404, _json({"oops": "none", "words": "there is no such film"})
        film.looks += 1
        return 200, self._told(film)

    def _told(self, film: Film) -> bytes:
        told: dict[str, Any] = {"ref": film.ref, "watch": f"{self.elsewhere or self.url}{film.watch}"}
        if film.looks < self.looks:
            told |= {"stage": "inking"}
        elif film.torn:
            told |= {"stage": "torn", "why": film.torn}
        else:
            reel = f"{self.url}{REELS}{film.watch.removeprefix(WATCH)}.mp4"
            told |= {"stage": "bound", "reel": reel, "cents": CENTS_A_SECOND * film.order["length"]}
        return _json({"film": told})

    def _reel(self, asked: Heard) -> tuple[int, bytes]:
        name = asked.path.removeprefix(REELS).removesuffix(".mp4")
        film = next((each for each in self.films.values() if each.watch == f"{WATCH}{name}"), None)
        if film is None:
            return 404, b""
        return 200, self.clips.clip(film.order["length"], film.order["frame"], name)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


@contextmanager
def selling_prose(key: str) -> Iterator[ProseServer]:
    """The server, on a free port of this machine."""
    prose = ProseServer(key)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = prose.answer(Heard(self.command, self.path, headers, body))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    prose.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield prose
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
