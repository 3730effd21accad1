"""A CMX3600 edit decision list: what every cutting program reads, and the least of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from storyboard.errors import StoryboardError
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.frame_timeline import FrameShot
from storyboard.film.timecode import timebase, timecode
from storyboard.plain_text import one_line

MOST_EVENTS = 999
_LONGEST_TITLE = 70
_MOST_HOURS = 24


def to_edl(film: ExportedFilm) -> str:
    """One event a shot, with pictures and sound; reel `AX`, because files have no tape, and the file by its name.

    Raises `StoryboardError` for more than 999 events and more than 24 hours.
    """
    shots, rate = film.line.shots, film.line.rate
    if len(shots) > MOST_EVENTS:
        raise StoryboardError(
            f"an EDL holds at most {MOST_EVENTS} events, and this film has {len(shots)} shots",
            help="export otio, fcpxml or fcp7xml, which have no such limit",
        )
    if timebase(rate) > 99 or film.line.frames >= _MOST_HOURS * 3600 * timebase(rate):
        raise StoryboardError("an EDL counts at most 99 frames a second and 24 hours", help="export otio or fcpxml")
    lines = [f"TITLE: {film.title[:_LONGEST_TITLE]}", "FCM: NON-DROP FRAME"]
    scenes = {scene.start: scene.scene.title or scene.scene.name for scene in film.line.scenes}
    for number, shot in enumerate(shots, 1):
        seen, media = film.seen(shot), film.media(shot)
        bounds = (shot.enters, shot.enters + seen, shot.start, shot.start + seen)
        times = " ".join(timecode(each, rate) for each in bounds)
        reel = "AX" if media else "BL"
        lines += ["", f"{number:03}  {reel:<8} {_channels(shot):<5} C        {times}"]
        lines += [f"* FROM CLIP NAME: {media.name}"] if media else []
        lines += [f"* COMMENT: {one_line(shot.cut.shot.address)}"]
        lines += [] if media else [f"* COMMENT: {shot.job.file} is missing"]
        lines += _markers(film, shot, [scenes[shot.start]] if shot.start in scenes else ())
    return "\n".join([*lines, ""])


def _channels(shot: FrameShot) -> str:
    if not shot.has_sound or shot.media is None:
        return "V"
    return "B" if shot.media.channels == 1 else "AA/V"


def _markers(film: ExportedFilm, shot: FrameShot, scenes: Iterable[str]) -> Iterator[str]:
    at = timecode(shot.start, film.line.rate)
    yield from (f"* LOC: {at} CYAN    {one_line(scene)}" for scene in scenes)
    yield from (f"* LOC: {at} YELLOW  {one_line(note)}" for note in shot.cut.shot.beside.notes)
