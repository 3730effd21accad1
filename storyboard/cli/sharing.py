"""A team's bucket in `build`: clips come from it before the plan counts, and go to it after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storyboard.cli.output import note

if TYPE_CHECKING:
    from storyboard.project import Planned, PlannedStory


def fetch_shared(planned: Planned) -> bool:
    """Fetch clips that the locks name from the bucket, if there is one; whether any came, so that the plan is another.

    Raises PermissionNeeded if only the project's own file names the bucket.
    """
    if planned.compiled.has_errors or not _has_bucket(planned.stories):
        return False
    from storyboard.project.shared_clips import fetch_named_clips
    from storyboard.report.sharing import fetched_report

    came = False
    for done in fetch_named_clips(planned.stories):
        came = came or done.clips > 0
        note(fetched_report(done))
    return came


def check_project_names(stories: Sequence[PlannedStory]) -> None:
    """Raise UsageError where something would be bought for a team by a project without a name."""
    if _has_bucket(stories):
        from storyboard.project.team_bucket import project_name

        for story in stories:
            if story.compiled.project.settings.clips and story.provider.pays and any(story.plan.buying):
                project_name(story.compiled.project)


@contextmanager
def shared(planned: Planned, *, locked: bool) -> Iterator[None]:
    """Send what a build buys to the bucket while it runs. What cannot be sent follows with a later command."""
    if locked or not _has_bucket(planned.stories):
        yield
        return
    from storyboard.project.share_purchases import sharing
    from storyboard.report.sharing import left_report

    with sharing(planned.stories, lambda sent: note(left_report(sent))):
        yield


def _has_bucket(stories: Iterable[PlannedStory]) -> bool:
    return any(story.compiled.project.settings.clips for story in stories)
