"""Export the film for other programs: one function per format, all from the same frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import floor
from pathlib import Path

from storyboard.fast_dataclasses import replace
from storyboard.files.disk import is_file
from storyboard.film.captions import to_srt, to_vtt
from storyboard.film.clip_findings import cut_drifts
from storyboard.film.clip_formats import read_formats
from storyboard.film.edl import to_edl
from storyboard.film.exported_film import ExportedFilm, ExportedMusic, StoryCommit
from storyboard.film.fcp7xml import to_fcp7xml
from storyboard.film.fcpxml import to_fcpxml
from storyboard.film.folder import is_own_file
from storyboard.film.frame_timeline import FrameTimeline, in_frames, measured_ends, odd_lengths, to_frame
from storyboard.film.free_shots import FilmPiece, in_story_order
from storyboard.film.kept_inspections import read_inspections
from storyboard.film.manifest import Left, read_manifest
from storyboard.film.mlt import to_mlt
from storyboard.film.otio import to_otio
from storyboard.film.provenance import to_provenance
from storyboard.film.shot_list import to_markdown
from storyboard.film.table import to_csv
from storyboard.film.timeline import CutJob, Timeline, make_cut, with_real_cuts
from storyboard.jobs.job import Job
from storyboard.jobs.lock import Block
from storyboard.media.inspection import ClipInspection
from storyboard.run.result import JobResult, JobState
from storyboard.story.story import Music, Story

WORDS = ("srt", "vtt")
"""The formats with only speech and captions."""
BUNDLES = ("otioz",)
"""The formats that are not texts."""
SUFFIXES = {
    "otio": ".otio",
    "otioz": ".otioz",
    "mlt": ".mlt",
    "fcpxml": ".fcpxml",
    "fcp7xml": ".xml",
    "edl": ".edl",
    "srt": ".srt",
    "vtt": ".vtt",
    "csv": ".csv",
    "md": ".md",
    "provenance": ".provenance.json",
}
"""The file suffix of each format."""
FORMATS = tuple(SUFFIXES)
_CLIPS = "clips"


def exported_film(
    story: Story,
    jobs: Sequence[Job],
    folder: Path,
    *,
    beside: Path | None = None,
    bought: Mapping[str, Block] | None = None,
    fps: Fraction | None = None,
    name: str | None = None,
    commit: StoryCommit | None = None,
) -> ExportedFilm:
    """Read the film that a build left, or will leave, in `folder`; where it is built, its times are those of the film.

    `name` is the film's, else the folder's. `beside` is the folder that the list goes to; `fps` counts in another rate
    than the film's. Without a film, existing clips have their own lengths, and others the ordered ones. `commit` is the
    one that the story is at, for the formats that name it.
    """
    left = read_manifest(folder)
    results = [JobResult(job, job.content, JobState.SKIPPED, "") for job in jobs]
    pieces = [_with_clip(piece, left, folder) for piece in in_story_order(story, results)]
    clips = [(piece.sha256, piece.clip) for piece in pieces if piece.sha256 is not None and piece.clip is not None]
    formats = read_formats(clips, left.formats)
    known = _known_ends(left, pieces)
    lengths = odd_lengths(pieces, formats)
    cut = _with_files(make_cut(story, pieces, known, lengths))
    if known is None:
        cut = _with_files(make_cut(story, pieces, measured_ends(cut.jobs, formats), lengths))
    cut = _with_drifts(cut, folder)
    film_file = folder / f"{name or folder.name}.mp4"
    is_there = known is not None and left.film_is_current and left.film is not None and left.film.is_at(film_file)
    line = in_frames(cut, formats, fps)
    return ExportedFilm(
        cut,
        line,
        beside or folder,
        bought or {},
        film_file=film_file if is_there else None,
        music=_music(story.music, line) if story.music else None,
        commit=commit,
    )


def _music(music: Music, line: FrameTimeline) -> ExportedMusic | None:
    """Return the music, as long as both the film and the file last."""
    from storyboard.media.music import read_music_length  # brings the decoder: only where there is music

    lasts = read_music_length(music.path)
    enters = to_frame(Fraction(music.start), line.rate)
    length = min(line.frames, floor(lasts * line.rate) - enters) if lasts else line.frames
    if length <= 0:
        return None
    return ExportedMusic(music.path, enters, length, float(music.gain), lasts or (enters + length) / line.rate)


def _with_drifts(cut: Timeline, folder: Path) -> Timeline:
    """Return the film with the cuts inside its clips where `check-clips` saw them, as far as that is certain."""
    if not any(len(job.shots) > 1 and not job.is_by_shot for job in cut.jobs):
        return cut
    seen = read_inspections(folder)
    return replace(cut, jobs=tuple(_with_drift(job, seen.get(job.result.sha256 or "")) for job in cut.jobs))


def _with_drift(job: CutJob, seen: ClipInspection | None) -> CutJob:
    if seen is None or not isinstance(job.result, JobResult) or len(job.shots) < 2:
        return job
    late = [None if frames is None else frames / seen.fps for frames in cut_drifts(job.result, seen)]
    return with_real_cuts(job, late)


def clips_left(jobs: Sequence[Job], folder: Path) -> tuple[JobResult, ...]:
    """Return the jobs in order, with the clips that a build left for them in `folder`."""
    left = read_manifest(folder)
    results = (JobResult(job, job.content, JobState.SKIPPED, "") for job in jobs)
    return tuple(found for each in results if isinstance(found := _with_clip(each, left, folder), JobResult))


def export(form: str, film: ExportedFilm, *, prompts: bool = False) -> str:
    """Export the film in a text format of `FORMATS`. Subtitles have speech and captions, or with `prompts` the prompts
    instead. Raises `StoryboardError` if the format cannot hold the film."""
    if form in WORDS:
        return (to_srt if form == "srt" else to_vtt)(film.cut, prompts=prompts)
    return _TO_TEXT[form](film)


_TO_TEXT: Mapping[str, Callable[[ExportedFilm], str]] = {
    "otio": to_otio,
    "mlt": to_mlt,
    "fcpxml": to_fcpxml,
    "fcp7xml": to_fcp7xml,
    "edl": to_edl,
    "csv": to_csv,
    "md": to_markdown,
    "provenance": to_provenance,
}


def _with_clip(piece: FilmPiece, left: Left, folder: Path) -> FilmPiece:
    """Return the piece with the clip that a build left for it. A link does not count: a bundle would contain its
    target."""
    there = left.jobs.get(piece.job.content)
    clip = folder / _CLIPS / there.file if there is not None else None
    if there is None or clip is None or not is_file(clip) or not is_own_file(clip) or clip.parent.is_symlink():
        return piece
    if isinstance(piece, JobResult):
        return replace(piece, clip=clip, sha256=there.sha256, key=there.key)
    return replace(piece, clip=clip, sha256=there.sha256)


def _known_ends(left: Left, pieces: Sequence[FilmPiece]) -> tuple[Fraction, ...] | None:
    """Return the second at which each clip of the film, or of the draft, ends; None if there is neither for these
    jobs."""
    film = left.film if left.film_is_current else left.draft
    is_of_these = left.contents == tuple(piece.job.content for piece in pieces)
    return film.ends if film is not None and is_of_these and len(film.ends) == len(pieces) else None


def _with_files(cut: Timeline) -> Timeline:
    """Return the film with the current names of its clips: a job that moved since the last build has its old number."""
    return replace(cut, jobs=tuple(replace(job, file=job.clip.name) if job.clip else job for job in cut.jobs))
