"""Write what a build leaves: clips, the joined film, the contact sheet, the manifest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from filecmp import cmp
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.files.disk import is_file
from storyboard.files.writing import PART, remove
from storyboard.film import folder as disk
from storyboard.film import manifest
from storyboard.film.build_facts import NO_FACTS, BuildFacts
from storyboard.film.clip_findings import format_findings
from storyboard.film.clip_formats import read_formats
from storyboard.film.contact_sheet import SheetContent, is_sheet, render_sheet, sheet_recipe, shown_film
from storyboard.film.delivery import CLIPS, SHEET, InStore, begin_changes, clip_changes, clips_of, takes_of
from storyboard.film.draft import Draft, missing_jobs, render_cards, with_cards
from storyboard.film.frame_timeline import (
    FrameJob,
    FrameShot,
    FrameTimeline,
    film_rate,
    in_frames,
    measured_ends,
    odd_lengths,
    to_frame,
)
from storyboard.film.free_shots import FOLDER as FREE
from storyboard.film.free_shots import FilmPiece, in_story_order, remove_unused, rendered
from storyboard.film.manifest import FilmFile, FilmNames, Films, Left
from storyboard.film.source_types import film_tags
from storyboard.film.takes import TAKES, Takes
from storyboard.film.thumbnails import posters
from storyboard.film.timeline import CutJob, Timeline, make_cut
from storyboard.film.words import has_words, subtitles_of
from storyboard.media.caption import NO_FINISH, Caption, Chapter, ClipRange, Finish, MusicRange
from storyboard.media.clip_format import ClipFormat
from storyboard.media.film_tags import FilmTags
from storyboard.run.result import RunResult
from storyboard.story.story import Music, Story

RATIO = "aspect_ratio"
NO_TAKES: Takes = {}


def _in_no_store(_sha256: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Film:
    """What was written to `folder`. `film` is None unless this build has a complete film; otherwise the available clips
    are joined as the `draft`, and `trouble` says why that failed. `last_film` is the complete film of an earlier build,
    which stays. `clips` are in the order of the jobs, None for those that are missing; `takes` are those that it does
    not show; `bought` says how many of the clips were bought.
    """

    folder: Path
    film: Path | None
    sheet: Path
    manifest: Path
    clips: tuple[Path | None, ...]
    seconds: Fraction
    takes: tuple[Path, ...] = ()
    draft: Draft | None = None
    last_film: Path | None = None
    bought: int = 0
    trouble: str | None = None
    unlike: int = 0
    """How many differences between bought clips and their orders the clips' headers show."""
    overlap: int = 0
    """The number of frames by which dissolves shorten the film."""
    lost_marks: int = 0
    """How many clips of a film that was joined now carry Content Credentials (C2PA), which joining loses."""


