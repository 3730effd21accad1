"""The network: requests to the gateway, and downloads. This is the only importer of httpx.

The key goes only to the gateway. A POST has its own connection, follows no redirect and is never repeated. A few
threads call httpx and block: a request costs half of what its asynchronous client takes, most of which goes into the
queue before its connections, and a download is read and written without the event loop between.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias
from urllib.parse import urljoin
from weakref import WeakSet

import httpx

from storyboard.errors import AccessError, StoreError
from storyboard.files.disk import SMALL, read_file
from storyboard.files.environment import environ
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_header
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.protocol import Provider
from storyboard.providers.redact import redacted
from storyboard.run.effects import NOT_ALLOWED, Barred, Cut, Download, Expired, MaySend, Progress, Whole, Wrong
from storyboard.run.url_policy import AddressRules, Allowed, is_loopback

CONNECTIONS = 8
"""Simultaneous connections to the gateway, and for downloads."""

LARGEST_REPLY = 4_000_000
"""Largest reply that is read, in bytes, as sent and as decoded."""

LONGEST_REQUEST = 120.0
"""Seconds that a request to the gateway may take from the first byte to the last, and a download to its first."""

SLOWEST, SLOW_FOR = 1_000, 60.0
"""A download slower than this rate for this time is interrupted, and resumed later."""

BYTES_A_SECOND = 12_500_000
LEAST_BOUND = 32_000_000
"""Size limit of a clip: bytes per second of its length, and at least."""

MOST_CODINGS = 3
HOPS = 5
CHUNK = 1 << 20
_TIMEOUT = httpx.Timeout(60.0, connect=20.0, pool=None)
_SURROUNDINGS = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_Receive: TypeAlias = Callable[[httpx.Response], Wrong | Barred | None]
"""Write a response's body to the file; return what is wrong with it."""

_PLAIN = (
    (httpx.ConnectTimeout, "the connection timed out"),
    (httpx.TimeoutException, "the reply timed out"),
    (httpx.RemoteProtocolError, "the connection was closed before the reply was complete"),
    (httpx.ReadError, "the connection broke before the reply was complete"),
    (httpx.WriteError, "the connection broke while sending"),
    (httpx.ConnectError, "no connection"),
)
"""Names of network errors; the first match counts."""


class _NotAllowed(Exception):
    """Ends a request before its first byte."""


