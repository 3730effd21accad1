"""Convert results of the stages to the values that reports are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard.errors import UsageError
from storyboard.jobs.job import Job
from storyboard.jobs.key import external_id, job_key
from storyboard.project.compile import CompiledStory
from storyboard.providers.calls import HttpCall
from storyboard.providers.protocol import Order, Provider
from storyboard.report.views import AgainstView, Budget, BuildView, JobsView, JobView, PlanView

if TYPE_CHECKING:
    from storyboard.project.at_commit import StoriesAtCommit
    from storyboard.project.build import BuiltStory
    from storyboard.project.plan import PlannedStory
    from storyboard.project.workspace import Planned


def jobs_view(story: CompiledStory, provider: Provider) -> JobsView:
    """Return a story's jobs with their keys for a provider."""
    return JobsView(story.path, story.story.title, provider.name, tuple(_job_view(job, provider) for job in story.jobs))


def _job_view(job: Job, provider: Provider) -> JobView:
    order = _order(job, provider)
    return JobView(job, job_key(job, provider.key_id), provider.payload(order), provider.transport(order))


def plan_view(planned: PlannedStory) -> PlanView:
    """Return the view of a story's plan."""
    ledger = planned.store.ledger
    budgets = tuple(Budget(cap.name, cap.limit, ledger.spent(cap)) for cap in planned.budgets)
    story = planned.compiled.story
    compiled, pays = planned.compiled, planned.provider.pays
    return PlanView(
        compiled.path,
        planned.plan,
        pays,
        budgets,
        story.local_shots,
        story.seconds,
        compiled.in_words,
        tuple(shot.transition for shot in story.shots if shot.transition is not None),
    )


def against_view(planned: Planned, earlier: StoriesAtCommit) -> AgainstView:
    """Return what changed since a commit, and what has to be bought for it. Stories that had errors there are left
    out."""
    from storyboard.plan.shot_changes import compare_shots  # brings the ledger: only where commits are compared

    now = {
        story.compiled.path: story.compiled.story.shots
        for story in planned.stories
        if story.compiled.path not in earlier.unreadable
    }
    keys = {
        step.key
        for story in planned.stories
        for step in story.plan.buying
        if step.job is not None and step.job.content not in earlier.contents
    }
    changes = compare_shots(earlier.shots, now)
    return AgainstView(earlier.name, earlier.commit, changes, frozenset(keys), earlier.unreadable)


def build_view(built: BuiltStory) -> BuildView:
    """Return the view of a story's build."""
    return BuildView(plan_view(built.planned), built.result, built.film, built.new_lock)


def requests_of(story: CompiledStory, provider: Provider) -> list[tuple[Job, HttpCall]]:
    """Return each job's first request; raises UsageError if the provider renders here and sends nothing."""
    return [(job, _request(job, provider)) for job in story.jobs]


def _request(job: Job, provider: Provider) -> HttpCall:
    call = provider.submit(_order(job, provider))
    if not isinstance(call, HttpCall):
        raise UsageError(
            f"{provider.name} renders on this machine, so there is nothing to send", help="use --provider kirin"
        )
    return call


def _order(job: Job, provider: Provider) -> Order:
    """Return the order of a job's first attempt."""
    name = external_id(job_key(job, provider.key_id), job.take, 1)
    return Order(name, job.request, job.written, job.transport)
