"""Downloads of clips: a few threads that read from the network and write to the disk without the event loop between."""

from __future__ import annotations

import json
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urljoin
from weakref import WeakSet

import httpcore

from storyboard.errors import StoreError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import SMALL, read_file
from storyboard.files.writing import PRIVATE, replace_file
from storyboard.forms import is_header
from storyboard.run.connecting import (
    KEPT_OPEN,
    NETWORK_ERRORS,
    TIMEOUTS,
    certificates,
    environment_proxy,
    host_header,
    on_the_wire,
    plain_words,
    set_up,
)
from storyboard.run.effects import Barred, Cut, Download, Expired, Progress, Whole, Wrong
from storyboard.run.url_policy import AddressRules, Allowed

DOWNLOADS = 8
"""Simultaneous downloads."""

SLOWEST, SLOW_FOR = 1_000, 60.0
"""A download slower than this rate for this time is interrupted, and resumed later."""

BYTES_A_SECOND = 12_500_000
LEAST_BOUND = 32_000_000
"""Size limit of a clip: bytes per second of its length, and at least."""

HOPS = 5
MOST_DIGITS = 18
"""Digits of a number of bytes."""

_GZIP = b"\x1f\x8b"
PIECE = 1 << 18
"""Bytes that are read, and written, at once."""

