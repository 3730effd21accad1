"""A build's jobs in the line of a team's ledger: wanted before they are bought, by this build or by a worker."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.cluster.job_queue import WantedJob
from storyboard.errors import StoryboardError
from storyboard.project.ledger_record import LedgerRecord
from storyboard.project.plan import PlannedStory
from storyboard.project.team_bucket import open_bucket
from storyboard.project.team_ledger import TeamLedger
from storyboard.run.run_state import RunRules
from storyboard.store.job_status import Verdict


def want_jobs(story: PlannedStory, rules: RunRules, run_id: str) -> LedgerRecord:
    """Put a story's missing jobs in line and return the record to buy them by.

    Raises StoryboardError where the ledger cannot be asked, or is closed.
    """
    team = story.team
    if isinstance(team, StoryboardError):
        raise team
    assert team is not None
    ledger = team.connected()
    ledger.check_open()
    wanted = list(_wanted(story, team, rules, run_id))
    ledger.want(wanted)
    record = LedgerRecord(
        team=team,
        whose=story.request.whose,
        wanted={job.key: job for job in wanted},
        bucket=_bucket_of(story),
    )
    team.runs.append(record)
    return record


def _wanted(story: PlannedStory, team: TeamLedger, rules: RunRules, run_id: str) -> Iterator[WantedJob]:
    whose, ref = team.whose_there(story.request.whose), team.story_there(story.request.story)
    person = team.postgres.session.holder.person
    keys = set[str]()
    for step in story.plan.steps:
        if step.job is None or not step.wanted or step.state is Verdict.CACHED or step.key in keys:
            continue
        keys.add(step.key)
        yield WantedJob(step.key, whose, person, ref, step.job.seconds, run=run_id)


def _bucket_of(story: PlannedStory) -> SharedBucket | None:
    project = story.compiled.project
    return None if project.settings.clips is None else open_bucket(project)
