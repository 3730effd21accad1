"""A reply of HTTP/1.1, read from its bytes as they arrive."""

from __future__ import annotations

import re
from collections.abc import Sequence

import httpcore

MOST_HEAD = 100 * 1024
"""Bytes that the headers of a reply may have, and the line before a chunk."""

LONGEST_NUMBER = 20
"""Digits of a length."""

_EMPTY = re.compile(rb"\r?\n")
_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/(\d\.\d) ([0-9]{3})(?: [^\0\r\n]*)?")
_HEADER = re.compile(rb"([-!#$%&'*+.^_`|~0-9a-zA-Z]+):[ \t]*([^\0\n\r\x0b\x0c]*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,20})(?:;.*)?[ \t]*")
_WITHOUT_BODY = (204, 304)


class ReplyParser:
    """Takes a reply's bytes in any pieces. A body is kept up to `most` bytes, and ends there."""

    def __init__(self, most: int) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self._most = most
        self._unread = bytearray()
        self._step = self._read_head
        self._left = 0
        self._kept_open = False

    @property
    def reusable(self) -> bool:
        """Whether the connection can take another request."""
        return self.complete and self._kept_open and not self._unread

    def feed(self, data: bytes) -> bool:
        """Read on; return whether it is complete. Raises httpcore.RemoteProtocolError where it is not a reply."""
        self._unread += data
        while not self.complete and self._step():
            pass
        return self.complete

    def end(self) -> None:
        """Read the end of the connection. Raises httpcore.RemoteProtocolError if the reply is not complete by then."""
        if self._step != self._read_to_the_end:
            raise httpcore.RemoteProtocolError("the connection was closed")
        self.complete = True

    def _read_head(self) -> bool:
        lines = self._lines()
        if lines is None:
            return False
        found = _STATUS.fullmatch(lines[0]) if lines else None
        if found is None:
            raise httpcore.RemoteProtocolError("not a status line")
        status, headers = int(found[2]), _headers_of(lines[1:])
        if status == 101 or status < 100:
            raise httpcore.RemoteProtocolError("not a status that was asked for")
        if status < 200:
            return True
        self.status, self.headers = status, headers
        closing = "close" in [word.strip() for word in headers.get("connection", "").lower().split(",")]
        self._kept_open = found[1] == b"1.1" and not closing
        self._begin_body(headers.get("transfer-encoding"), headers.get("content-length"))
        return True

    def _begin_body(self, coding: str | None, length: str | None) -> None:
        stated = _length_of(length) if length is not None else None
        if coding is not None and coding.strip().lower() != "chunked":
            raise httpcore.RemoteProtocolError("an unknown transfer encoding")
        if self.status in _WITHOUT_BODY:
            self.complete = True
        elif coding is not None:
            self._step = self._read_chunk_line
        elif stated is not None:
            self._left, self._step = stated, self._read_length
            self.complete = not stated
        else:
            self._kept_open, self._step = False, self._read_to_the_end

    def _read_length(self) -> bool:
        self.complete = self._take() or self.complete
        return False

    def _read_to_the_end(self) -> bool:
        self._left = len(self._unread)
        self._take()
        return False

    def _read_chunk_line(self) -> bool:
        line = self._line()
        if line is None:
            return False
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise httpcore.RemoteProtocolError("not a chunk")
        self._left = int(found[1], 16)
        self._step = self._read_chunk if self._left else self._read_trailers
        return True

    def _read_chunk(self) -> bool:
        if not self._take() or len(self._unread) < 2:
            return False
        if self._unread[:2] != b"\r\n":
            raise httpcore.RemoteProtocolError("a chunk without its end")
        del self._unread[:2]
        self._step = self._read_chunk_line
        return True

    def _read_trailers(self) -> bool:
        lines = self._lines()
        if lines is not None:
            _headers_of(lines)
            self.complete = True
        return False

    def _take(self) -> bool:
        """Move bytes into the body; return whether all that are due have come."""
        piece = self._unread[: self._left]
        del self._unread[: self._left]
        self._left -= len(piece)
        self.body += piece
        if len(self.body) >= self._most:
            del self.body[self._most :]
            self.complete, self._kept_open = True, False
        return not self._left

    def _line(self) -> bytes | None:
        """Return the next line without its end; None while it has not all come."""
        end = self._unread.find(b"\r\n", 0, MOST_HEAD)
        if end < 0:
            self._bound()
            return None
        line = bytes(self._unread[:end])
        del self._unread[: end + 2]
        return line

    def _lines(self) -> list[bytes] | None:
        """Return the lines up to an empty one; None while they have not all come."""
        if empty := _EMPTY.match(self._unread):
            del self._unread[: empty.end()]
            return []
        found = _HEAD_END.search(self._unread, 0, MOST_HEAD)
        if found is None:
            self._bound()
            return None
        lines = bytes(self._unread[: found.start()]).split(b"\n")
        del self._unread[: found.end()]
        return [line.removesuffix(b"\r") for line in lines]

    def _bound(self) -> None:
        if len(self._unread) >= MOST_HEAD:
            raise httpcore.RemoteProtocolError("too many headers")


def _headers_of(lines: Sequence[bytes]) -> dict[str, str]:
    """Return the headers of a reply, names in lower case; several of one name are joined."""
    whole: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            whole[-1] += b" " + line.lstrip(b" \t")
        else:
            whole.append(line)
    headers: dict[str, str] = {}
    for line in whole:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise httpcore.RemoteProtocolError("not a header")
        name, text = found[1].decode("ascii").lower(), found[2].decode("utf-8", "replace").rstrip(" \t")
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def _length_of(text: str) -> int:
    """Return the length that one header states, or several that agree."""
    stated = {each.strip() for each in text.split(",")}
    length = stated.pop()
    if stated or not (length.isascii() and length.isdigit() and len(length) <= LONGEST_NUMBER):
        raise httpcore.RemoteProtocolError("not one length")
    return int(length)
