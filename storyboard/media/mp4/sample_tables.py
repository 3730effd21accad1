"""A clip's tracks as its tables tell of them: where their packets stand, and how long each is seen or heard."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain, pairwise, repeat
from operator import add, sub

from storyboard.media.mp4.boxes import BoxError, Boxes, bodies, body, number, numbers, opened, with_number

PICTURES = b"vide"
SOUND = b"soun"
SUBTITLES = b"sbtl"

_FULL_RATE = 0x10000
_WEIGHT = b"\0\0\0\x14btrt"


@dataclass(frozen=True, slots=True)
class Packets:
    """Packets in a row. `runs` are counts of them with how many ticks each of them lasts, `keys` those, from 1 on, to
    which one can jump (None: all)."""

    runs: tuple[tuple[int, int], ...]
    sizes: tuple[int, ...]
    keys: tuple[int, ...] | None = None

    @property
    def ticks(self) -> int:
        """How long they last."""
        return sum(count * each for count, each in self.runs)


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a file: what its packets are like, its ticks a second, its packets, and the places of its chunks of
    them in the file."""

    description: bytes
    rate: int
    packets: Packets
    spans: tuple[tuple[int, int], ...]

    def content(self, data: bytes) -> bytes:
        """Its packets' bytes, out of the file with these bytes."""
        return b"".join([data[start:end] for start, end in self.spans])

    def each(self, data: bytes) -> list[bytes]:
        """Each packet's bytes."""
        content = self.content(data)
        return [content[start:end] for start, end in pairwise(accumulate(self.packets.sizes, initial=0))]


def tracks(data: bytes) -> list[tuple[bytes, Track]]:
    """The tracks of pictures and of sound of the file with these bytes, each with what it is for.

    Raises `BoxError` where one is not plain: packets in the order in which they are seen, each for some time, one to
    which one can jump first, pictures all shown from the first to the last.
    """
    moov = body(data, b"moov")
    movie = number(body(moov, b"mvhd"), 12)
    traks = [(handler(trak), trak) for trak in bodies(moov, b"trak")]
    return [(kind, _track(kind, trak, movie, len(data))) for kind, trak in traks if kind in (PICTURES, SOUND)]


def handler(trak: bytes) -> bytes:
    """What a track is for."""
    return body(body(trak, b"mdia"), b"hdlr")[8:12]


def unweighed(description: bytes) -> bytes:
    """What packets are like, without how many of their bits a second takes: clips that are alike differ in that."""
    if description[-20:-12] != _WEIGHT:
        return description
    return with_number(description[:-20], 8, number(description, 8) - 20)


def _track(kind: bytes, trak: bytes, movie: int, length: int) -> Track:
    parts = opened(trak)
    media = opened(parts[b"mdia"])
    there = opened(body(media[b"minf"], b"stbl"))
    times, sizes = _table(there[b"stts"], 2), _sizes(there[b"stsz"], length)
    keys = _table(there[b"stss"]) if b"stss" in there else None
    packets = Packets(tuple(zip(times[::2], times[1::2], strict=True)), sizes, keys)
    track = Track(unweighed(there[b"stsd"]), number(media[b"mdhd"], 12), packets, _spans(there, sizes, length))
    _check(track)
    if number(media[b"mdhd"], 0) != 0 or number(there[b"stsd"], 4) != 1 or b"ctts" in there:
        raise BoxError
    if kind == PICTURES and b"edts" in parts:
        _check_all_shown(parts[b"edts"], track, movie)
    return track


def _check(track: Track) -> None:
    packets = track.packets
    timed = sum(count for count, _ in packets.runs) == len(packets.sizes) and all(each > 0 for _, each in packets.runs)
    begins = packets.keys is None or packets.keys[:1] == (1,)
    if not (packets.sizes and track.rate and timed and begins):
        raise BoxError


def _check_all_shown(edits: bytes, track: Track, movie: int) -> None:
    """An edit list must leave the pictures as they are."""
    count, lasts, begins, rate = numbers(body(edits, b"elst"), 4, 4)
    whole = abs(lasts * track.rate - track.packets.ticks * movie) <= track.rate
    if (count, begins, rate) != (1, 0, _FULL_RATE) or not whole:
        raise BoxError


def _spans(there: Boxes, sizes: tuple[int, ...], length: int) -> tuple[tuple[int, int], ...]:
    """Where chunks stand. `stsc` says from which chunk on how many packets one has."""
    starts, steps = _table(there[b"stco"]), _table(there[b"stsc"], 3)
    firsts = [*steps[::3], len(starts) + 1]
    if firsts[0] != 1 or firsts != sorted(firsts):
        raise BoxError
    each = chain.from_iterable(
        repeat(count, end - first) for count, (first, end) in zip(steps[1::3], pairwise(firsts), strict=True)
    )
    bounds = list(accumulate(each, initial=0))
    if bounds[-1] != len(sizes):
        raise BoxError
    passed = list(accumulate(sizes, initial=0))
    lengths = map(sub, map(passed.__getitem__, bounds[1:]), map(passed.__getitem__, bounds))
    ends = tuple(map(add, starts, lengths))
    if max(ends, default=0) > length:
        raise BoxError
    return tuple(zip(starts, ends, strict=True))


def _sizes(stsz: bytes, length: int) -> tuple[int, ...]:
    """Sizes one by one, or one for all."""
    each, count = number(stsz, 4), number(stsz, 8)
    if each == 0:
        return numbers(stsz, 12, count)
    if each * count > length:
        raise BoxError
    return (each,) * count


def _table(content: bytes, width: int = 1) -> tuple[int, ...]:
    """The rows of a table, each of so many numbers, one after the other."""
    return numbers(content, 8, number(content, 4) * width)
