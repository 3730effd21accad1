"""The tracks of a clip as its sample tables describe them: where each packet is, and how long it lasts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain, islice, pairwise, repeat
from operator import add, sub

from storyboard.fast_dataclasses import dataclass
from storyboard.media.mp4.boxes import BoxError, Data, bodies, body, number, numbers, opened, with_number

PICTURES = b"vide"
SOUND = b"soun"
SUBTITLES = b"sbtl"

_FULL_RATE = 0x10000
_SIGN = 0x80000000
_BITRATE = b"\0\0\0\x14btrt"


@dataclass(frozen=True, slots=True)
class Packets:
    """Packets in order. `runs` are pairs of a count and the ticks that each of so many packets lasts; `keys` are the
    numbers, from 1, of the keyframes (None: every packet is one)."""

    runs: tuple[tuple[int, int], ...]
    sizes: tuple[int, ...]
    keys: tuple[int, ...] | None = None

    @property
    def ticks(self) -> int:
        """Their duration in ticks."""
        return sum(count * each for count, each in self.runs)


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a file: its sample description (`stsd`), its ticks per second, its packets, and where each chunk of
    packets begins and ends in the file.

    `in_order` says whether packets are shown in the order in which they are stored, `all_shown` whether an edit list
    leaves none of them out.
    """

    description: bytes
    rate: int
    packets: Packets
    spans: tuple[tuple[int, int], ...]
    chunk_lengths: tuple[int, ...]
    in_order: bool
    all_shown: bool

    @property
    def is_plain(self) -> bool:
        """Whether its packets can be put into another file as they are."""
        return self.in_order and self.all_shown

    def content(self, data: bytes) -> bytes:
        """Return the bytes of all packets, given the bytes of the file."""
        return b"".join([data[start:end] for start, end in self.spans])

    def packet_spans(self) -> Iterator[tuple[int, int]]:
        """Yield where each packet begins and ends in the file."""
        sizes = iter(self.packets.sizes)
        for (at, _), count in zip(self.spans, self.chunk_lengths, strict=True):
            for size in islice(sizes, count):
                yield at, at + size
                at += size


def read_tracks(data: Data) -> list[tuple[bytes, Track]]:
    """Return the video and audio tracks of a file, each with its handler type, given the bytes of the file.

    Raises `BoxError` if the tables are damaged, contradict each other or point outside the file, and for layouts
    that need more than one sample description or 64-bit offsets.
    """
    moov = body(data, b"moov")
    movie = number(body(moov, b"mvhd"), 12)
    traks = [(handler(trak), trak) for trak in bodies(moov, b"trak")]
    return [(kind, _track(kind, trak, movie, len(data))) for kind, trak in traks if kind in (PICTURES, SOUND)]


def handler(trak: bytes) -> bytes:
    """Return the handler type of a track: video, audio or subtitles."""
    return body(body(trak, b"mdia"), b"hdlr")[8:12]


def without_bitrate(description: bytes) -> bytes:
    """Return a sample description without its bit rate, in which clips differ that are otherwise alike."""
    if description[-20:-12] != _BITRATE:
        return description
    return with_number(description[:-20], 8, number(description, 8) - 20)


def _track(kind: bytes, trak: bytes, movie: int, length: int) -> Track:
    parts = opened(trak)
    media = opened(parts[b"mdia"])
    there = opened(body(media[b"minf"], b"stbl"))
    times, sizes = _table(there[b"stts"], 2), _sizes(there[b"stsz"], length)
    keys = _table(there[b"stss"]) if b"stss" in there else None
    packets = Packets(tuple(zip(times[::2], times[1::2], strict=True)), sizes, keys)
    _check(packets)
    rate = number(media[b"mdhd"], 12)
    if not rate or number(media[b"mdhd"], 0) != 0 or number(there[b"stsd"], 4) != 1:
        raise BoxError
    in_order = b"ctts" not in there
    begins = 0 if in_order else _first_shown(_table(there[b"ctts"], 2), packets)
    all_shown = kind != PICTURES or b"edts" not in parts or _shows_all(parts[b"edts"], begins, rate, packets, movie)
    starts = _table(there[b"stco"])
    lengths = _chunk_lengths(_table(there[b"stsc"], 3), len(starts), len(sizes))
    spans = _spans(starts, lengths, sizes, length)
    return Track(without_bitrate(there[b"stsd"]), rate, packets, spans, lengths, in_order, all_shown)


def _check(packets: Packets) -> None:
    timed = sum(count for count, _ in packets.runs) == len(packets.sizes) and all(each > 0 for _, each in packets.runs)
    begins = packets.keys is None or packets.keys[:1] == (1,)
    if not (packets.sizes and timed and begins):
        raise BoxError


def _first_shown(offsets: tuple[int, ...], packets: Packets) -> int:
    """Return the tick at which the first picture is shown. `offsets` are runs of the ticks from decoding to showing a
    picture.

    Offsets are signed: files of version 1 have negative ones, and those of version 0 none of that size.
    """
    if sum(offsets[::2]) != len(packets.sizes):
        raise BoxError
    lasts = chain.from_iterable(repeat(each, count) for count, each in packets.runs)
    signed = [by if by < _SIGN else by - 2 * _SIGN for by in offsets[1::2]]
    delays = chain.from_iterable(repeat(by, count) for count, by in zip(offsets[::2], signed, strict=True))
    return min(at + by for at, by in zip(accumulate(lasts, initial=0), delays, strict=False))


def _shows_all(edits: bytes, begins: int, rate: int, packets: Packets, movie: int) -> bool:
    """Whether an edit list shows all pictures from the first, which is due at the tick `begins`, at normal speed."""
    count, lasts, first, speed = numbers(body(edits, b"elst"), 4, 4)
    whole = abs(lasts * rate - packets.ticks * movie) <= rate
    return (count, first, speed) == (1, begins, _FULL_RATE) and whole


def _chunk_lengths(steps: tuple[int, ...], chunks: int, count: int) -> tuple[int, ...]:
    """Return how many packets each chunk has. `steps` name the first chunk of each run of chunks of the same length."""
    firsts = [*steps[::3], chunks + 1]
    if firsts[0] != 1 or firsts != sorted(firsts):
        raise BoxError
    runs = zip(steps[1::3], pairwise(firsts), strict=True)
    lengths = tuple(chain.from_iterable(repeat(each, end - first) for each, (first, end) in runs))
    if sum(lengths) != count:
        raise BoxError
    return lengths


def _spans(
    starts: tuple[int, ...], lengths: tuple[int, ...], sizes: tuple[int, ...], limit: int
) -> tuple[tuple[int, int], ...]:
    """Return where each chunk begins and ends in the file, which is `limit` bytes long."""
    passed = list(accumulate(sizes, initial=0))
    bounds = list(accumulate(lengths, initial=0))
    weights = map(sub, map(passed.__getitem__, bounds[1:]), map(passed.__getitem__, bounds))
    ends = tuple(map(add, starts, weights))
    if max(ends, default=0) > limit:
        raise BoxError
    return tuple(zip(starts, ends, strict=True))


def _sizes(stsz: bytes, length: int) -> tuple[int, ...]:
    """Return the size of each packet: a list, or one size for all."""
    each, count = number(stsz, 4), number(stsz, 8)
    if each == 0:
        return numbers(stsz, 12, count)
    if each * count > length:
        raise BoxError
    return (each,) * count


def _table(content: bytes, width: int = 1) -> tuple[int, ...]:
    """Return the numbers of a table whose rows are `width` numbers each."""
    return numbers(content, 8, number(content, 4) * width)
