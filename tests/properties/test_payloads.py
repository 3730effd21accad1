"""Every payload that is compiled, the gateway takes: for any story that compiles, with any lock."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.cards import builtin_cards
from storyboard.jobs.canonical import canonical
from storyboard.jobs.compile import compile_story
from storyboard.jobs.existing_jobs import Reuse
from storyboard.jobs.job import Job
from storyboard.jobs.key import base_of, content_of
from storyboard.jobs.lock import Lock
from storyboard.jobs.packable_run import stretches
from storyboard.jobs.request_texts import RequestTexts
from storyboard.plan.reroll import retake
from storyboard.providers.kirin.payload_check import check_payload
from storyboard.story.story import Negatives, Shot
from tests.support.bought import block
from tests.support.payloads import payload_of
from tests.support.shots import shot, story

CARDS = builtin_cards()
PROMPTS = st.sampled_from(
    ["Rain.", 'He says "no"\nand \\ goes.', "雨の夜。", "x" * 500, "x" * 513, "x" * 2500, "\x7f😀"]
)
PARAMETERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "kirin_v3_t2v": st.fixed_dictionaries(
        {},
        optional={
            "mode": st.sampled_from(["std", "pro"]),
            "sound": st.sampled_from(["on", "off"]),
            "watermark": st.booleans(),
            "callback_url": st.just("https://example.test/"),
        },
    ),
    "kirin_v1_t2v": st.fixed_dictionaries(
        {},
        optional={
            "cfg_scale": st.sampled_from([0, 1, 0.5, 1e-7]),
            "camera_control": st.just({"é": [1.0, None], "a": {}}),
        },
    ),
    "kirin_v1_6_t2v": st.just({}),
}


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    model = draw(st.sampled_from(["kirin_v3_t2v"] * 4 + ["kirin_v1_t2v", "kirin_v1_6_t2v"]))
    lengths = st.integers(1, 15) if model == "kirin_v3_t2v" else st.just(5)
    negative = draw(st.sampled_from([(), (), ("crowds",), ("crowds", "text")]))
    return replace(
        shot("x", prompt=draw(PROMPTS)),
        model=model,
        seconds=Decimal(draw(lengths)),
        parameters=draw(PARAMETERS[model]),
        negative=Negatives(negative),
        scene=draw(st.sampled_from(["s", "s", "s", "t"])),
        split_before=draw(st.sampled_from([False, False, False, True])),
        pack=draw(st.sampled_from(["auto", "auto", "auto", "shot"])),
        take=draw(st.none() | st.integers(1, 3)),
    )


STORIES = st.lists(shots(), max_size=12).map(
    lambda made: [replace(each, address=f"{each.scene}.{at}", name=str(at)) for at, each in enumerate(made)]
)


def lock_of(jobs: tuple[Job, ...]) -> Lock:
    return Lock({job.content: block(job, state="done") for job in jobs})


@settings(max_examples=200, deadline=None)
@given(STORIES)
def test_every_payload_is_accepted_and_every_shot_is_in_one(made: list[Shot]) -> None:
    jobs = compile_story(story(made), CARDS).value
    if jobs is None:
        return
    assert [each.address for job in jobs for each in job.shots] == [each.address for each in made]
    for job in jobs:
        card = CARDS[job.model]
        assert check_payload(card, payload_of(job)) == ()
        assert check_payload(card, {**payload_of(job), **job.transport}) == ()
        text = canonical(job.request.document)
        assert (job.base, job.content) == (base_of(text), content_of(text, job.take))


@settings(max_examples=100, deadline=None)
@given(STORIES, STORIES)
def test_packing_with_a_lock_keeps_existing_jobs(made: list[Shot], before: list[Shot]) -> None:
    """Whatever was bought before, what is bought now is all there next time."""
    first = compile_story(story(before), CARDS).value or ()
    second = compile_story(story(made), CARDS, lock_of(first)).value
    if second is None:
        return
    third = compile_story(story(made), CARDS, lock_of((*first, *second))).value
    assert third is not None
    assert {job.content for job in third} <= {job.content for job in (*first, *second)}
    again = compile_story(story(made), CARDS, lock_of(second)).value
    assert again is not None
    assert {job.content for job in again} <= {job.content for job in second}


@settings(max_examples=100, deadline=None)
@given(STORIES)
def test_fast_path_to_a_request_equals_the_plain_one(made: list[Shot]) -> None:
    for job in compile_story(story(made), CARDS).value or ():
        (stretch,) = stretches(job.shots, CARDS)
        assert RequestTexts(stretch).of(0, len(job.shots)) == canonical(job.request.document)


@settings(max_examples=100, deadline=None)
@given(STORIES, st.randoms(use_true_random=False), st.integers(1, 3))
def test_existing_jobs_are_found_by_content_and_take(made: list[Shot], random: Random, chosen: int) -> None:
    """Against the definition: every run of shots made into a job of its own, looked up by its content."""
    for run in stretches(made, CARDS):
        count = len(run.shots)
        pieces = [run.piece(each) for each in run.shots]
        alone = {
            (start, end): job
            for start in range(count)
            for end in range(start + 1, count + 1)
            if (job := sole_job(run.shots[start:end]))
        }
        some = [job for job in alone.values() if random.random() < 0.5]
        lock = lock_of(tuple(some))
        for job in some[:1]:
            lock = lock.choosing(job.base, chosen)
        found = Reuse(lock).windows(run, pieces, RequestTexts(run))
        assert found == {place for place, job in alone.items() if taken(job, lock).content in lock.blocks}


def sole_job(shots: tuple[Shot, ...]) -> Job | None:
    """The job of these shots, where one job can hold them all: packing wants the fewest."""
    jobs = compile_story(story(shots), CARDS).value
    return jobs[0] if jobs and len(jobs) == 1 else None


def taken(job: Job, lock: Lock) -> Job:
    """The job with the take that the lock chose, where no shot says its own."""
    choice = lock.choices.get(job.base)
    silent = all(each.take is None for each in job.shots)
    return retake(job, choice.take) if choice and silent else job