class _Line:
    """The connection of one request, so that it can be closed while a thread waits on it."""

    def __init__(self, sockets: WeakSet[socket.socket], may_send: MaySend | None = None) -> None:
        """`sockets` are those of all requests; its own joins them. `may_send` is asked before the first byte."""
        self._sockets = sockets
        self._may_send = may_send
        self._own: socket.socket | None = None
        self._ended = False
        self._sending = False
        self._until: float | None = None
        self._turn = Lock()

    @property
    def watched(self) -> dict[str, Any]:
        """The trace callback for httpx, called at each step."""
        return {"trace": self._step}

    def end(self) -> None:
        """Close it; when this returns, nothing more is sent through it."""
        with self._turn:
            self._ended = True
            if self._own is not None:
                _hang_up(self._own)

    @contextmanager
    def ended_after(self, seconds: float) -> Iterator[None]:
        """Close it after a number of seconds, however slowly data arrives."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = None

    def end_when_late(self) -> None:
        """Close it if its time is over."""
        until = self._until
        if until is not None and time.monotonic() > until:
            self.end()

    @property
    def was_sent(self) -> bool:
        """Whether a part of the request may have left; what a proxy was asked for before is not part of it."""
        return self._sending

    def _step(self, name: str, what: Mapping[str, Any]) -> None:
        """Raise `httpx.ConnectError` once the request is ended, and `_NotAllowed` if nothing may be sent any more.

        The permission is asked for on the open connection: opening one takes seconds on a slow network.
        """
        begins = _begins_to_send(name, what)
        if begins and not self._sending and self._may_send is not None and not self._may_send():
            raise _NotAllowed
        with self._turn:
            opened = what["return_value"] if name.endswith(("connect_tcp.complete", "start_tls.complete")) else None
            if opened is not None and not self._ended:
                self._own = opened.get_extra_info("socket")
                self._sockets.add(self._own)
            elif self._ended:
                if opened is not None:
                    opened.close()
                raise httpx.ConnectError("stopped")
            self._sending = self._sending or begins


def _begins_to_send(name: str, what: Mapping[str, Any]) -> bool:
    """Whether a step sends of the request itself, and not of the one that asks a proxy for a way to the gateway."""
    return name.endswith((".send_request_headers.started", ".send_request_body.started")) and (
        what["request"].method != b"CONNECT"
    )


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class HttpClient:
    """One gateway's client; close it in the event loop that used it. `hosts` narrows the hosts that clips may come
    from."""

    def __init__(
        self, provider: Provider, key: str, hosts: tuple[str, ...] = (), longest: float = LONGEST_REQUEST
    ) -> None:
        """`longest` is how many seconds a request may take, however slowly its answer arrives."""
        self._longest = longest
        self._provider = provider
        self._base_url = provider.base_url.rstrip("/")
        self._key = key
        self._rules = AddressRules(self._base_url, hosts)
        own = not is_loopback(self._base_url)
        headers = {"User-Agent": "storyboard", "Accept-Encoding": "identity"}
        with _set_up():
            make = partial(httpx.Client, timeout=_TIMEOUT, follow_redirects=False, verify=httpx.create_ssl_context())
            few = httpx.Limits(max_connections=CONNECTIONS)
            alone = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)
            typed = {**headers, "Content-Type": "application/json"}
            self._polls = make(limits=few, headers=typed, trust_env=own)
            self._posts = make(limits=alone, headers=typed, trust_env=own)
            self._direct = make(limits=few, headers=headers, trust_env=False)
            self._make_proxied = partial(make, limits=few, headers=headers, trust_env=True)
        self._proxied: httpx.Client | None = None
        self._turn = Lock()
        self._asking = ThreadPoolExecutor(CONNECTIONS, "ask")
        self._fetching = ThreadPoolExecutor(CONNECTIONS, "fetch")
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lines: set[_Line] = set()
        self._under_way = 0
        self._next_watch: asyncio.TimerHandle | None = None

    async def aclose(self) -> None:
        """Close all connections, including those that a thread waits on."""
        if self._next_watch is not None:
            self._next_watch.cancel()
        for threads in (self._asking, self._fetching):
            threads.shutdown(wait=False, cancel_futures=True)
        for each in list(self._sockets):
            _hang_up(each)
        for client in filter(None, (self._polls, self._posts, self._direct, self._proxied)):
            client.close()

    async def ask(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once. When this returns, a POST's connection is closed.

        Nothing is sent where `may_send`, asked in a thread, says no.
        An address elsewhere, which a reply may have named, is not asked: the key goes to the gateway alone.
        """
        if not call.url.startswith(f"{self._base_url}/"):
            return NoReply(f"{call.url[:200]!r} is not an address of {self._base_url}, so it is not used", sent=False)
        line = _Line(self._sockets, may_send)
        with self._watched():
            try:
                return await asyncio.get_running_loop().run_in_executor(self._asking, self._ask, call, line)
            except asyncio.CancelledError:
                line.end()  # a thread that is still connecting would send it when the job's claim is another's
                raise

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """End requests that take too long, as long as any is under way."""
        self._under_way += 1
        if self._next_watch is None:
            self._watch()
        try:
            yield
        finally:
            self._under_way -= 1

    def _watch(self) -> None:
        """End what is late, now and from time to time: a timer for each request would be a thread for each."""
        for line in tuple(self._lines):
            line.end_when_late()
        pause = min(1.0, self._longest / 4)
        again = self._under_way > 0
        self._next_watch = asyncio.get_running_loop().call_later(pause, self._watch) if again else None

    @contextmanager
    def _listed(self, line: _Line) -> Iterator[None]:
        """Let the line be watched while the request of a thread goes through it."""
        self._lines.add(line)
        try:
            with line.ended_after(self._longest):
                yield
        finally:
            self._lines.discard(line)

    def _ask(self, call: HttpCall, line: _Line) -> Reply:
        client = self._polls if call.method == "GET" else self._posts
        content = b"" if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
        proof = self._provider.authorise(call, self._key, content)
        headers = {"X-Request-Id": str(uuid.uuid4()), **proof}
        try:
            with (
                self._listed(line),
                client.stream(
                    call.method, call.url, content=content or None, headers=headers, extensions=line.watched
                ) as reply,
            ):
                return HttpReply(reply.status_code, read_body(reply), dict(reply.headers), self._key)
        except _NotAllowed:
            return NOT_ALLOWED
        except (httpx.HTTPError, httpx.InvalidURL, UnreadableReply) as error:
            return NoReply(self._words(error), sent=line.was_sent)

    async def get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        """Download a clip, resuming where `target` ends, and verify that it is one."""
        loop = asyncio.get_running_loop()

        def told(received: int, total: int | None) -> None:
            loop.call_soon_threadsafe(progress, received, total)

        with self._watched():
            return await loop.run_in_executor(self._fetching, self._get, url, target, seconds, max_bytes, told)

    def _get(self, url: str, target: Path, seconds: int, max_bytes: int | None, progress: Progress) -> Download:
        receive = partial(_received, target=target, bound=max_bytes or _bound(seconds), progress=progress)
        for _ in range(HOPS):
            allowed = self._rules.judge(url)
            if not isinstance(allowed, Allowed):
                return Barred(allowed.message)
            try:
                found = self._one_hop(url, allowed, target, seconds, receive)
            except httpx.HTTPError as error:
                return Cut(self._words(error), _size(target))
            if not isinstance(found, str):
                return found
            url = urljoin(url, found)
        return Barred("too many redirects")

    def _one_hop(self, url: str, allowed: Allowed, target: Path, seconds: int, receive: _Receive) -> Download | str:
        """Request one address: return a download, or the next address."""
        with self._opened(url, allowed, target) as response:
            if response.is_redirect:
                return str(response.headers.get("location", ""))
            refused = _refused(response, target)
            if refused is not None:
                return refused
            wrong = receive(response)
        if wrong is None:
            return _verified(target, seconds)
        target.unlink(missing_ok=True)
        return wrong

    @contextmanager
    def _opened(self, url: str, allowed: Allowed, target: Path) -> Iterator[httpx.Response]:
        """Connect to exactly the address that was checked; the certificate is still verified for the host's name."""
        start = _size(target)
        headers = {**self._provider.authorise_download(url, self._key)}
        if start:
            headers["Range"] = f"bytes={start}-"
            tag, _ = _noted_version(target)
            if tag.startswith('"'):
                headers["If-Range"] = tag
        line = _Line(self._sockets)
        if allowed.ip is None:
            with self._begun(self._through_proxy(), url, headers, line, line.watched) as response:
                yield response
            return
        there = httpx.URL(url)
        headers["Host"] = there.netloc.decode("ascii")
        pinned = there.copy_with(host=allowed.ip)
        extensions = {**line.watched, "sni_hostname": there.host}
        with self._begun(self._direct, pinned, headers, line, extensions) as response:
            yield response

    def _through_proxy(self) -> httpx.Client:
        """Return the client for downloads through the proxy of the environment; it is created on first use."""
        with self._turn:
            if self._proxied is None:
                with _set_up():
                    self._proxied = self._make_proxied()
            return self._proxied

    @contextmanager
    def _begun(
        self,
        client: httpx.Client,
        url: httpx.URL | str,
        headers: dict[str, str],
        line: _Line,
        extensions: dict[str, Any],
    ) -> Iterator[httpx.Response]:
        """Return a download whose headers arrived in time."""
        with ExitStack() as stack:
            with self._listed(line):
                response = stack.enter_context(client.stream("GET", url, headers=headers, extensions=extensions))
            yield response

    def _words(self, error: Exception) -> str:
        plain = next((words for kind, words in _PLAIN if isinstance(error, kind)), None)
        if plain is not None and not isinstance(error, httpx.ConnectError):
            return plain
        words = redacted(str(error), self._key)
        return ": ".join(filter(None, (plain or type(error).__name__, words)))


