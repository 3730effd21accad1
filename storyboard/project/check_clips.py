"""Compare the delivered clips of stories with what was ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from storyboard.diagnostics import Diagnostic, sort_by_place
from storyboard.diagnostics.rules.delivery import CLIP_UNREADABLE
from storyboard.fast_dataclasses import dataclass
from storyboard.film.clip_findings import format_findings, inspection_findings
from storyboard.film.clip_formats import read_formats
from storyboard.film.export import clips_left
from storyboard.film.kept_inspections import inspect_all
from storyboard.project.build import folder_of
from storyboard.project.compile import CompiledStory
from storyboard.run.result import JobResult


@dataclass(frozen=True, slots=True)
class CheckedClips:
    """The number of checked clips, and the findings, by place."""

    clips: int
    findings: tuple[Diagnostic, ...]


def check_clips(stories: Sequence[CompiledStory], begin: Callable[[int], None]) -> CheckedClips:
    """Check the bought clips in the build folders of the stories; `begin` is called with the number of clips to
    inspect."""
    number = 0
    found: list[Diagnostic] = []
    for story in stories:
        results = [
            each for each in clips_left(story.jobs, folder_of(story.path, story.variant)) if _is_bought(story, each)
        ]
        number += len(results)
        found += _findings(story, results, begin)
    return CheckedClips(number, sort_by_place(found))


def _is_bought(story: CompiledStory, result: JobResult) -> bool:
    block = story.lock.blocks.get(result.job.content)
    return block is not None and result.clip is not None and block.clip == result.sha256


def _findings(story: CompiledStory, results: Sequence[JobResult], begin: Callable[[int], None]) -> Iterator[Diagnostic]:
    clips = {each.sha256: each.clip for each in results if each.sha256 is not None and each.clip is not None}
    if not clips:
        return
    yield from format_findings(results, read_formats(clips.items(), {}))
    seen, troubles = inspect_all(clips, folder_of(story.path, story.variant), begin)
    for result in results:
        sha256 = result.sha256 or ""
        if sha256 in seen:
            yield from inspection_findings(result, seen[sha256])
        elif sha256 in troubles:
            yield CLIP_UNREADABLE.at(result.job.shots[0].origin.span, troubles[sha256])
