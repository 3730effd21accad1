"""The film for other programs: one function a format, all from the same cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.film.captions import to_srt, to_vtt
from storyboard.film.edl import to_edl
from storyboard.film.fcpxml import to_fcpxml
from storyboard.film.free_shots import in_story_order
from storyboard.film.manifest import film_ends
from storyboard.film.otio import to_otio
from storyboard.film.shot_list import to_markdown
from storyboard.film.table import to_csv
from storyboard.film.timeline import Timeline, make_cut
from storyboard.jobs.job import Job
from storyboard.run.result import JobResult, JobState
from storyboard.story.story import Story

FORMATS = ("otio", "edl", "fcpxml", "srt", "vtt", "csv", "md")
WORDS = ("srt", "vtt")
"""The formats that hold the words beside the picture and nothing else."""


def export(form: str, story: Story, jobs: Sequence[Job], folder: Path, *, prompts: bool = False) -> str:
    """The film in one of `FORMATS`. `folder` is where a build leaves or will leave it.

    Where the film stands there, times are as it came out, else as promised. Subtitles hold what is spoken and what is
    on the screen, with `prompts` the prompts instead.
    """
    cut = _cut(story, jobs, folder)
    match form:
        case "otio":
            return to_otio(cut)
        case "edl":
            return to_edl(cut)
        case "fcpxml":
            return to_fcpxml(cut, folder)
        case "srt":
            return to_srt(cut, prompts=prompts)
        case "vtt":
            return to_vtt(cut, prompts=prompts)
        case "csv":
            return to_csv(cut)
        case "md":
            return to_markdown(cut)
    raise ValueError(form)


def _cut(story: Story, jobs: Sequence[Job], folder: Path) -> Timeline:
    pieces = in_story_order(story, [JobResult(job, job.content, JobState.SKIPPED, "") for job in jobs])
    return make_cut(story, pieces, film_ends(folder, [each.job.content for each in pieces]))