def assemble(
    story: Story,
    result: RunResult,
    folder: Path,
    name: str | None = None,
    takes: Takes = NO_TAKES,
    *,
    drawn: bool = False,
    in_store: InStore = _in_no_store,
    bought: Collection[str] = (),
    facts: BuildFacts = NO_FACTS,
    finish: Finish = NO_FINISH,
) -> Film:
    """Write the results of a run to `folder`; `name` is the film's name, by default the folder's. `takes` are delivered
    and shown beside those in the film. `drawn` means that all clips are animatics. `in_store` tells whether the store
    has a clip. `bought` are the contents of the jobs whose clips were bought; `facts` is what else the sheet shows
    about them. `finish` is applied to the film as a whole.

    The last complete film stays until the next one is whole. A film that lacks clips, or that would put animatic cards
    in the place of a bought film, is left beside it as a draft. Files that are already correct are not made again. Only
    what an earlier build left is replaced or removed: what its manifest lists, and clips that the store has. No link is
    followed. Raises `StoryboardError` if another file is in the way, the disk refuses or a clip cannot be read; what is
    left then is consistent, and the next build continues from there.
    """
    name = name or folder.name
    film_file, draft_file = folder / f"{name}.mp4", folder / f"{name}.draft.mp4"
    names = FilmNames(film_file.name, draft_file.name)
    trouble, lost_marks = None, 0
    with disk.held(folder):
        disk.refuse_link(folder / CLIPS, folder / TAKES, folder / FREE)
        disk.remove_parts(folder, folder / CLIPS, folder / TAKES)
        left = manifest.read_manifest(folder)
        last = left.film if left.film is not None and left.film.is_at(film_file) else None
        pieces = rendered(in_story_order(story, result.jobs), folder, drawn=drawn, ratio=_ratio(story))
        known = replace(_known_of(story, pieces, left, bought, drawn=drawn), finish=finish)
        film = _kept_film(pieces, last, known)
        cut = make_cut(story, pieces, film.ends, known.lengths) if film else _measured(story, pieces, known)
        jobs = [job for job in cut.jobs if not job.is_free]
        used = sum(job.clip is not None and job.job.content in bought for job in jobs)
        is_bought = bool(jobs) and used == len(jobs)
        replaces = cut.complete and (is_bought or not _holds_bought_film(left, film_file))
        filled = with_cards(cut, folder)
        draft = None if film or replaces else _kept_draft(filled, left, draft_file, known)
        takes_left = takes_of(cut, takes, folder)
        changes = clip_changes(clips_of(cut, folder) | takes_left, left, folder, in_store)
        if changes or (film is None and draft is None):
            begin_changes(folder, names, left, is_bought=is_bought)
        for file, clip in changes.items():
            _remove(file) if clip is None else disk.place_clip(clip, file)
        disk.remove_if_empty(folder / TAKES)
        if film is None and replaces:
            film = _joined(cut, known, film_file, replace_own=film_file.name in left.files)
            film = replace(film, bought=is_bought)
            lost_marks = 0 if drawn else _marked(jobs)
            cut = cut if film.ends == cut.ends else make_cut(story, pieces, film.ends, known.lengths)
        elif film is None and draft is None and any(job.clip for job in jobs):
            try:
                draft = _drafted(cut, filled, known, draft_file, replace_own=draft_file.name in left.files)
            except StoryboardError as error:
                trouble = error.message
        if draft is None and draft_file.name in left.files and disk.is_own_file(draft_file):
            _remove(draft_file)
        films = Films(film, draft, last, missing_jobs(cut) if draft else ())
        made_draft = Draft(draft_file, len(jobs), films.cards) if draft else None
        keeps_last = film is None and last is not None
        shown = shown_film(SheetContent(cut, film_file.name, takes, made_draft, keeps_last, bought, facts))
        sheet = sheet_recipe(shown)
        if left.sheet != sheet or not is_file(folder / SHEET):
            pictures = posters(cut, folder / SHEET, takes)
            disk.replace_text(folder / SHEET, render_sheet(shown, pictures), is_sheet)
        text = manifest.render_manifest(cut, names, films, sheet, takes, formats=known.formats)
        disk.replace_text(folder / manifest.NAME, text, manifest.is_manifest)
        remove_unused(pieces, folder)
    return Film(
        folder=folder,
        film=film_file if film else None,
        sheet=folder / SHEET,
        manifest=folder / manifest.NAME,
        clips=tuple(folder / CLIPS / job.file if job.clip else None for job in jobs),
        seconds=cut.seconds,
        takes=tuple(takes_left),
        draft=made_draft,
        last_film=film_file if film is None and disk.is_own_file(film_file) else None,
        bought=used,
        trouble=trouble,
        unlike=_unlike(result, bought, known.formats),
        overlap=_overlap(cut, known.formats),
        lost_marks=lost_marks,
    )


def _overlap(cut: Timeline, formats: Mapping[str, ClipFormat]) -> int:
    return in_frames(cut, formats).overlap if any(shot.shot.overlap for shot in cut.shots) else 0


def _marked(jobs: Sequence[CutJob]) -> int:
    """Return how many clips carry Content Credentials; cards carry none."""
    from storyboard.media.mp4 import carries_credentials  # brings the decoder: only where a film is made

    return sum(job.clip is not None and carries_credentials(job.clip) for job in jobs)


