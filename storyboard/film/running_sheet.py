"""The contact sheet while a build runs: updated as clips arrive, so that they can be watched at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from storyboard.film import folder as disk
from storyboard.film import manifest
from storyboard.film.build_facts import BuildFacts
from storyboard.film.contact_sheet import SheetContent, is_sheet, render_sheet, shown_film
from storyboard.film.delivery import CLIPS, SHEET, InStore, begin_changes, clip_changes, clips_of
from storyboard.film.free_shots import in_story_order
from storyboard.film.manifest import FilmNames
from storyboard.film.takes import TAKES
from storyboard.film.thumbnails import posters
from storyboard.film.timeline import make_cut
from storyboard.run.result import JobResult
from storyboard.story.story import Story


def write_running_sheet(
    story: Story,
    jobs: Sequence[JobResult],
    folder: Path,
    name: str,
    *,
    in_store: InStore,
    bought: Collection[str],
    facts: BuildFacts,
) -> None:
    """Deliver the available clips to `folder` and write the page with them; `facts.since` says when.

    Everything else that an earlier build left stays as it is, and the manifest says that a build is under way. Raises
    `StoryboardError` as `assemble` does.
    """
    names = FilmNames(f"{name}.mp4", f"{name}.draft.mp4")
    with disk.held(folder):
        disk.refuse_link(folder / CLIPS, folder / TAKES)
        left = manifest.read_manifest(folder)
        last_is_there = left.film is not None and left.film.is_at(folder / names.film)
        cut = make_cut(story, in_story_order(story, jobs))
        wanted = clips_of(cut, folder)
        new = {file: clip for file, clip in clip_changes(wanted, left, folder, in_store).items() if clip is not None}
        stay = {file: sha256 for file, sha256 in left.clips.items() if folder / CLIPS / file not in new}
        begin_changes(folder, names, left, is_bought=False, clips=stay)
        for file, clip in new.items():
            disk.place_clip(clip, file)
        there = {file.name: wanted[file][1] for file in new}
        begin_changes(folder, names, left, is_bought=False, clips={**stay, **there})
        content = SheetContent(cut, names.film, {}, None, last_is_there, bought, facts)
        page = render_sheet(shown_film(content), posters(cut, folder / SHEET, {}))
        disk.replace_text(folder / SHEET, page, is_sheet)
