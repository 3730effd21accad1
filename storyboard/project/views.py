"""What reports are written from, out of what the stages gave."""

from __future__ import annotations

from storyboard.jobs.key import job_key
from storyboard.project.building import BuiltStory
from storyboard.project.compiling import CompiledStory
from storyboard.project.planning import PlannedStory
from storyboard.providers.protocol import Provider
from storyboard.report.model import BuildView, JobsView, PlanView


def jobs_view(story: CompiledStory, provider: Provider) -> JobsView:
    """A story's jobs with their keys for a provider."""
    keyed = tuple((job, job_key(job, provider.key_id)) for job in story.jobs)
    return JobsView(story.path, story.story.title, provider.name, keyed)


def plan_view(planned: PlannedStory) -> PlanView:
    """A story's plan."""
    return PlanView(planned.compiled.path, planned.plan, planned.provider.pays, planned.budget, planned.spent)


def build_view(built: BuiltStory) -> BuildView:
    """How a story's build ended."""
    return BuildView(plan_view(built.planned), built.result, built.film)