def _unlike(result: RunResult, bought: Collection[str], formats: Mapping[str, ClipFormat]) -> int:
    delivered = [each for each in result.jobs if each.clip is not None and each.job.content in bought]
    return len(list(format_findings(delivered, formats)))


def _holds_bought_film(left: Left, film_file: Path) -> bool:
    return left.film is not None and left.film.bought and disk.is_own_file(film_file)


def _kept_film(pieces: Sequence[FilmPiece], last: FilmFile | None, known: _Known) -> FilmFile | None:
    """Return the film of an earlier build, if it is still correct."""
    complete = all(piece.clip is not None for piece in pieces)
    if (
        last is None
        or not complete
        or last.recipe != manifest.film_recipe(pieces, known.tags, known.finish, known.music)
    ):
        return None
    return last if len(last.ends) == len(pieces) else None


def _kept_draft(filled: Timeline, left: Left, draft_file: Path, known: _Known) -> FilmFile | None:
    """Return the draft of an earlier build, if it is still correct."""
    recipe = manifest.film_recipe([job.result for job in filled.jobs], known.tags, known.finish, known.music)
    return left.draft if left.draft and left.draft.recipe == recipe and left.draft.is_at(draft_file) else None


def _whole_clips(pieces: Sequence[FilmPiece]) -> Iterator[tuple[str, Path]]:
    return ((each.sha256, each.clip) for each in pieces if each.clip is not None and each.sha256 is not None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about a film before it is joined: the formats of its clips, the lengths of clips that differ from
    the order, its tags, whether all clips are drawn, the finish, and the music."""

    formats: Mapping[str, ClipFormat]
    lengths: Mapping[str, Fraction]
    tags: FilmTags
    drawn: bool
    finish: Finish = NO_FINISH
    music: Music | None = None


def _known_of(story: Story, pieces: Sequence[FilmPiece], left: Left, bought: Collection[str], *, drawn: bool) -> _Known:
    formats = read_formats(_whole_clips(pieces), left.formats)
    return _Known(
        formats,
        {} if drawn else odd_lengths(pieces, formats),
        film_tags(story, pieces, bought),
        drawn,
        music=story.music,
    )


def _measured(story: Story, pieces: Sequence[FilmPiece], known: _Known, rate: Fraction | None = None) -> Timeline:
    """Return the film as it will come out: each existing clip has its real length, rounded to a frame."""
    promised = make_cut(story, pieces, None, known.lengths)
    rate = rate or film_rate(promised.jobs, known.formats)
    ends = [to_frame(end, rate) / rate for end in measured_ends(promised.jobs, known.formats)]
    return make_cut(story, pieces, ends, known.lengths)


def _drafted(cut: Timeline, filled: Timeline, known: _Known, draft_file: Path, *, replace_own: bool) -> FilmFile:
    cards: tuple[Path, ...] = ()
    rate = film_rate(cut.jobs, known.formats)
    try:
        cards = render_cards(cut, filled)
        pieces = [job.result for job in filled.jobs]
        known = replace(known, formats=read_formats(_whole_clips(pieces), known.formats))
        return _joined(
            _measured(filled.story, pieces, known, rate), known, draft_file, rate=rate, replace_own=replace_own
        )
    finally:
        for card in cards:
            _remove(card)


def _ratio(story: Story) -> str:
    """Return the shape of a film without any bought clip."""
    return next((str(shot.parameters[RATIO]) for shot in story.shots if RATIO in shot.parameters), "16:9")


def _joined(
    cut: Timeline, known: _Known, film_file: Path, *, replace_own: bool, rate: Fraction | None = None
) -> FilmFile:
    """Join the film. An existing file is replaced only if a build wrote it; otherwise it must be the same already."""
    from storyboard.media.join import join  # brings the encoder: only where a film is made

    words = has_words(cut)
    line = in_frames(cut, known.formats, rate)
    ranges = _ranges(line)
    captions = [[Caption(*each) for each in group] for job in cut.jobs for group in subtitles_of(job, words=words)]
    target = (
        film_file.with_name(f".{film_file.name}{PART}") if os.path.lexists(film_file) and not replace_own else film_file
    )
    try:
        parts = [each for group in ranges for each in group]
        chapters = _chapters(cut, ranges, known.tags.chapters)
        joined = join(parts, captions, target, fps=line.rate, tags=known.tags, chapters=chapters, drawn=known.drawn)
        bounds = [*joined.starts, joined.seconds]
        ends = [bounds[at] for at in accumulate(len(group) for group in ranges)]
        music = _music(known.music)
        if known.finish != NO_FINISH or music is not None:
            _finish(target, make_cut(cut.story, [job.result for job in cut.jobs], ends, known.lengths), known, music)
        if target != film_file and not (disk.is_own_file(film_file) and cmp(target, film_file, shallow=False)):
            raise disk.in_the_way(film_file)
    finally:
        if target != film_file:
            _remove(target)
    recipe = manifest.film_recipe([job.result for job in cut.jobs], known.tags, known.finish, known.music)
    return FilmFile(recipe, film_file.stat().st_size, tuple(ends))


def _music(music: Music | None) -> MusicRange | None:
    return MusicRange(music.path, Fraction(music.start), float(music.gain)) if music else None


def _finish(film: Path, cut: Timeline, known: _Known, music: MusicRange | None) -> None:
    from storyboard.media.finishing import finish_film, gain_to  # brings the encoder: only where it was asked for

    finish = known.finish
    if music is not None:
        finish_film(film, film, music=music, trailer=known.tags.xmp_box)
    gain = gain_to(film, finish.loudness) if finish.loudness is not None else 0.0
    labels = [Caption(shot.shot.address, shot.start, shot.end) for shot in cut.shots] if finish.burn_in else []
    if gain or labels:
        finish_film(film, film, gain=gain, labels=labels, trailer=known.tags.xmp_box)


def _chapters(cut: Timeline, ranges: Sequence[Sequence[ClipRange]], titles: Sequence[str]) -> list[Chapter]:
    """Return a chapter for each scene, from the first range of its first job."""
    firsts = accumulate((len(group) for group in ranges), initial=0)
    scenes: dict[str, int] = {}
    for job, first in zip(cut.jobs, firsts, strict=False):
        scenes.setdefault(job.job.scene, first)
    return [Chapter(*each) for each in zip(titles, scenes.values(), strict=False)] if titles else []


def _ranges(line: FrameTimeline) -> list[list[ClipRange]]:
    """Return what the film uses of each job's clip: all of it, or with a `.cut` one range per shot.

    A clip of a different length is cut to fit, or its last picture is held.
    """
    return [_job_ranges(job, line.rate) for job in line.jobs]


def _job_ranges(placed: FrameJob, rate: Fraction) -> list[ClipRange]:
    clip = placed.job.clip
    assert clip is not None
    if not placed.job.is_by_shot:
        length = (placed.end - placed.start) / rate
        is_odd = placed.job.lasts is not None
        return [ClipRange(clip, end=length if is_odd else None, lasts=None if is_odd else length)]
    return [_shot_range(clip, shot, rate) for shot in placed.shots]


def _shot_range(clip: Path, shot: FrameShot, rate: Fraction) -> ClipRange:
    """Return what the film uses of a clip for a shot, including overlaps with its neighbours."""
    head, tail = shot.dissolves_in, shot.dissolves_out
    return ClipRange(
        clip,
        (shot.enters - (head.before if head else 0)) / rate,
        (shot.leaves + (tail.after if tail else 0)) / rate,
        dissolves_in=(head.frames if head else 0) / rate,
        dissolves_out=(tail.frames if tail else 0) / rate,
        fades_in=shot.fade_in / rate,
        fades_out=shot.fade_out / rate,
    )


def _remove(file: Path) -> None:
    with disk.writing(file):
        remove(file)
