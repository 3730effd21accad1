"""Steps 6 and 7: the clip comes into the store, verified, and the attempt is closed."""

from __future__ import annotations

from dataclasses import replace

from storyboard.providers.answers import NotFound, Task
from storyboard.run import outcomes
from storyboard.run.asking import SEVERAL, look
from storyboard.run.context import Context, Wanted
from storyboard.run.download import Barred, Cut, Expired, Whole, Wrong
from storyboard.run.effects import Get, Pause
from storyboard.run.events import Fetching, Retrying
from storyboard.run.following import GRACE, bought_twice, gone
from storyboard.run.pace import backoff
from storyboard.run.records import keep, record
from storyboard.run.result import JobResult
from storyboard.run.stages import Fetch, Follow, Next
from storyboard.store import Attempt, AttemptError, AttemptState
from storyboard.store.gateway_traits import Lookup


async def fetch(context: Context, wanted: Wanted, stage: Fetch) -> Next:
    """One download, and what follows from how it went."""
    attempt = stage.follow.attempt
    target = context.store.clips.scratch(attempt.external_id)
    context.tell(Fetching(wanted.job, wanted.key))

    def progress(received: int, total: int | None) -> None:
        context.tell(Fetching(wanted.job, wanted.key, received, total))

    got = await Get(stage.url, target, wanted.job.seconds, progress)
    if isinstance(got, Whole):
        return await _keep(context, wanted, attempt, got)
    if isinstance(got, Barred):
        return outcomes.failed(wanted, attempt, AttemptError(None, f"paid for, but not fetched: {got.message}"))
    if isinstance(got, Cut):
        return await _go_on(context, wanted, stage, got)
    return await _ask_again(context, wanted, stage.follow, got)


async def _go_on(context: Context, wanted: Wanted, stage: Fetch, cut: Cut) -> Next:
    """By range, where it stopped."""
    troubles = 1 if cut.received > stage.received else stage.follow.troubles + 1
    if context.clock.monotonic() >= stage.follow.ends_at + GRACE and troubles > SEVERAL:
        words = f"paid for, and cannot be downloaded now ({cut.message}); the same command fetches it"
        return outcomes.still_running(wanted, stage.follow.attempt, words)
    seconds = backoff(troubles, context.jitter())
    context.tell(Retrying(wanted.job, wanted.key, cut.message, seconds))
    await Pause(seconds)
    return Fetch(replace(stage.follow, troubles=troubles), stage.url, max(cut.received, stage.received))


async def _ask_again(context: Context, wanted: Wanted, stage: Follow, got: Expired | Wrong) -> Next:
    """For a fresh address, a few times; then the file is gone for good, or is not what was promised."""
    stage = replace(stage, asked=stage.asked + isinstance(got, Expired), wrong=stage.wrong + isinstance(got, Wrong))
    if stage.asked > SEVERAL:
        return await gone(context, wanted, stage.attempt, f"its file has expired for good ({got.message})", seen=True)
    if stage.wrong > SEVERAL:
        words = f"paid for, but what comes is not the clip: {got.message}"
        return outcomes.failed(wanted, stage.attempt, AttemptError(None, words))
    await Pause(backoff(stage.asked + stage.wrong, context.jitter()))
    return replace(stage, task=None)


async def _keep(context: Context, wanted: Wanted, attempt: Attempt, whole: Whole) -> JobResult:
    sha256, clip = await keep(context, whole.clip)
    done = replace(attempt, state=AttemptState.DONE, clip=sha256)
    await record(context, wanted, done)
    await _look_once_more(context, wanted, done)
    return outcomes.built(context, wanted, done, clip)


async def _look_once_more(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """After a resend there may be a second task. And where nobody knows yet whether an id can be looked up: now."""
    unseen = context.known.lookup is Lookup.UNSEEN
    if attempt.sends < 2 and not unseen:
        return
    answer = await look(context, wanted, attempt)
    if isinstance(answer, NotFound) and unseen:
        await context.learn(lookup=Lookup.ABSENT)
    if isinstance(answer, Task) and unseen and attempt.submitted_at is not None:
        await context.learn(longest=max(context.known.longest, context.clock.now() - attempt.submitted_at))
    if isinstance(answer, Task) and answer.id not in (None, attempt.task):
        await bought_twice(context, wanted, attempt, answer)
