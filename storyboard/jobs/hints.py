"""Hints about the result of packing: identical jobs, separated shots, jobs without their scene's text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from storyboard.cards.model_card import Catalog
from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules import advice
from storyboard.diagnostics.rules import packing as rules
from storyboard.fast_dataclasses import replace
from storyboard.jobs.assemble import jobs_of
from storyboard.jobs.existing_jobs import Reuse
from storyboard.jobs.job import Job
from storyboard.jobs.limits import might_share
from storyboard.jobs.packable_run import PackableRun, stretches
from storyboard.story.story import Shot, Story


def same_jobs(jobs: Iterable[Job]) -> Iterator[Diagnostic]:
    """Report each job whose request equals an earlier one's."""
    first: dict[str, Job] = {}
    for job in jobs:
        earlier = first.setdefault(job.content, job)
        if earlier is job:
            continue
        shot, other = job.shots[0], earlier.shots[0]
        yield rules.SAME_JOB.at(
            shot.origin.span,
            f"{job.id} (`{shot.address}`) asks for the same as {earlier.id} (`{other.address}`), so both show the "
            "same clip",
            help=f"`.take {job.take + 1}` on a shot of {job.id} asks for another clip",
            related=(Related(f"the same as `{other.address}`", other.origin.span), *shot.origin.chain),
        )


def scene_texts_are_said(story: Story, jobs: Sequence[Job]) -> Iterator[Diagnostic]:
    """Report scenes whose text is not in each of their jobs: a model sees nothing but its own job."""
    texts = {scene.name: scene for scene in story.scenes if scene.text}
    if not texts:
        return
    by_scene: dict[str, list[Job]] = {}
    for job in jobs:
        if job.scene in texts:
            by_scene.setdefault(job.scene, []).append(job)
    for name, made in by_scene.items():
        scene = texts[name]
        without = [job for job in made if not any(scene.text in shot.prompt for shot in job.shots)]
        help_ = "`.prefix {{ scene.text }}` in the scene inserts it into every shot"
        if len(without) == len(made):
            yield advice.SCENE_TEXT_UNSAID.at(scene.span, f"no prompt contains the text of scene `{name}`", help=help_)
            continue
        for job in without:
            shot = job.shots[0]
            message = f"{job.id} starts here and does not contain the text of scene `{name}`"
            yield advice.SCENE_TEXT_UNSAID.at(shot.origin.span, message, help=help_, related=shot.origin.chain)


def long_prompts_stand_alone(runs: Iterable[PackableRun]) -> Iterator[Diagnostic]:
    """Report shots whose prompt is too long for a shared job, so that they separate the shots around them."""
    for run in runs:
        limit = run.card.shared_job.max_prompt if run.card.shared_job else None
        if limit is None or len(run.shots) < 2:
            continue
        for shot in run.shots:
            if len(shot.prompt) > limit and not shot.damaged and might_share(run, shot):
                message = (
                    f"`{shot.address}` gets its own job: its prompt is {len(shot.prompt)} characters, and a job of "
                )
                yield advice.STANDS_ALONE.at(
                    shot.origin.span,
                    f"{message}several shots allows {limit} each",
                    help=f"cut {len(shot.prompt) - limit} characters so that it can share the job of its neighbours",
                    related=shot.origin.chain,
                )


def costly_negatives(
    runs: Sequence[PackableRun], jobs: Iterable[Job], catalog: Catalog, reuse: Reuse
) -> Iterator[Diagnostic]:
    """Report each shot whose own `.negative` separates it from a neighbour that it could share a job with. Only the
    first and last shot of a run can be separated, so this stays linear in shots.
    """
    by_shot = {job.shots[0].address: job for job in jobs}
    for at, run in enumerate(runs):
        for shot in run.shots[:1] + run.shots[1:][-1:]:
            if shot.own_negative is not None:
                first = at if run.after_free else max(at - 1, 0)
                around = [*runs[first : at + 1], *(each for each in runs[at + 1 : at + 2] if not each.after_free)]
                shots = [other for r in around for other in r.shots if other.scene == shot.scene]
                made = [by_shot[other.address] for other in shots if other.address in by_shot]
                yield from _costly(shot, shots, made, catalog, reuse)


def _costly(
    shot: Shot, shots: Sequence[Shot], made: Sequence[Job], catalog: Catalog, reuse: Reuse
) -> Iterator[Diagnostic]:
    place = next(at for at, other in enumerate(shots) if other is shot)
    for other in (*shots[max(place - 1, 0) : place], *shots[place + 1 : place + 2]):
        if other.negative.items == shot.negative.items:
            continue
        alike = replace(shot, negative=other.negative)
        instead = _jobs([*shots[:place], alike, *shots[place + 1 :]], catalog, reuse)
        if instead and len(instead) < len(made):
            yield _splits(shot, other, made, instead, reuse)
            return


def _jobs(shots: Sequence[Shot], catalog: Catalog, reuse: Reuse) -> list[Job]:
    return [job for run in stretches(shots, catalog) for job in jobs_of(run, reuse) or ()]


def _splits(shot: Shot, other: Shot, made: Sequence[Job], instead: Sequence[Job], reuse: Reuse) -> Diagnostic:
    kept = {job.content for job in instead}
    anew = {job.content: job.seconds for job in made if job.content not in kept and not reuse.exists(job.content)}
    return rules.NEGATIVE_SPLITS.at(
        shot.own_negative or shot.origin.span,
        f"`.negative` of `{shot.address}` separates it from `{other.address}`: {len(made)} jobs instead of "
        f"{len(instead)}, and {sum(anew.values())} s to buy again",
        help="`.avoid` adds it to the prompt of this shot and separates nothing",
        related=shot.origin.chain,
    )
