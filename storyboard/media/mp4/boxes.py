"""The boxes of an mp4 file: read from bytes, and written with changed bodies."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from mmap import mmap
from typing import TypeAlias

Data: TypeAlias = "bytes | mmap"
"""The bytes of a file, or of a part of one."""

Edit: TypeAlias = Callable[[bytes], bytes]
"""A function from the body of a box to the body that replaces it."""

HEAD = 8
"""Bytes of a box before its body: its size and its kind."""

_HEAD = struct.Struct(">I4s")
_HOLDERS = frozenset((b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"))


class BoxError(ValueError):
    """The bytes are not laid out as expected."""


class Boxes(dict[bytes, bytes]):
    """The bodies of sibling boxes by kind. Raises `BoxError` for a missing kind."""

    def __missing__(self, kind: bytes) -> bytes:
        raise BoxError


def boxes(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box in `data`: its kind, and where its body begins and ends. Raises `BoxError`."""
    at, length = 0, len(data)
    while at < length:
        if length - at < HEAD:
            raise BoxError
        size, kind = _HEAD.unpack_from(data, at)
        if not HEAD <= size <= length - at:
            raise BoxError
        yield kind, at + HEAD, at + size
        at += size


def bodies(data: Data, kind: bytes) -> list[bytes]:
    """Return the bodies of all boxes of a kind. Raises `BoxError`."""
    return [data[start:end] for found, start, end in boxes(data) if found == kind]


def opened(data: bytes) -> Boxes:
    """Return the bodies of boxes of which no kind occurs twice. Raises `BoxError`."""
    found = [(kind, data[start:end]) for kind, start, end in boxes(data)]
    by_kind = Boxes(found)
    if len(by_kind) != len(found):
        raise BoxError
    return by_kind


def body(data: Data, kind: bytes) -> bytes:
    """Return the body of the only box of a kind. Raises `BoxError`."""
    found = bodies(data, kind)
    if len(found) != 1:
        raise BoxError
    return found[0]


def box(kind: bytes, content: bytes) -> bytes:
    """Return a box with a body."""
    return head(kind, len(content)) + content


def head(kind: bytes, length: int) -> bytes:
    """Return the head of a box whose body has `length` bytes. Raises `BoxError` if that needs more than 32 bits."""
    return packed((HEAD + length,)) + kind


def edited(data: bytes, edits: Mapping[bytes, Edit]) -> bytes:
    """Return the boxes, with those bodies changed for whose kind there is an edit, at any depth."""
    return b"".join(box(kind, _edited(kind, data[start:end], edits)) for kind, start, end in boxes(data))


def _edited(kind: bytes, content: bytes, edits: Mapping[bytes, Edit]) -> bytes:
    if kind in edits:
        return edits[kind](content)
    return edited(content, edits) if kind in _HOLDERS else content


def number(data: bytes, at: int) -> int:
    """Read the 32-bit number at `at`. Raises `BoxError`."""
    if len(data) < at + 4:
        raise BoxError
    return int.from_bytes(data[at : at + 4], "big")


def with_number(data: bytes, at: int, value: int) -> bytes:
    """Return `data` with the 32-bit number at `at` replaced."""
    return data[:at] + packed((value,)) + data[at + 4 :]


def numbers(data: bytes, at: int, count: int) -> tuple[int, ...]:
    """Read `count` 32-bit numbers that fill `data` from `at` to its end. Raises `BoxError`."""
    if len(data) != at + 4 * count:
        raise BoxError
    return struct.unpack_from(f">{count}I", data, at)


def packed(values: Iterable[int]) -> bytes:
    """Write each value in 32 bits. Raises `BoxError` if one does not fit."""
    values = tuple(values)
    try:
        return struct.pack(f">{len(values)}I", *values)
    except struct.error as error:
        raise BoxError from error
