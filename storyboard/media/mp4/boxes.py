"""The boxes that an mp4 file consists of: read from bytes, and written with other bodies."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

Edit: TypeAlias = Callable[[bytes], bytes]
"""From a box's body to the body that takes its place."""

HEAD = 8
"""How many bytes a box has before its body."""

_HEAD = struct.Struct(">I4s")
_HOLDERS = frozenset((b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"))


class BoxError(ValueError):
    """The bytes are not laid out as expected."""


class Boxes(dict[bytes, bytes]):
    """The bodies of boxes side by side, by their kind. A kind that is not there is no answer but a `BoxError`."""

    def __missing__(self, kind: bytes) -> bytes:
        raise BoxError


def boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each box side by side in `data`: its kind, and from where to where its body goes. Raises `BoxError`."""
    at, length = 0, len(data)
    while at < length:
        if length - at < HEAD:
            raise BoxError
        size, kind = _HEAD.unpack_from(data, at)
        if not HEAD <= size <= length - at:
            raise BoxError
        yield kind, at + HEAD, at + size
        at += size


def bodies(data: bytes, kind: bytes) -> list[bytes]:
    """The bodies of the boxes of a kind. Raises `BoxError`."""
    return [data[start:end] for found, start, end in boxes(data) if found == kind]


def opened(data: bytes) -> Boxes:
    """The bodies of boxes of which none comes twice. Raises `BoxError`."""
    found = [(kind, data[start:end]) for kind, start, end in boxes(data)]
    by_kind = Boxes(found)
    if len(by_kind) != len(found):
        raise BoxError
    return by_kind


def body(data: bytes, kind: bytes) -> bytes:
    """The body of the one box of a kind. Raises `BoxError`."""
    found = bodies(data, kind)
    if len(found) != 1:
        raise BoxError
    return found[0]


def box(kind: bytes, content: bytes) -> bytes:
    """A box with a body."""
    return head(kind, len(content)) + content


def head(kind: bytes, length: int) -> bytes:
    """How a box begins whose body has so many bytes. Raises `BoxError` where those are too many."""
    return packed((HEAD + length,)) + kind


def edited(data: bytes, edits: Mapping[bytes, Edit]) -> bytes:
    """The boxes with other bodies where there are edits for their kind, however deep they stand."""
    return b"".join(box(kind, _edited(kind, data[start:end], edits)) for kind, start, end in boxes(data))


def _edited(kind: bytes, content: bytes, edits: Mapping[bytes, Edit]) -> bytes:
    if kind in edits:
        return edits[kind](content)
    return edited(content, edits) if kind in _HOLDERS else content


def number(data: bytes, at: int) -> int:
    """The 32 bits at a place. Raises `BoxError`."""
    if len(data) < at + 4:
        raise BoxError
    return int.from_bytes(data[at : at + 4], "big")


def with_number(data: bytes, at: int, value: int) -> bytes:
    """The bytes with other 32 bits at a place."""
    return data[:at] + packed((value,)) + data[at + 4 :]


def numbers(data: bytes, at: int, count: int) -> tuple[int, ...]:
    """So many times 32 bits, to the end of the bytes. Raises `BoxError`."""
    if len(data) != at + 4 * count:
        raise BoxError
    return struct.unpack_from(f">{count}I", data, at)


def packed(values: Iterable[int]) -> bytes:
    """32 bits each. Raises `BoxError` where they do not hold a value."""
    values = tuple(values)
    try:
        return struct.pack(f">{len(values)}I", *values)
    except struct.error as error:
        raise BoxError from error
