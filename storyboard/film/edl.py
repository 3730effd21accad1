"""A CMX3600 edit decision list: every editing program reads it, but it holds the least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from storyboard.film.timecode import timebase, timecode
from storyboard.plain_text import one_line
from storyboard.story.story import Scene

MOST_EVENTS = 999
_LONGEST_TITLE = 70
_MOST_HOURS = 24
_BLACK = "BL"


def to_edl(film: ExportedFilm) -> str:
    """Return one event per shot, with pictures and sound; reel `AX`, because files have no tape, and the file by its
    name.

    A dissolve is part of the event of the shot that it leads to, and begins it. A fade is a dissolve to black or from
    it. Raises `StoryboardError` for more than 999 events and more than 24 hours.
    """
    rate = film.line.rate
    if timebase(rate) > 99 or film.line.frames >= _MOST_HOURS * 3600 * timebase(rate):
        raise StoryboardError("an EDL counts at most 99 frames a second and 24 hours", help="export otio or fcpxml")
    events = list(_events(film))
    if len(events) > MOST_EVENTS:
        shots = len(film.line.shots)
        has = f"has {shots} shots" if shots == len(events) else f"needs {len(events)}"
        raise StoryboardError(
            f"an EDL holds at most {MOST_EVENTS} events, and this film {has}",
            help="export otio, fcpxml or fcp7xml, which have no such limit",
        )
    lines = [f"TITLE: {film.title[:_LONGEST_TITLE]}", "FCM: NON-DROP FRAME"]
    for number, event in enumerate(events, 1):
        lines += ["", *(f"{number:03}  {cut.written(rate)}" for cut in event.cuts), *event.comments]
    return "\n".join([*lines, ""])


@dataclass(frozen=True, slots=True)
class _Edit:
    """A line of an event: from where, on which channels, after how many frames of dissolve, and its frames in the
    source and in the film."""

    reel: str
    channels: str
    source: int
    start: int
    length: int
    dissolve: int = 0

    def written(self, rate: Fraction) -> str:
        """As the list has it, without the number of the event."""
        bounds = (self.source, self.source + self.length, self.start, self.start + self.length)
        times = " ".join(timecode(each, rate) for each in bounds)
        how = f"D    {self.dissolve:03}" if self.dissolve else "C       "
        return f"{self.reel:<8} {self.channels:<5} {how} {times}"

    @property
    def end(self) -> _Edit:
        """Return an empty edit at its end, for a dissolve from it."""
        return replace(self, source=self.source + self.length, start=self.start + self.length, length=0, dissolve=0)


@dataclass(frozen=True, slots=True)
class _Event:
    """An event of the list: one line, or two where it begins with a dissolve."""

    cuts: tuple[_Edit, ...]
    comments: tuple[str, ...]


def _events(film: ExportedFilm) -> Iterator[_Event]:
    scenes = {scene.start: scene.scene for scene in film.line.scenes}
    last: tuple[_Edit, Path | None] | None = None
    for shot in film.line.shots:
        media = film.media(shot)
        early, late = shot.dissolves_in, shot.dissolves_out
        begins = early.before if early else 0
        length = film.seen(shot) + begins - shot.fade_out - (late.before if late else 0)
        dissolve = early.frames if early else shot.fade_in
        comments = [f"* COMMENT: {one_line(shot.cut.shot.address)}"]
        comments += [] if media else [f"* COMMENT: {shot.job.file} is missing"]
        comments += _markers(film, shot, [scenes[shot.start]] if shot.start in scenes else ())
        reel, channels = "AX" if media else _BLACK, _channels(shot)
        edit = _Edit(reel, channels, shot.enters - begins, shot.start - begins, length, dissolve if last else 0)
        if last is not None and last[0].end.start < edit.start:
            last = replace(edit, reel=_BLACK, source=0, length=0), None
        if last is None or not dissolve:
            yield _Event((edit,), (*_named(media), *comments))
        else:
            yield from _dissolved(last, (edit, media), begins, comments)
        last = edit, media
        if shot.fade_out:
            black = _Edit(_BLACK, channels, 0, edit.start + length, shot.fade_out, shot.fade_out)
            yield from _dissolved(last, (black, None), 0, ["* COMMENT: fade out"])
            last = black, None


def _dissolved(
    last: tuple[_Edit, Path | None], now: tuple[_Edit, Path | None], begins: int, comments: Sequence[str]
) -> Iterator[_Event]:
    """Yield a dissolve from one edit to another. Where only one of them has sound, the sound is cut, as an event of its
    own.

    `begins` says how many frames of it are before the cut.
    """
    (before, left), (edit, media) = last, now
    alike = before.channels == edit.channels
    pictures = edit if alike else replace(edit, channels="V")
    names = (*_named(left), *((f"* TO CLIP NAME: {media.name}",) if media else ()))
    yield _Event((replace(before.end, channels=pictures.channels), pictures), (*names, *comments))
    sound = edit.channels.removesuffix("/V").replace("B", "A")
    if not alike and sound != "V":
        length = edit.length - begins
        heard = _Edit(edit.reel, sound, edit.source + begins, edit.start + begins, length)
        yield _Event((heard,), _named(media))


def _named(media: Path | None) -> tuple[str, ...]:
    return (f"* FROM CLIP NAME: {media.name}",) if media else ()


def _channels(shot: FrameShot) -> str:
    if not shot.has_sound or shot.media is None:
        return "V"
    return "B" if shot.media.channels == 1 else "AA/V"


def _markers(film: ExportedFilm, shot: FrameShot, scenes: Iterable[Scene]) -> Iterator[str]:
    at = timecode(shot.start, film.line.rate)
    for scene in scenes:
        yield f"* LOC: {at} CYAN    {one_line(scene.title or scene.name)}"
        yield from (f"* LOC: {at} YELLOW  {one_line(note)}" for note in scene.notes)
    for marker in film.markers(shot):
        yield f"* LOC: {timecode(marker.start, film.line.rate)} YELLOW  {one_line(marker.text)}"
