"""Choose another take of one job in the lock, and buy only that job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import lock_path, update_lock
from storyboard.plan import check_addresses, jobs_at
from storyboard.plan.reroll import Reroll, reroll
from storyboard.project.build import BuiltStory
from storyboard.project.build_terms import Terms
from storyboard.project.plan import Addresses, PlannedStory, plan_story
from storyboard.project.workspace import Planned
from storyboard.run.result import JobState
from storyboard.store.job_status import Verdict

Build: TypeAlias = Callable[[Planned, Terms], tuple[BuiltStory, ...]]


@dataclass(frozen=True, slots=True)
class Retake:
    """The plan for another take of a job. `planned` contains only that job, `original` is the story without the choice.
    `lock_file` records the choice."""

    chosen: Reroll
    original: PlannedStory
    planned: Planned
    lock_file: Path
    root: Path

    @property
    def take(self) -> int:
        """The number of the take."""
        return self.chosen.job.take

    def choose(self) -> None:
        """Write the choice into the lock."""
        base, take = self.chosen.job.base, self.take
        update_lock(self.lock_file, lambda lock: lock.choosing(base, take), self.root)

    def undo(self, before: Lock) -> None:
        """Withdraw the choice, because nothing came of it."""
        base = self.chosen.job.base

        def undone(lock: Lock) -> Lock:
            others = {each: choice for each, choice in lock.choices.items() if each != base}
            return replace(lock, choices=others | ({base: before.choices[base]} if base in before.choices else {}))

        update_lock(self.lock_file, undone)


def retake(planned: Planned, address: str, take: int | None) -> Retake:
    """Plan another take of the job that contains a shot: a new one, or with `take` an existing one.

    Raises UsageError if the address means no job or several, where the story itself says the take, where the
    provider costs nothing, and where no such take is kept.
    """
    story = _holding(planned, address)
    if not story.provider.pays:
        raise UsageError(f"{story.provider.name} makes the same clip every time", help="use --provider kirin")
    compiled, store = story.compiled, story.store
    chosen = reroll(compiled.jobs, address, compiled.lock, store.ledger.of_story(story.request.story), take)
    other = replace(compiled, jobs=chosen.jobs, lock=chosen.lock)
    again = plan_story(other, story.provider, store, Addresses(only=chosen.job.addresses), story.team)
    lock_file = lock_path(compiled.path, compiled.variant)
    return Retake(chosen, story, Planned(planned.compiled, (again,)), lock_file, compiled.project.root)


def make(take: Retake, first: bool, build: Build, terms: Terms) -> tuple[BuiltStory, ...]:
    """Build with the choice recorded: in advance if something may come of it, otherwise afterwards. If nothing comes of
    it, film and lock stay as they were."""
    if first:
        take.choose()
    built = build(take.planned, terms)
    [result] = [each for each in built[0].result.jobs if each.job == take.chosen.job]
    if result.state is not JobState.SKIPPED:
        if not first:
            take.choose()
        return built
    if first:
        take.undo(take.original.compiled.lock)
    return _as_before(take, built, build)


def _as_before(take: Retake, built: tuple[BuiltStory, ...], build: Build) -> tuple[BuiltStory, ...]:
    """Restore the former film, if all of it is in the store."""
    steps = (step for step in take.original.plan.steps if step.job is not None)
    if any(step.state is not Verdict.CACHED for step in steps):
        return built
    [again] = build(Planned(take.planned.compiled, (take.original,)), Terms(locked=True))
    jobs = zip(again.film.clips, built[0].result.jobs, strict=True)
    clips = tuple(None if result.state is JobState.SKIPPED else clip for clip, result in jobs)
    return (replace(built[0], film=replace(again.film, clips=clips)),)


def _holding(planned: Planned, address: str) -> PlannedStory:
    jobs = [job for story in planned.stories for job in story.compiled.jobs]
    free = [shot for story in planned.stories for shot in story.compiled.story.local_shots]
    check_addresses(jobs, [address], "reroll", free)
    found = [story for story in planned.stories if jobs_at(story.compiled.jobs, [address])]
    if len(found) > 1:
        names = ", ".join(story.compiled.path.name for story in found)
        raise UsageError(f"several stories have a shot at `{address}`: {names}", help="name the file of the story")
    return found[0]
