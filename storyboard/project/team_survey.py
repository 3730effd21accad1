"""What a project's team knows: its ledger, or its bucket. Nothing of this is imported for a project without either."""

from __future__ import annotations

import time
from collections.abc import Iterable

from storyboard.errors import StoryboardError, UsageError
from storyboard.project.project import Project
from storyboard.project.team_bucket import open_bucket
from storyboard.project.workspace import Run
from storyboard.report.team_costs import TeamSpending
from storyboard.report.team_status import TeamView


def team_views(run: Run, projects: Iterable[Project]) -> tuple[TeamView, ...]:
    """Ask the record of each project, each record once: its ledger, else its bucket. One that cannot be asked is a view
    with its trouble."""
    found: dict[str, TeamView] = {}
    for project in projects:
        settings = project.settings
        if settings.ledger is not None and settings.ledger not in found:
            found[settings.ledger] = _ledger_view(run, project, settings.ledger)
        elif settings.ledger is None and settings.clips is not None and settings.clips not in found:
            found[settings.clips] = _bucket_view(run, project, settings.clips)
    return tuple(found.values())


def _ledger_view(run: Run, project: Project, address: str) -> TeamView:
    from storyboard.project.ledger_survey import ledger_view

    try:
        return ledger_view(run.team_of(project).connected(), address)
    except StoryboardError as trouble:
        return TeamView("ledger", address, trouble=trouble)


def _bucket_view(run: Run, project: Project, address: str) -> TeamView:
    from storyboard.bucket.identity import store_id
    from storyboard.project.bucket_survey import bucket_view

    try:
        return bucket_view(open_bucket(project), store_id(run.store_of(project).folder), time.time())
    except StoryboardError as trouble:
        return TeamView("bucket", address, trouble=trouble)


def team_spending(run: Run) -> TeamSpending:
    """Return what the team of the project at hand has spent; raises UsageError for a project without a team."""
    project = run.project_of(run.base)
    if project.settings.ledger is not None:
        from storyboard.project.ledger_survey import ledger_spending

        return ledger_spending(run.team_of(project).connected(), project.settings.ledger)
    if project.settings.clips is not None:
        from storyboard.project.bucket_survey import bucket_spending

        return bucket_spending(open_bucket(project))
    raise UsageError(
        "this project has no team: it shares neither a ledger nor a bucket",
        help="storyboard costs shows what this machine has spent; docs/operations.md says how to share a bucket",
    )
