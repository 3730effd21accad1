"""Concatenate silent clips of one form by rewriting their sample tables; packets are copied, never parsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, chain, groupby, pairwise
from math import ceil, floor
from pathlib import Path
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.files.writing import part_of
from storyboard.media.caption import Caption, Chapter, moved
from storyboard.media.clip import ClipTrouble, blamed_on
from storyboard.media.encode import writing
from storyboard.media.mp4.boxes import HEAD, BoxError, bodies, body, box, edited, head, number, with_number
from storyboard.media.mp4.sample_tables import PICTURES, SOUND, SUBTITLES, Packets, Track, handler, read_tracks
from storyboard.media.mp4.track import TrackLayout
from storyboard.media.sound import BLOCK, RATE
from storyboard.media.subtitles import milliseconds, said

_CHAPTER_TICKS = 10_000_000
"""Ticks a second of the list of chapters."""
_MOST = 255
"""Chapters in the list, and bytes of a title."""
_Chunk: TypeAlias = "tuple[Packets, bytes]"
"""Packets in order, and their bytes."""


@dataclass(frozen=True, slots=True)
class _Template:
    """A film of the first clip: its ticks per second, and whether it has a keyframe table. The first packet of its
    silence is `hush`, every other one `silence`."""

    data: bytes
    rate: int
    keys: bool
    hush: bytes
    silence: bytes


@dataclass(frozen=True, slots=True)
class _Source:
    """A clip, and its video track."""

    path: Path
    pictures: Track

    def read(self) -> bytes:
        """Return the bytes of its pictures."""
        with blamed_on(self.path):
            content = self.pictures.content(self.path.read_bytes())
        if len(content) != sum(self.pictures.packets.sizes):
            raise ClipTrouble(f"{self.path.name} changed while it was joined")
        return content


def concat_alike(
    template: bytes,
    clips: Sequence[Path],
    captions: Sequence[Sequence[Caption]],
    target: Path,
    *,
    chapters: Sequence[Chapter] = (),
    trailer: bytes = b"",
) -> tuple[Fraction, ...] | None:
    """Join clips into `target`, which is replaced at once, and return the seconds at which clips begin and, last, the
    film's end. Return None, with nothing written, unless all clips are silent, plain and of one form.

    `template` is a film of the first clip, silent, with a caption: the film differs from it only in length. `captions`
    are each clip's, in seconds from the clip's beginning; `chapters` begin with clips. The boxes `trailer` stand at the
    end. Raises `StoryboardError` if a file is in the way.
    """
    try:
        return _concat(template, clips, captions, target, chapters=chapters, trailer=trailer)
    except BoxError:
        return None


def _concat(
    template: bytes,
    clips: Sequence[Path],
    captions: Sequence[Sequence[Caption]],
    target: Path,
    *,
    chapters: Sequence[Chapter],
    trailer: bytes,
) -> tuple[Fraction, ...]:
    like = _read(template)
    sources = [_source(path, like) for path in clips]
    if len({source.pictures.description for source in sources}) != 1:
        raise BoxError
    ticks = accumulate((source.pictures.packets.ticks for source in sources), initial=0)
    cuts = tuple(Fraction(tick, like.rate) for tick in ticks)
    words = [_words(moved(named, *cut), *cut) for named, cut in zip(captions, pairwise(cuts), strict=True)]
    sounds = _silence(cuts, like)
    layouts = {
        SUBTITLES: TrackLayout([packets for packets, _ in words]),
        SOUND: TrackLayout([packets for packets, _ in sounds]),
        PICTURES: TrackLayout([source.pictures.packets for source in sources]),
    }
    top = _top(like.data, layouts, cuts[-1], _chapter_list(chapters, cuts))
    with writing(target), part_of(target) as part, part.open("wb") as film:
        film.write(top)
        for (_, named), (_, silent), source in zip(words, sounds, sources, strict=True):
            film.write(named + silent)
            film.write(source.read())
        film.write(trailer)
    return cuts


def _read(data: bytes) -> _Template:
    found = dict(read_tracks(data))
    if PICTURES not in found or SOUND not in found or not found[PICTURES].is_plain:
        raise BoxError
    spans = found[SOUND].packet_spans()
    hush, *rest = [data[start:end] for start, end in spans] or [b""]
    if len(set(rest)) != 1:
        raise BoxError
    return _Template(data, found[PICTURES].rate, found[PICTURES].packets.keys is not None, hush, rest[0])


def _source(path: Path, like: _Template) -> _Source:
    with blamed_on(path):
        data = path.read_bytes()
    found = read_tracks(data)
    seen = [track for kind, track in found if kind == PICTURES]
    silent = all(_is_silent(track, data, like) for kind, track in found if kind == SOUND)
    if len(seen) != 1 or not seen[0].is_plain or not silent:
        raise BoxError
    if seen[0].rate != like.rate or (seen[0].packets.keys is not None) != like.keys:
        raise BoxError
    return _Source(path, seen[0])


def _is_silent(sound: Track, data: bytes, like: _Template) -> bool:
    """Whether these are exactly the packets of our own silence."""
    sizes = sound.packets.sizes
    rest = len(sizes) - 1
    same = sizes == (len(like.hush), *[len(like.silence)] * rest)
    return same and sound.content(data) == like.hush + like.silence * rest


def _words(captions: Sequence[Caption], start: Fraction, end: Fraction) -> _Chunk:
    """Return subtitles from one second of the film to another, with empty ones in the gaps."""
    shown: list[tuple[int, bytes]] = []
    at = milliseconds(start)
    for caption in captions:
        begins, ends = milliseconds(caption.start), milliseconds(caption.end)
        shown += [(begins - at, said("")), (ends - max(at, begins), said(caption.text))]
        at = max(at, ends)
    shown = [each for each in (*shown, (milliseconds(end) - at, said(""))) if each[0] > 0]
    return _chunk([lasts for lasts, _ in shown], [words for _, words in shown])


def _silence(cuts: Sequence[Fraction], like: _Template) -> list[_Chunk]:
    """Silence from cut to cut: one packet more than there are blocks, because an encoder is one block behind."""
    samples = round(cuts[-1] * RATE)
    blocks = ceil(Fraction(samples, BLOCK))
    lasts = (*[BLOCK] * blocks, samples - (blocks - 1) * BLOCK)
    packets = (like.hush, *[like.silence] * blocks)
    bounds = [0, *(round(cut * RATE) // BLOCK for cut in cuts[1:-1]), len(packets)]
    return [_chunk(lasts[begin:end], packets[begin:end]) for begin, end in pairwise(bounds)]


def _chunk(lasts: Sequence[int], packets: Sequence[bytes]) -> _Chunk:
    runs = tuple((len(list(group)), each) for each, group in groupby(lasts))
    return Packets(runs, tuple(map(len, packets))), b"".join(packets)


def _whole(kind: bytes, shown: Fraction) -> int:
    """Return whole ticks of the film. Sound is rounded down, so that it never makes the film longer than its
    pictures."""
    return floor(shown) if kind == SOUND else ceil(shown)


def _chapter_list(chapters: Sequence[Chapter], cuts: Sequence[Fraction]) -> bytes:
    """Return the box that most players read chapters from, of which it holds 255; nothing without chapters."""
    entries = [
        round(cuts[chapter.first] * _CHAPTER_TICKS).to_bytes(8, "big") + bytes([len(title)]) + title
        for chapter in chapters[:_MOST]
        for title in [chapter.title.encode()[:_MOST].decode(errors="ignore").encode()]
    ]
    return box(b"chpl", b"\1" + bytes(7) + bytes([len(entries)]) + b"".join(entries)) if entries else b""


def _with_user_data(moov: bytes, more: bytes) -> bytes:
    if more and not bodies(moov, b"udta"):
        return moov + box(b"udta", more)
    return edited(moov, {b"udta": lambda old: old + more})


def _top(template: bytes, layouts: Mapping[bytes, TrackLayout], lasts: Fraction, user_data: bytes) -> bytes:
    """Return all that comes before the packets, which stand clip by clip, in each lane after lane."""
    moov, begin = _with_user_data(body(template, b"moov"), user_data), box(b"ftyp", body(template, b"ftyp"))
    shown = lasts * number(body(moov, b"mvhd"), 12)
    lengths = [layout.lengths() for layout in layouts.values()]
    *offsets, whole = accumulate(chain.from_iterable(zip(*lengths, strict=True)), initial=0)
    moov = edited(
        moov,
        {
            b"mvhd": lambda old: with_number(old, 16, ceil(shown)),
            b"trak": lambda old: edited(old, layouts[handler(old)].edits(_whole(handler(old), shown))),
        },
    )
    base = len(begin) + len(box(b"moov", moov)) + HEAD
    places = {kind: [base + offset for offset in offsets[at :: len(layouts)]] for at, kind in enumerate(layouts)}
    moov = edited(moov, {b"trak": lambda old: edited(old, layouts[handler(old)].placed(places[handler(old)]))})
    return begin + box(b"moov", moov) + head(b"mdat", whole)
