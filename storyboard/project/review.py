"""A reviewer's notes as findings in the story that they are about, by the takes that its film shows."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard.diagnostics import Diagnostic
from storyboard.errors import StoryboardError, UsageError
from storyboard.film.review_notes import Review, review_findings
from storyboard.project.compile import Compiled
from storyboard.story.story import Story


def reviewed_story(compiled: Compiled, review: Review) -> Story:
    """Return the story that notes are about. Raises UsageError if that is ambiguous, StoryboardError if the story has
    errors that hide its shots."""
    stories = [file for file in compiled.files if not file.is_library]
    if len(stories) > 1:
        stories = [file for file in stories if file.path == file.project.root / review.story]
    if len(stories) != 1:
        about = f"`{review.story}`" if review.story else "no story by name"
        raise UsageError(f"the notes are about {about}, and there are several stories here", help="name the story too")
    if stories[0].story is None:
        raise StoryboardError(
            f"{stories[0].path.name} has errors that hide its shots", help="storyboard lint lists them"
        )
    return stories[0].story


def findings_of(review: Review, compiled: Compiled) -> tuple[Diagnostic, ...]:
    """Return each note as a finding at the line of its shot. Raises what `reviewed_story` raises."""
    story = reviewed_story(compiled, review)
    return tuple(review_findings(review, story, _takes_shown(compiled, story)))


def _takes_shown(compiled: Compiled, story: Story) -> Mapping[str, int]:
    """Return the take of each shot in the film, by address."""
    jobs = (job for each in compiled.stories if each.story is story for job in each.jobs)
    return {address: job.take for job in jobs for address in job.addresses}