TOLD_EVERY = 1 << 20
"""Bytes between two reports of progress."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A clip to download: where to, how many seconds it should last, how many bytes it may have."""

    target: Path
    seconds: int
    max_bytes: int | None
    progress: Progress

    @property
    def bound(self) -> int:
        """The most bytes that are taken."""
        return self.max_bytes or max(LEAST_BOUND, BYTES_A_SECOND * self.seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that is read in large pieces, and not past the time of its line."""

    def __init__(self, plain: httpcore.NetworkStream, line: _Line) -> None:
        self._plain = plain
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(PIECE, self._line.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, timeout)

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream:
        return self._line.watched(self._plain.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


class _Line(httpcore.SyncBackend):
    """One connection for downloads; another thread can close it."""

    def __init__(
        self,
        origin: httpcore.Origin,
        sockets: WeakSet[socket.socket],
        proxy: httpcore.Proxy | None,
        trusted: ssl.SSLContext | None,
    ) -> None:
        """Its socket joins `sockets`. Raises ImportError where the library of the proxy is missing."""
        self._sockets = sockets
        self._until: float | None = None
        pool = httpcore.ConnectionPool(trusted, proxy, keepalive_expiry=KEPT_OPEN, network_backend=self)
        self.connection = pool.create_connection(origin)

    @contextmanager
    def ended_after(self, seconds: float) -> Iterator[None]:
        """Read nothing from it after so many seconds, however slowly data arrives."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = None

    def left(self, timeout: float | None) -> float | None:
        """Return the seconds that a reader may wait. Raises httpcore.ReadTimeout if there are none."""
        if self._until is None:
            return timeout
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> _Stream:
        return self.watched(super().connect_tcp(host, port, timeout, local_address, socket_options))

    def watched(self, plain: httpcore.NetworkStream) -> _Stream:
        """Let its socket be closed from elsewhere."""
        self._sockets.add(plain.get_extra_info("socket"))
        return _Stream(plain, self)


class Downloader:
    """Downloads from wherever the rules allow it, several at once."""

    def __init__(
        self, rules: AddressRules, authorise: Callable[[str], Mapping[str, str]], agent: str, longest: float
    ) -> None:
        """`authorise` returns the headers for an address; `longest` is how many seconds pass before its first byte."""
        self._rules = rules
        self._authorise = authorise
        self._agent = agent
        self._longest = longest
        self.threads = ThreadPoolExecutor(DOWNLOADS, "fetch")
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._idle: list[tuple[tuple[object, ...], _Line]] = []
        self._turn = Lock()
        self._closed = False

    def close(self) -> None:
        """Close all connections, including those that a thread waits on."""
        self._closed = True
        self.threads.shutdown(wait=False, cancel_futures=True)
        for each in list(self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        with self._turn:
            idle, self._idle = self._idle, []
        for _, line in idle:
            line.connection.close()

    def get(self, url: str, wanted: WantedFile) -> Download:
        """Download a clip in this thread, resuming where its file ends, and verify that it is one."""
        for _ in range(HOPS):
            allowed = self._rules.judge(url)
            if not isinstance(allowed, Allowed):
                return Barred(allowed.message)
            try:
                there = on_the_wire(url)
            except ValueError:
                return Barred("its address cannot be requested")
            try:
                found = self._one_hop(url, there, allowed, wanted)
            except NETWORK_ERRORS as error:
                return Cut(plain_words(error), _size(wanted.target))
            if not isinstance(found, str):
                return found
            url = urljoin(url, found)
        return Barred("too many redirects")

    def _one_hop(self, url: str, there: httpcore.URL, allowed: Allowed, wanted: WantedFile) -> Download | str:
        """Request one address: return a download, or the next address."""
        with self._opened(url, there, allowed, wanted.target) as response:
            if 300 <= response.status < 400:
                return response.header("location")
            refused = _refused(response, wanted.target)
            if refused is not None:
                return refused
            wrong = _received(response, wanted)
            missing = _is_missing_more(response, wanted.target)
        if wrong is None:
            return _verified(wanted.target, wanted.seconds, missing=missing)
        wanted.target.unlink(missing_ok=True)
        return wrong

    @contextmanager
    def _opened(self, url: str, there: httpcore.URL, allowed: Allowed, target: Path) -> Iterator[FileResponse]:
        """Connect to exactly the address that was checked; the certificate is still verified for the host's name."""
        headers: dict[str, bytes | str] = {
            "Host": host_header(there),
            "User-Agent": self._agent,
            "Accept-Encoding": "identity",
        }
        headers |= self._authorise(url)
        if start := _size(target):
            headers["Range"] = f"bytes={start}-"
            tag, _ = _noted_version(target)
            if tag.startswith('"'):
                headers["If-Range"] = tag
        extensions: dict[str, Any] = {"timeout": TIMEOUTS}
        name = there.host
        if allowed.ip is not None:
            extensions["sni_hostname"] = name.decode("ascii")
            there = httpcore.URL(scheme=there.scheme, host=allowed.ip, port=there.port, target=there.target)
        request = httpcore.Request("GET", there, headers=list(headers.items()), extensions=extensions)
        with self._line(url, there.origin, name, proxied=allowed.ip is None) as line:
            with line.ended_after(self._longest):
                response = line.connection.handle_request(request)
            try:
                yield FileResponse(response)
            finally:
                response.close()

    @contextmanager
    def _line(self, url: str, origin: httpcore.Origin, name: bytes, *, proxied: bool) -> Iterator[_Line]:
        """A connection for one request: an idle one to the same host, or a new one."""
        key = (origin.scheme, origin.host, origin.port, name, proxied)
        line = self._idle_line(key)
        if line is None:
            trusted = self._certificates if origin.scheme == b"https" else None
            proxy = environment_proxy(url, lambda: self._certificates) if proxied else None
            with set_up():
                line = _Line(origin, self._sockets, proxy, trusted)
        try:
            yield line
        finally:
            if line.connection.is_idle() and not self._closed:
                self._keep_idle(key, line)
            else:
                line.connection.close()

    def _idle_line(self, key: tuple[object, ...]) -> _Line | None:
        with self._turn:
            for number in reversed(range(len(self._idle))):
                if self._idle[number][0] == key:
                    line = self._idle.pop(number)[1]
                    if line.connection.is_available() and not line.connection.has_expired():
                        return line
                    line.connection.close()
        return None

    def _keep_idle(self, key: tuple[object, ...], line: _Line) -> None:
        with self._turn:
            self._idle.append((key, line))
            surplus = self._idle.pop(0)[1] if len(self._idle) > DOWNLOADS else None
        if surplus is not None:
            surplus.connection.close()

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return certificates()


class FileResponse:
    """A reply to a download, whose headers have arrived."""

    def __init__(self, response: httpcore.Response) -> None:
        self.status = response.status
        self._response = response
        self._headers = {name.lower(): value for name, value in response.headers}

    def header(self, name: str) -> str:
        """Return a header by its name in lower case, "" where there is none."""
        return self._headers.get(name.encode("ascii"), b"").decode("utf-8", "replace")

    def number(self, name: str) -> int | None:
        """Return a header that is a number of bytes, None if it is missing or none."""
        return _byte_number(self.header(name))

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        yield from self._response.iter_stream()


def _refused(response: FileResponse, target: Path) -> Download | None:
    """Interpret a status other than success. If the range cannot be satisfied, the download starts again."""
    status, words = response.status, f"HTTP {response.status}"
    start = _size(target)
    if status == 206 and _range_start(response) == start and _is_same_version(response, target):
        if not start:
            _note_version(response, target)
        return None
    if status in (200, 206, 416):
        target.unlink(missing_ok=True)
        if status == 200:
            _note_version(response, target)
        else:
            _note_of(target).unlink(missing_ok=True)
        return None if status == 200 else Cut(f"{words}: not the range that was requested")
    return Cut(words, start) if status in (408, 425, 429) or status >= 500 else Expired(words)


def _received(response: FileResponse, wanted: WantedFile) -> Wrong | Barred | None:
    """Write what arrives after what is there; return what is wrong with it, if anything."""
    target, bound = wanted.target, wanted.bound
    received = _size(target)
    length = response.number("content-length")
    total = None if length is None else received + length
    pieces, zipped = _unzipped_if_zipped(response)
    beginning, sniffed = b"", received > 0
    since, then = time.monotonic(), received
    told = received
    with _writing(target), _kept_only_whole(target, zipped), target.open("ab") as file:
        for piece in pieces:
            if not sniffed:
                beginning += piece[:8]
                sniffed = len(beginning) >= 8
                if sniffed and not _looks_like_a_clip(beginning):
                    return Wrong(f"it is not an mp4 file ({_stated_form(response)})")
            file.write(piece)
            received += len(piece)
            if time.monotonic() - since > SLOW_FOR:
                if received - then < SLOWEST * SLOW_FOR:
                    raise httpcore.ReadTimeout
                since, then = time.monotonic(), received
            if received > bound:
                return Barred(f"it is larger than {bound:,} bytes, the limit for a clip of this job")
            if received - told >= TOLD_EVERY:
                told = received
                wanted.progress(received, total)
    return None


def _stated_form(response: FileResponse) -> str:
    """Return the stated type and encoding of a file."""
    coding, kind = response.header("content-encoding"), response.header("content-type") or "of no stated type"
    return f"{kind}, encoded as {coding}"[:200] if coding else kind[:200]


def _unzipped_if_zipped(response: FileResponse) -> tuple[Iterator[bytes], bool]:
    """Return the pieces of the file, decompressed where it is compressed although that was not asked for, and whether
    it is."""
    pieces = response.pieces()
    first = next(pieces, b"")
    zipped = response.header("content-encoding").strip().lower() in ("gzip", "x-gzip") and first.startswith(_GZIP)
    whole = chain((first,), pieces)
    return (_unzipped(whole) if zipped else whole), zipped


def _unzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for piece in pieces:
            while piece and not reader.eof:
                yield reader.decompress(piece, PIECE)
                piece = reader.unconsumed_tail
    except zlib.error as error:
        raise httpcore.RemoteProtocolError("it is compressed, and damaged") from error
    if not reader.eof:
        raise httpcore.RemoteProtocolError("it is compressed, and cut off")


@contextmanager
def _kept_only_whole(target: Path, zipped: bool) -> Iterator[None]:
    """Remove a part of a compressed file: a range of it cannot be asked for."""
    whole = not zipped
    try:
        yield
        whole = True
    finally:
        if not whole:
            target.unlink(missing_ok=True)


def _looks_like_a_clip(beginning: bytes | bytearray) -> bool:
    """Whether a file begins like an mp4: with the size and the name of a box."""
    return beginning[4:8] in (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide")


def _range_start(response: FileResponse) -> int | None:
    unit, _, rest = response.header("content-range").partition(" ")
    return _byte_number(rest.partition("-")[0]) if unit == "bytes" else None


def _byte_number(text: str) -> int | None:
    """Parse a number of bytes; None for anything else, also for more than any file has."""
    return int(text) if len(text) <= MOST_DIGITS and text.isascii() and text.isdecimal() else None


def _is_missing_more(response: FileResponse, target: Path) -> bool:
    """Whether a range ended before the file does."""
    total = _byte_number(response.header("content-range").rpartition("/")[2])
    return response.status == 206 and total is not None and _size(target) < total


def _size(target: Path) -> int:
    return target.stat().st_size if target.exists() else 0


def _version_of(response: FileResponse) -> tuple[str, str]:
    """Return the version of a file at an address: its ETag or date, and its total length."""
    total = response.header("content-range").rpartition("/")[2] or response.header("content-length")
    return response.header("etag") or response.header("last-modified"), total


def _note_of(target: Path) -> Path:
    return target.with_name(f"{target.name}.version")


def _note_version(response: FileResponse, target: Path) -> None:
    """Record beside an unfinished file which version it belongs to."""
    with _writing(target):
        replace_file(_note_of(target), json.dumps(_version_of(response)), mode=PRIVATE)


def _noted_version(target: Path) -> tuple[str, str]:
    """Return the version of an unfinished file; empty if it was not recorded."""
    try:
        tag, total = json.loads(read_file(_note_of(target), SMALL))
    except (OSError, ValueError, TypeError, RecursionError):
        return "", ""
    return (tag, total) if is_header(tag) and is_header(total) else ("", "")


def _is_same_version(response: FileResponse, target: Path) -> bool:
    """Whether a part belongs to the same version as the unfinished file; unknown fields do not count."""
    return all(
        not was or not now or was == now for was, now in zip(_noted_version(target), _version_of(response), strict=True)
    )


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


def _verified(target: Path, seconds: int, *, missing: bool) -> Download:
    """Judge a file that has arrived; `missing` if the server said that there is more of it."""
    from storyboard.media.clip import ClipTrouble
    from storyboard.media.clip_format import is_about
    from storyboard.media.probe import probe_clip

    try:
        lasts = probe_clip(target)
    except ClipTrouble as trouble:
        if missing:
            return Cut("only a part of the file was sent", _size(target))
        target.unlink(missing_ok=True)
        _note_of(target).unlink(missing_ok=True)
        return Wrong(f"it {trouble.message.removeprefix(target.name).strip()}")
    _note_of(target).unlink(missing_ok=True)
    return Whole(target, None if is_about(lasts, seconds) else float(lasts))
