"""The film for other programs: one function a format, all from the same cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from storyboard.film.captions import to_srt, to_vtt
from storyboard.film.edl import to_edl
from storyboard.film.fcpxml import to_fcpxml
from storyboard.film.manifest import film_ends
from storyboard.film.otio import to_otio
from storyboard.film.table import to_csv
from storyboard.film.timeline import Cut, make_cut
from storyboard.jobs.job import Job
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.story.story import Story

FORMATS = ("otio", "edl", "fcpxml", "srt", "vtt", "csv")


def export(form: str, story: Story, jobs: Sequence[Job], folder: Path) -> str:
    """The film in one of `FORMATS`. `folder` is where a build leaves or will leave it.

    Where the film stands there, times are as it came out, else as promised.
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
            return to_srt(cut)
        case "vtt":
            return to_vtt(cut)
        case "csv":
            return to_csv(cut)
    raise ValueError(form)


def _cut(story: Story, jobs: Sequence[Job], folder: Path) -> Cut:
    result = RunResult(tuple(JobResult(job, job.content, JobState.SKIPPED, "") for job in jobs))
    return make_cut(story, result, film_ends(folder, [job.content for job in jobs]))