@contextmanager
def _set_up() -> Iterator[None]:
    """Tell what the surroundings say of proxies and certificates where no connection can be made by it.

    Raises AccessError naming the variables.
    """
    try:
        yield
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        names = [name for name in _SURROUNDINGS if environ.get(name) or environ.get(name.lower())]
        raise AccessError(
            f"no connection can be set up with the current {' and '.join(names) or 'settings of this machine'}: "
            f"{error}",
            help="for a SOCKS proxy: pip install 'httpx[socks]'; else correct the variable, or unset it",
        ) from error


class UnreadableReply(Exception):
    """A reply in an unknown content encoding."""


def read_body(response: httpx.Response) -> bytes:
    """Read and decode a reply's body, up to a limit; raises UnreadableReply for an unknown encoding."""
    body = bytearray()
    for piece in response.iter_raw():
        body += piece[: LARGEST_REPLY - len(body)]
        if len(body) >= LARGEST_REPLY:
            break
    codings = [coding.strip().lower() for coding in response.headers.get("content-encoding", "").split(",")]
    for coding in reversed([coding for coding in codings if coding not in ("", "identity")][:MOST_CODINGS]):
        body = bytearray(_decoded(bytes(body), coding))
    return bytes(body)


def _decoded(body: bytes, coding: str) -> bytes:
    """Decode at most `LARGEST_REPLY` bytes."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableReply(f"the reply has the content encoding {coding!r:.40}, which was not requested")
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        with suppress(zlib.error):
            return zlib.decompressobj(window).decompress(body, LARGEST_REPLY)
    raise UnreadableReply(f"the reply is labelled {coding}, but is not")


def _refused(response: httpx.Response, target: Path) -> Download | None:
    """Interpret a status other than success. If the range cannot be satisfied, the download starts again."""
    status, words = response.status_code, f"HTTP {response.status_code}"
    if status == 206 and _range_start(response) == _size(target) and _is_same_version(response, target):
        return None
    if status in (200, 206, 416):
        target.unlink(missing_ok=True)
        _note_version(response, target)
        return None if status == 200 else Cut(f"{words}: not the range that was requested")
    return Cut(words, _size(target)) if status == 429 or status >= 500 else Expired(words)


def _received(response: httpx.Response, target: Path, bound: int, progress: Progress) -> Wrong | Barred | None:
    """Write what arrives after what is there; return what is wrong with it, if anything."""
    received = _size(target)
    length = response.headers.get("content-length", "")
    total = received + int(length) if length.isdecimal() else None
    buffer, sniffed = bytearray(), received > 0
    since, then = time.monotonic(), received
    try:
        for piece in response.iter_raw():
            buffer += piece
            if not sniffed and len(buffer) >= 8 and not _looks_like_a_clip(buffer):
                return Wrong(f"it is not an mp4 file ({response.headers.get('content-type', 'of no stated type')})")
            sniffed = sniffed or len(buffer) >= 8
            received += len(piece)
            if time.monotonic() - since > SLOW_FOR:
                if received - then < SLOWEST * SLOW_FOR:
                    raise httpx.ReadTimeout("too slow")
                since, then = time.monotonic(), received
            if received > bound:
                return Barred(f"it is larger than {bound:,} bytes, the limit for a clip of this job")
            if len(buffer) >= CHUNK:
                _append(target, buffer)
                buffer.clear()
                progress(received, total)
    finally:
        _append(target, buffer)
    return None


def _bound(seconds: int) -> int:
    return max(LEAST_BOUND, BYTES_A_SECOND * seconds)


def _looks_like_a_clip(beginning: bytes | bytearray) -> bool:
    """Whether a file begins like an mp4: with the size and the name of a box."""
    return beginning[4:8] in (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide")


def _range_start(response: httpx.Response) -> int | None:
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    start = rest.partition("-")[0]
    return int(start) if unit == "bytes" and start.isdecimal() else None


def _size(target: Path) -> int:
    return target.stat().st_size if target.exists() else 0


def _version_of(response: httpx.Response) -> tuple[str, str]:
    """Return the version of a file at an address: its ETag or date, and its total length."""
    headers = response.headers
    total = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "")
    return headers.get("etag") or headers.get("last-modified") or "", total


def _note_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.version")


def _note_version(response: httpx.Response, target: Path) -> None:
    """Record beside an unfinished file which version it belongs to."""
    if response.status_code == 200:
        with _writing(target):
            replace_file(_note_of(target), json.dumps(_version_of(response)), mode=PRIVATE)
    else:
        _note_of(target).unlink(missing_ok=True)


def _noted_version(target: Path) -> tuple[str, str]:
    """Return the version of an unfinished file; empty if it was not recorded."""
    try:
        tag, total = json.loads(read_file(_note_of(target), SMALL))
    except (OSError, ValueError, TypeError, RecursionError):
        return "", ""
    return (tag, total) if is_header(tag) and is_header(total) else ("", "")


def _is_same_version(response: httpx.Response, target: Path) -> bool:
    """Whether a part belongs to the same version as the unfinished file; unknown fields do not count."""
    return all(
        not was or not now or was == now for was, now in zip(_noted_version(target), _version_of(response), strict=True)
    )


def _append(target: Path, piece: bytes | bytearray) -> None:
    with _writing(target), target.open("ab") as file:
        file.write(piece)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"a clip cannot be written at {target}: {error.strerror}",
            help="free up space or allow writing there; nothing that was paid for is lost, and the same command "
            "fetches it",
        ) from error


def _verified(target: Path, seconds: int) -> Download:
    from storyboard.media.clip import ClipTrouble
    from storyboard.media.clip_format import is_about
    from storyboard.media.probe import probe_clip

    _note_of(target).unlink(missing_ok=True)
    try:
        lasts = probe_clip(target)
    except ClipTrouble as trouble:
        target.unlink(missing_ok=True)
        return Wrong(trouble.message)
    return Whole(target, None if is_about(lasts, seconds) else float(lasts))
