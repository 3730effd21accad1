"""Replies of HTTP/1.1, read as h11 reads them, however they are cut into pieces."""

from __future__ import annotations

from dataclasses import dataclass

import h11
import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.run.reply_parser import MOST_HEAD, ReplyParser

MOST = 1_000_000
FRAMING = ("content-length", "transfer-encoding")
"""Headers that h11 writes in its own way."""


@dataclass(frozen=True)
class Read:
    status: int
    headers: dict[str, str]
    body: bytes
    reusable: bool


def read_by_ours(pieces: list[bytes], *, closed: bool) -> Read | None:
    parser = ReplyParser(MOST)
    try:
        for piece in pieces:
            parser.feed(piece)
        if closed and not parser.complete:
            parser.end()
    except httpcore.RemoteProtocolError:
        return None
    if not parser.complete:
        return None
    headers = {name: text for name, text in parser.headers.items() if name not in FRAMING}
    return Read(parser.status, headers, bytes(parser.body), parser.reusable and not closed)


def read_by_h11(pieces: list[bytes], *, closed: bool) -> Read | None:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "gateway.test")]))
    connection.send(h11.EndOfMessage())
    status, body = 0, b""
    headers: dict[str, str] = {}
    left = [*pieces, b""] if closed else list(pieces)
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                if not left:
                    return None
                connection.receive_data(left.pop(0))
            elif isinstance(event, h11.Response):
                status = event.status_code
                for name, value in event.headers.raw_items():
                    lower, text = name.decode().lower(), value.decode("utf-8", "replace")
                    headers[lower] = f"{headers[lower]}, {text}" if lower in headers else text
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                unread = any(left) or bool(connection.trailing_data[0])
                reusable = connection.their_state is h11.DONE and not unread and not closed
                headers = {name: text for name, text in headers.items() if name not in FRAMING}
                return Read(status, headers, body, reusable)
            elif isinstance(event, h11.ConnectionClosed):
                return None
    except h11.RemoteProtocolError:
        return None


def both(pieces: list[bytes], *, closed: bool) -> Read | None:
    ours = read_by_ours(pieces, closed=closed)
    assert ours == read_by_h11(pieces, closed=closed), pieces
    return ours


OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = {
    "a length": OK + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "no body": OK + b"Content-Length: 0\r\n\r\n",
    "nothing by its status": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not changed": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    "chunks": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
    "chunks and trailers": OK + b"Transfer-Encoding: Chunked\r\n\r\n2 \r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
    "chunks before a length": OK + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "lines without returns": b"HTTP/1.1 200\nContent-Length: 2\n\n{}",
    "a folded header": OK + b"X-Long: a\r\n  b\r\n\tc\r\nContent-Length: 2\r\n\r\n{}",
    "a header twice": OK + b"Vary: a\r\nvary: b\r\nContent-Length: 2\r\n\r\n{}",
    "one length twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "something before it": b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    + OK
    + b"content-length: 1\r\n\r\n7",
    "the connection ends with it": OK + b"Connection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\n{}",
    "an old server": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "an odd text": b"HTTP/1.1 503 \xe9t\xe9 closed\r\nX: caf\xc3\xa9 \xff \r\nContent-Length: 1\r\n\r\n\x00",
    "more than asked for": OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n",
}
TO_THE_END = OK + b"Content-Type: text/html\r\n\r\n<html>"
BROKEN = {
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "an empty line first": b"\r\n" + OK + b"\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "another protocol was agreed": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "a space before the colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "a header without a name": OK + b": 2\r\n\r\n{}",
    "a header without a colon": OK + b"Hello\r\nContent-Length: 0\r\n\r\n",
    "a zero in a header": OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a fold before all headers": OK + b" X: a\r\nContent-Length: 0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a negative length": OK + b"Content-Length: -2\r\n\r\n{}",
    "a length in words": OK + b"Content-Length: two\r\n\r\n{}",
    "another coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two codings": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk without a number": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a chunk that is too long": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a bad trailer": OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nhello\r\n\r\n",
    "headers without an end": OK + b"X: y\r\n" * 20_000,
    "a header without an end": OK + b"X: " + b"y" * 200_000,
    "a chunk line without an end": OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 200_000,
}


def cut(reply: bytes, every: int) -> list[bytes]:
    return [reply[at : at + every] for at in range(0, len(reply), every)]


@pytest.mark.parametrize("every", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("name", WHOLE)
def test_whole_reply_is_read_as_h11_reads_it(name: str, every: int) -> None:
    assert both(cut(WHOLE[name], every), closed=False) is not None


@pytest.mark.parametrize("every", [1, 1 << 20])
def test_reply_without_a_length_ends_with_its_connection(every: int) -> None:
    assert both(cut(TO_THE_END, every), closed=False) is None
    read = both(cut(TO_THE_END, every), closed=True)
    assert read is not None and read.body == b"<html>"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_a_reply_is_refused_as_h11_refuses_it(name: str) -> None:
    assert both(cut(BROKEN[name], 1 << 16), closed=True) is None


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "more than asked for"])
def test_reply_that_is_cut_off_is_not_complete(name: str) -> None:
    for length in range(len(WHOLE[name])):
        assert both([WHOLE[name][:length]], closed=True) is None


WORDS = st.sampled_from(
    [
        *(b"HTTP/1.1 ", b"HTTP/1.0 ", b"200", b"204", b"100", b" OK", b"\r\n", b"\n", b"\r\n\r\n", b": ", b" ", b"\t"),
        *(
            b"Content-Length: 3\r\n",
            b"Content-Length: 4\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Connection: close\r\n",
        ),
        *(b"3\r\nabc\r\n", b"0\r\n\r\n", b"abc", b"X: y\r\n", b"\0", b"\xff", b",", b";"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=8), st.booleans(), st.booleans())
def test_any_reply_is_read_as_h11_reads_it(words: list[bytes], begun: bool, closed: bool) -> None:
    both([OK, *words] if begun else words, closed=closed)


def test_longer_body_than_wanted_is_cut_and_its_connection_given_up() -> None:
    for framing in (b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n", b"\r\n"):
        parser = ReplyParser(10)
        assert parser.feed(OK + framing + b"x" * 1000)
        assert bytes(parser.body) == b"x" * 10
        assert not parser.reusable
