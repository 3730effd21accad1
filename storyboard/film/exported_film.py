"""The source of every export: the film in frames, its media, and what is known about each job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.relative import relative
from storyboard.film.frame_timeline import FrameShot, FrameTimeline
from storyboard.film.review_notes import ReviewNote
from storyboard.film.timeline import Timeline
from storyboard.jobs.lock import Block
from storyboard.media.clip_format import ClipFormat
from storyboard.media.render_options import USUAL_LOOK
from storyboard.plain_text import one_line

_USUAL_SIZE = (USUAL_LOOK.longer_side, USUAL_LOOK.longer_side * 9 // 16)


@dataclass(frozen=True, slots=True)
class StoryCommit:
    """The checked-out commit, and whether the story's files are unchanged since."""

    id: str
    is_unchanged: bool


@dataclass(frozen=True, slots=True)
class FrameMarker:
    """A note at a place of the film: `length` frames from `start` on."""

    text: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class ExportedMusic:
    """The music under a film: its file from frame `enters` on, for `length` frames from the film's beginning, `gain`
    decibels louder. `seconds` is how long the file is."""

    file: Path
    enters: int
    length: int
    gain: float
    seconds: Fraction

    @property
    def leaves(self) -> int:
        """The frame of the file after its last one."""
        return self.enters + self.length

    @property
    def factor(self) -> float:
        """The gain as a factor of the amplitude."""
        return 10 ** (self.gain / 20)


@dataclass(frozen=True, slots=True)
class ExportedFilm:
    """A film for other programs. `cut` has its times in seconds, `line` in frames. `beside` is the target folder, which
    relative paths start from. `bought` has the lock's block of a job, by content. `copies` are files to link instead of
    clips, by clip.
    """

    cut: Timeline
    line: FrameTimeline
    beside: Path
    bought: Mapping[str, Block] = field(default_factory=dict)
    copies: Mapping[Path, Path] = field(default_factory=dict)
    film_file: Path | None = None
    """The joined film, if it is of the current story."""
    commit: StoryCommit | None = None
    music: ExportedMusic | None = None
    review: Mapping[str, tuple[ReviewNote, ...]] = field(default_factory=dict)
    """What a reviewer wrote at shots, by their addresses."""

    @property
    def title(self) -> str:
        """The story's title in one line."""
        return one_line(self.cut.story.title)

    @property
    def look(self) -> ClipFormat:
        """The format of the first clip, whose size the film has."""
        found = next((shot.media for shot in self.line.shots if shot.media is not None), None)
        width, height = _USUAL_SIZE
        return found or ClipFormat(self.line.rate, 0, self.line.frames / self.line.rate, width, height)

    def media(self, shot: FrameShot) -> Path | None:
        """Return the file of a shot; None if it is missing, or ends before the shot begins."""
        clip = shot.job.clip if shot.is_there else None
        return clip and self.copies.get(clip, clip)

    def relative_path(self, media: Path) -> str:
        """Return the path of a file relative to the target folder."""
        if media.is_relative_to(self.beside):
            return media.relative_to(self.beside).as_posix()
        return relative(media, self.beside)

    def relative_url(self, media: Path) -> str:
        """Return the same as a URL reference."""
        return quote(self.relative_path(media))

    def absolute_url(self, media: Path) -> str:
        """Return a file's absolute `file:` URL."""
        place = media.absolute().as_posix()
        return f"file://{quote(place)}" if place.startswith("/") else f"file:///{quote(place, safe='/:')}"

    def notes(self, shot: FrameShot) -> list[str]:
        """Return what the author and a reviewer noted at a shot."""
        meant = shot.cut.shot
        return [*meant.beside.notes, *(note.written for note in self.review.get(meant.address, ()))]

    def markers(self, shot: FrameShot) -> Iterator[FrameMarker]:
        """Yield the notes at a shot: the author's for all of it, each of a reviewer at its second."""
        for text in shot.cut.shot.beside.notes:
            yield FrameMarker(text, shot.start, self.seen(shot))
        for note in self.review.get(shot.cut.shot.address, ()):
            at = min(round(Fraction(note.second) * self.line.rate), max(0, self.seen(shot) - 1))
            yield FrameMarker(note.written, shot.start + at, 1)

    def seen(self, shot: FrameShot) -> int:
        """Return how many frames of a shot its clip provides. The rest, which the film fills with the clip's last
        picture, is empty in a list."""
        return shot.used if shot.is_there else shot.length

    def facts(self, shot: FrameShot) -> dict[str, object]:
        """Return what a program may show about a shot: its source, what was sent, its cost, the words beside it."""
        meant, job = shot.cut.shot, shot.job
        block = self.bought.get(job.job.content)
        free = meant.local
        known: dict[str, object] = {
            "address": meant.address,
            "scene": meant.scene,
            "prompt": meant.prompt,
            "job": job.job.id,
            "content": job.job.content,
            "key": job.result.key,
            "model": job.job.model,
            "take": job.job.take,
            "free": (f"{free.kind} {free.file}" if free.file else free.kind) if free else "",
            "provider": block.provider if block else "",
            "task": block.task or "" if block else "",
            "cost_usd": f"{block.cost:f}" if block and block.cost is not None else "",
            "say": [each.written for each in meant.beside.say],
            "captions": list(meant.beside.captions),
            "transition": meant.transition.written if meant.transition else "",
            "notes": self.notes(shot),
        }
        return {name: value for name, value in known.items() if value not in ("", [])}

    def fact_texts(self, shot: FrameShot) -> dict[str, str]:
        """Return the same as texts."""
        return {
            name: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
            for name, value in self.facts(shot).items()
        }
