"""A build's jobs in the queue of a team's ledger: they are queued before they are bought, by this build or by a
worker."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.cluster.job_queue import WantedJob
from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_history import last_attempts
from storyboard.plan.steps import Step
from storyboard.project.job_order import JobOrder, payload_of, shared_caps, write_order
from storyboard.project.ledger_record import LedgerRecord
from storyboard.project.plan import PlannedStory
from storyboard.project.team_bucket import open_bucket
from storyboard.project.team_ledger import TeamLedger
from storyboard.run.admission import OVERRUN
from storyboard.run.run_state import RunRules
from storyboard.store import Cap
from storyboard.store.job_status import Verdict

WEIGHTS = {"low": 0.25, "normal": 1.0, "high": 4.0}
"""What `--priority` means: a job of twice the weight waits half as long."""


def want_jobs(story: PlannedStory, rules: RunRules, run_id: str, agreed: Decimal | None, priority: str) -> LedgerRecord:
    """Queue a story's missing jobs, and return the record to buy them by.

    What this machine knows of them is reported first, so that no worker buys what was bought before there was a ledger.
    A closed ledger buys nothing, but is still told how the jobs go on. Raises StoryboardError if the ledger cannot be
    asked.
    """
    team = story.team
    if isinstance(team, StoryboardError):
        raise team
    assert team is not None
    ledger = team.connected()
    team.learn(story.request.whose)
    steps = _missing(story)
    own = [row for rows in story.store.ledger.history(steps).values() for row in rows]
    ledger.tell([team.there(row) for row in own if row.whose.base_url], whole=False)
    terms = replace(rules, caps=_caps(team, rules, run_id, agreed))
    wanted = list(_wanted(story, team, terms, run_id, priority))
    if ledger.closed is None:
        ledger.want(wanted)
    record = LedgerRecord(
        team=team,
        whose=story.request.whose,
        wanted={job.key: job for job in wanted},
        bucket=_bucket_of(story),
        unique_ids=story.compiled.project.settings.unique_ids,
    )
    team.runs.append(record)
    return record


def _missing(story: PlannedStory) -> dict[str, Step]:
    wanted = (step for step in story.plan.steps if step.job is not None and step.wanted)
    return {step.key: step for step in wanted if step.state is not Verdict.CACHED}


def _caps(team: TeamLedger, rules: RunRules, run_id: str, agreed: Decimal | None) -> tuple[Cap, ...]:
    """Return the caps of a worker: the team's, and the sum that was agreed to, with the margin that a build has."""
    caps = shared_caps(team.postgres.narrowed(map(team.cap_there, rules.caps)))
    if agreed is None:
        return caps
    return (*caps, Cap("the sum that was agreed to", agreed * OVERRUN, run=run_id))


def _wanted(story: PlannedStory, team: TeamLedger, rules: RunRules, run_id: str, priority: str) -> Iterator[WantedJob]:
    whose, ref = team.whose_there(story.request.whose), team.story_there(story.request.story)
    person, weight = team.postgres.session.holder.person, WEIGHTS[priority]
    steps = _missing(story)
    known = team.postgres.history(steps)
    last = last_attempts(story.compiled.lock.past)
    for key, step in steps.items():
        assert step.job is not None
        block = story.compiled.lock.blocks.get(step.job.content)
        numbers = {attempt.number for attempt in known.get(key, ())}
        only_here = block is not None and block.provider == story.provider.name and block.attempt not in numbers
        order = ""
        if not only_here and step.job.model not in rules.priced_by_project:
            payload = payload_of(story.provider, step.job)
            order = write_order(JobOrder(key, step.job, ref, rules, step.worth, last.get(key, 0), payload))
        yield WantedJob(key, whose, person, ref, step.job.seconds, weight, run_id, order)


def _bucket_of(story: PlannedStory) -> SharedBucket | None:
    project = story.compiled.project
    return None if project.settings.clips is None else open_bucket(project)
