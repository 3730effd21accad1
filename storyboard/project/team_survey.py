"""What a project's team knows: its bucket. Nothing of this is imported for a project without one."""

from __future__ import annotations

import time
from collections.abc import Iterable

from storyboard.errors import StoryboardError, UsageError
from storyboard.project.bucket_survey import bucket_spending, bucket_view
from storyboard.project.project import Project
from storyboard.project.team_bucket import open_bucket
from storyboard.project.workspace import Run
from storyboard.report.team_costs import TeamSpending
from storyboard.report.team_status import TeamView


def team_views(projects: Iterable[Project]) -> tuple[TeamView, ...]:
    """Ask the bucket of each project, each bucket once. One that cannot be asked is a view with its trouble."""
    found: dict[str, TeamView] = {}
    for project in projects:
        address = project.settings.clips
        if address is not None and address not in found:
            found[address] = _bucket_view(project, address)
    return tuple(found.values())


def _bucket_view(project: Project, address: str) -> TeamView:
    try:
        return bucket_view(open_bucket(project), time.time())
    except StoryboardError as trouble:
        return TeamView("bucket", address, trouble=trouble)


def team_spending(run: Run) -> TeamSpending:
    """Return what the team of the project at hand has spent; raises UsageError for a project without a team."""
    project = run.project_of(run.base)
    if project.settings.clips is None:
        raise UsageError(
            "this project has no team: it shares no bucket",
            help="storyboard costs shows what this machine has spent; docs/operations.md says how to share a bucket",
        )
    return bucket_spending(open_bucket(project))
