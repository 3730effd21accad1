"""`storyboard export`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from storyboard.cli import completers, options
from storyboard.cli.output import complain, hint, note_line, out_line, out_text, tell_findings
from storyboard.errors import ExitCode, StoryboardError, UsageError
from storyboard.fast_dataclasses import replace
from storyboard.film.export import BUNDLES, FORMATS, SUFFIXES, WORDS, export, exported_film
from storyboard.film.export_files import write_beside_clips, write_to
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.folder import writing
from storyboard.film.review_notes import ReviewNote, by_shot, read_review
from storyboard.project.places import hide_from_git
from storyboard.report.style import shown

ALL = "all"
PROVENANCE = "provenance"
_NO_WORDS = "this story has no speech or captions"
_FASTEST = 240


class FrameRate(click.ParamType[Fraction]):
    """A frame rate, in frames a second."""

    name = "frame rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        """Parse `24`, `29.97` (which stands for 30000/1001) or `30000/1001`."""
        from storyboard.media.clip_format import standard_rate

        try:
            rate = value if isinstance(value, Fraction) else Fraction(value)
        except (ValueError, ZeroDivisionError):
            rate = Fraction(0)
        if not 1 <= rate <= _FASTEST:
            return self.fail(f"it takes frames a second, such as 24, 29.97 or 30000/1001, up to {_FASTEST}", param, ctx)
        return standard_rate(rate)


@options.command(
    "export",
    ("storyboard export otio lantern.story", "write the cut for Resolve, Premiere or Kdenlive"),
    ("storyboard export all lantern.story", "write every format into build/lantern/"),
    ("storyboard export otio --media dnxhr lantern.story", "for Resolve on Linux, which decodes no H.264"),
    ("storyboard export srt lantern.story --out -", "print subtitles: speech and captions"),
)
@click.argument("form", metavar="|".join((*FORMATS, ALL)), type=click.Choice((*FORMATS, ALL)))
@options.paths
@options.values
@options.variant
@click.option("--fps", metavar="RATE", type=FrameRate(), help="Count in this frame rate. [default: the film's]")
@click.option(
    "--media",
    "codec",
    type=click.Choice(("dnxhr", "prores")),
    help="Link copies that any program decodes, made in build/NAME/; resumable. [default: link the clips]",
)
@click.option("--prompts", is_flag=True, help="Write shot addresses and prompts as the subtitles.")
@click.option(
    "--notes",
    metavar="FILE",
    shell_complete=completers.files,
    help="Carry the notes of a reviewer, as saved on the contact sheet.",
)
@click.option(
    "--out",
    "into",
    metavar="FILE",
    shell_complete=completers.files,
    help="Write to this file, `-` for standard output; with `all`, into this folder. [default: beside the clips]",
)
def command(
    *,
    form: str,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    fps: Fraction | None,
    codec: str | None,
    prompts: bool,
    notes: str | None,
    into: str | None,
) -> ExitCode:
    """Export one story's film for other programs. Times come from the film in build/, if there is one."""
    from storyboard.project.export import only_story, story_commit

    compiled = options.open_run(paths, values, variant).compile()
    tell_findings(compiled)
    if compiled.has_errors:
        return ExitCode.STORY_ERRORS
    story, folder = only_story(compiled, "export")
    has_words = prompts or any(shot.beside.say or shot.beside.captions for shot in story.story.shots)
    if form in (*WORDS, ALL) and not has_words:
        none = "this story has no speech or captions, so no subtitles are written" if form == ALL else _NO_WORDS
        hint(f"{none}; --prompts writes the prompts")
    forms = [each for each in FORMATS if has_words or each not in WORDS] if form == ALL else [form]
    meant = story.story
    review: Mapping[str, tuple[ReviewNote, ...]] = {}
    if notes is not None:
        review, meant = by_shot(read_review(options.file(notes)).notes, meant)
    commit, bought = story_commit(story.story) if form in (PROVENANCE, ALL) else None, story.lock.blocks
    film = exported_film(meant, story.jobs, folder, bought=bought, fps=fps, name=story.name, commit=commit)
    film = replace(film, review=review)
    if codec is not None:
        film = _with_copies(form, film, codec, folder)
    if into == "-":
        _print(form, film, prompts=prompts)
        return ExitCode.DONE
    if into is None:
        hide_from_git(folder.parent)
    elif form == ALL:
        with writing(options.file(into)):
            options.file(into).mkdir(parents=True, exist_ok=True)

    def write(each: str) -> None:
        if into is None:
            written = write_beside_clips(each, film, folder, story.name, prompts=prompts)
            out_line(shown(written, Path.cwd()))
        else:
            place = options.file(into)
            target = place / f"{story.name}{SUFFIXES[each]}" if form == ALL else place
            write_to(each, replace(film, beside=target.parent), target, prompts=prompts)

    return _write_each(forms, write)


def _write_each(forms: Sequence[str], write: Callable[[str], None]) -> ExitCode:
    """Write several formats; one that fails is reported, and the others are still written."""
    result = ExitCode.DONE
    for each in forms:
        try:
            write(each)
        except StoryboardError as error:
            if len(forms) == 1:
                raise
            complain(f"{each}: {error.message}", error.help)
            result = error.exit_code
    return result


def _with_copies(form: str, film: ExportedFilm, codec: str, folder: Path) -> ExportedFilm:
    """Make the missing copies, and link them."""
    from storyboard.byte_size import byte_size
    from storyboard.film.intra_media import MediaCopy, make_copies, plan_copies, with_copies
    from storyboard.media.intra_codec import INTRA_CODECS

    if form in WORDS:
        raise UsageError(f"`{form}` links no media", help="omit --media")
    plan = plan_copies(film, INTRA_CODECS[codec], folder)
    if not plan.copies:
        hint("there are no clips to copy yet; build the story first")
        return film
    number = 0

    def begin(copy: MediaCopy) -> None:
        nonlocal number
        number += 1
        note_line(f"  {number} of {len(plan.to_make)}  {copy.target.name}")

    if plan.to_make:
        title, size = plan.codec.title, byte_size(plan.size)
        note_line(f"{title}: {len(plan.to_make)} of {len(plan.copies)} copies to make, up to about {size}, free")
    hide_from_git(folder.parent)
    make_copies(plan, begin)
    return with_copies(film, plan)


def _print(form: str, film: ExportedFilm, *, prompts: bool) -> None:
    if form == ALL or form in BUNDLES:
        raise UsageError(f"`{form}` cannot be printed", help="omit --out, or name a file")
    out_text(export(form, film, prompts=prompts))
