"""Silent clips that are alike, joined by their tables: no packet is looked at, so a thousand clips take a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, chain, groupby, pairwise
from math import ceil, floor
from pathlib import Path
from typing import TypeAlias

from storyboard.media.caption import Caption, moved
from storyboard.media.clip import ClipTrouble, blamed_on
from storyboard.media.encode import writing
from storyboard.media.mp4.boxes import HEAD, BoxError, body, box, edited, head, number, with_number
from storyboard.media.mp4.sample_tables import PICTURES, SOUND, SUBTITLES, Packets, Track, handler, tracks
from storyboard.media.mp4.track import Lane
from storyboard.media.part import part_of
from storyboard.media.sound import BLOCK, RATE
from storyboard.media.subtitles import milliseconds, said

_Chunk: TypeAlias = "tuple[Packets, bytes]"
"""Packets in a row, and their bytes."""


@dataclass(frozen=True, slots=True)
class _Model:
    """What the film is like: its ticks a second, whether only some pictures can be jumped to; the first packet of its
    silence is `hush`, each of the others `silence`."""

    data: bytes
    rate: int
    keys: bool
    hush: bytes
    silence: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clip with where its pictures stand."""

    path: Path
    pictures: Track

    def read(self) -> bytes:
        """Its pictures."""
        with blamed_on(self.path):
            content = self.pictures.content(self.path.read_bytes())
        if len(content) != sum(self.pictures.packets.sizes):
            raise ClipTrouble(f"{self.path.name} changed while it was joined")
        return content


def splice(
    model: bytes, clips: Sequence[Path], captions: Sequence[Sequence[Caption]], target: Path
) -> tuple[Fraction, ...]:
    """Join clips into `target`, which is replaced at once. `model` is a film of the first clip, silent, with a caption:
    this one is like it in all but length. `captions` are each clip's, in seconds from its beginning.

    Gives the seconds at which clips begin, and at last the film's end. Raises `BoxError` where the clips are not plain,
    silent and alike, `StoryboardError` where a file is in the way.
    """
    like = _read(model)
    pieces = [_piece(path, like) for path in clips]
    if len({piece.pictures.description for piece in pieces}) != 1:
        raise BoxError
    ticks = accumulate((piece.pictures.packets.ticks for piece in pieces), initial=0)
    cuts = tuple(Fraction(tick, like.rate) for tick in ticks)
    words = [_words(moved(named, *cut), *cut) for named, cut in zip(captions, pairwise(cuts), strict=True)]
    sounds = _silence(cuts, like)
    lanes = {
        SUBTITLES: Lane([packets for packets, _ in words]),
        SOUND: Lane([packets for packets, _ in sounds]),
        PICTURES: Lane([piece.pictures.packets for piece in pieces]),
    }
    top = _top(like.data, lanes, cuts[-1])
    with writing(target), part_of(target) as part, part.open("wb") as film:
        film.write(top)
        for (_, named), (_, silent), piece in zip(words, sounds, pieces, strict=True):
            film.write(named + silent)
            film.write(piece.read())
    return cuts


def _read(data: bytes) -> _Model:
    found = dict(tracks(data))
    hush, *rest = found[SOUND].each(data)
    if len(set(rest)) != 1:
        raise BoxError
    return _Model(data, found[PICTURES].rate, found[PICTURES].packets.keys is not None, hush, rest[0])


def _piece(path: Path, like: _Model) -> _Piece:
    with blamed_on(path):
        data = path.read_bytes()
    found = tracks(data)
    seen = [track for kind, track in found if kind == PICTURES]
    silent = all(_is_silent(track, data, like) for kind, track in found if kind == SOUND)
    fits = [track.rate == like.rate and (track.packets.keys is not None) == like.keys for track in seen]
    if fits != [True] or not silent:
        raise BoxError
    return _Piece(path, seen[0])


def _is_silent(sound: Track, data: bytes, like: _Model) -> bool:
    """Whether these are the packets that our own silence has, and no others."""
    sizes = sound.packets.sizes
    rest = len(sizes) - 1
    same = sizes == (len(like.hush), *[len(like.silence)] * rest)
    return same and sound.content(data) == like.hush + like.silence * rest


def _words(captions: Sequence[Caption], start: Fraction, end: Fraction) -> _Chunk:
    """Subtitles from one second of the film to another, with nothing where none is shown."""
    shown: list[tuple[int, bytes]] = []
    at = milliseconds(start)
    for caption in captions:
        begins, ends = milliseconds(caption.start), milliseconds(caption.end)
        shown += [(begins - at, said("")), (ends - max(at, begins), said(caption.text))]
        at = max(at, ends)
    shown = [each for each in (*shown, (milliseconds(end) - at, said(""))) if each[0] > 0]
    return _chunk([lasts for lasts, _ in shown], [words for _, words in shown])


def _silence(cuts: Sequence[Fraction], like: _Model) -> list[_Chunk]:
    """Silence from cut to cut: one packet more than there are blocks, for an encoder is a block behind."""
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
    """Sound that is not quite as long as the pictures does not make the film longer."""
    return floor(shown) if kind == SOUND else ceil(shown)


def _top(model: bytes, lanes: Mapping[bytes, Lane], lasts: Fraction) -> bytes:
    """All that comes before the packets, which stand clip by clip, in each lane after lane."""
    moov, begin = body(model, b"moov"), box(b"ftyp", body(model, b"ftyp"))
    shown = lasts * number(body(moov, b"mvhd"), 12)
    lengths = [lane.lengths() for lane in lanes.values()]
    *offsets, whole = accumulate(chain.from_iterable(zip(*lengths, strict=True)), initial=0)
    moov = edited(
        moov,
        {
            b"mvhd": lambda old: with_number(old, 16, ceil(shown)),
            b"trak": lambda old: edited(old, lanes[handler(old)].edits(_whole(handler(old), shown))),
        },
    )
    base = len(begin) + len(box(b"moov", moov)) + HEAD
    places = {kind: [base + offset for offset in offsets[at :: len(lanes)]] for at, kind in enumerate(lanes)}
    moov = edited(moov, {b"trak": lambda old: edited(old, lanes[handler(old)].placed(places[handler(old)]))})
    return begin + box(b"moov", moov) + head(b"mdat", whole)
