"""From a checked story to its jobs: split into stretches, checked, packed, and written as requests."""

from __future__ import annotations

from collections import Counter

from storyboard.cards.model_card import Catalog
from storyboard.diagnostics import Diagnostic, Outcome, has_errors, sort_by_place
from storyboard.jobs.assemble import jobs_of
from storyboard.jobs.budget import budget_findings
from storyboard.jobs.existing_jobs import Reuse
from storyboard.jobs.hints import costly_negatives, long_prompts_stand_alone, same_jobs, scene_texts_are_said
from storyboard.jobs.job import Job
from storyboard.jobs.limits import fillable, is_open, negative_findings, rounded_by_running_time, shot_findings
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.jobs.packable_run import stretches
from storyboard.jobs.unpackable import unheld
from storyboard.story.story import Story


def compile_story(story: Story, catalog: Catalog, lock: Lock = EMPTY_LOCK) -> Outcome[tuple[Job, ...]]:
    """Return the jobs of a story, in story order. They depend only on story, cards and lock. There are none after an
    error, here or earlier on a shot that is marked as damaged.
    """
    reuse = Reuse(lock)
    runs = tuple(stretches(story.shots, catalog))
    found: list[Diagnostic] = list(negative_findings(runs))
    rounded = rounded_by_running_time(story.shots)
    jobs: list[Job] = []
    numbers: Counter[str] = Counter()
    whole = sum(len(run.shots) for run in runs) == len(story.shots) - len(story.local_shots)
    for at, run in enumerate(runs):
        found += [finding for shot in run.shots for finding in shot_findings(run, shot, rounded)]
        scene = run.shots[0].scene
        if any(is_open(run.card, shot) for shot in run.shots):
            whole = False
            found += () if fillable(run) else (unheld(runs, at),)
        elif packed := jobs_of(run, reuse, numbers[scene] + 1):
            numbers[scene] += len(packed)
            jobs += packed
        else:
            found.append(unheld(runs, at))
    if not whole or has_errors(found):
        return Outcome(None, sort_by_place(found))
    found += budget_findings(story, jobs, catalog)
    found += same_jobs(jobs)
    found += scene_texts_are_said(story, jobs)
    found += long_prompts_stand_alone(runs)
    found += costly_negatives(runs, jobs, catalog, reuse)
    return Outcome(tuple(jobs), sort_by_place(found))
