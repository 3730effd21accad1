"""Steps 6 and 7 of a purchase: the clip comes into the store, verified, and the attempt is closed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from storyboard.jobs.lock import Block
from storyboard.providers.answers import (
    NotFound,
    Task,
)
from storyboard.run.effects import (
    Barred,
    Cut,
    Expired,
    Get,
    Pause,
    Whole,
    Wrong,
)
from storyboard.run.events import Fetching, Notice, Retrying
from storyboard.run.policy import SEVERAL, backoff
from storyboard.run.poll import GRACE, gone
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.stages import Fetch, Follow, Next
from storyboard.store import Attempt, AttemptError, AttemptState
from storyboard.store.gateway_traits import Lookup


async def fetch(purchase: Purchase, stage: Fetch) -> Next:
    """One download, and what follows from how it went."""
    attempt = stage.follow.attempt
    target = purchase.run.store.clips.scratch(attempt.external_id)
    purchase.tell(Fetching(purchase.job, purchase.key))

    def progress(received: int, total: int | None) -> None:
        purchase.tell(Fetching(purchase.job, purchase.key, received, total))

    got = await Get(stage.url, target, purchase.job.seconds, progress)
    if isinstance(got, Whole):
        return await _keep(purchase, attempt, got)
    if isinstance(got, Barred):
        return purchase.failed(attempt, AttemptError(None, f"paid for, but not fetched: {got.message}"))
    if isinstance(got, Cut):
        return await _go_on(purchase, stage, got)
    return await _ask_again(purchase, stage.follow, got)


async def _go_on(purchase: Purchase, stage: Fetch, cut: Cut) -> Next:
    """By range, where it stopped."""
    troubles = 1 if cut.received > stage.received else stage.follow.troubles + 1
    if purchase.clock.monotonic() >= stage.follow.ends_at + GRACE and troubles > SEVERAL:
        words = f"paid for, and cannot be downloaded now ({cut.message}); the same command fetches it"
        return purchase.still_running(stage.follow.attempt, words)
    seconds = backoff(troubles, purchase.run.jitter())
    purchase.tell(Retrying(purchase.job, purchase.key, cut.message, seconds))
    await Pause(seconds)
    return Fetch(replace(stage.follow, troubles=troubles), stage.url, max(cut.received, stage.received))


async def _ask_again(purchase: Purchase, stage: Follow, got: Expired | Wrong) -> Next:
    """For a fresh address, a few times; then the file is gone for good, or is not what was promised."""
    stage = replace(stage, asked=stage.asked + isinstance(got, Expired), wrong=stage.wrong + isinstance(got, Wrong))
    if stage.asked > SEVERAL:
        return await gone(purchase, stage.attempt, f"its file has expired for good ({got.message})", seen=True)
    if stage.wrong > SEVERAL:
        words = f"paid for, but what comes is not the clip: {got.message}"
        return purchase.failed(stage.attempt, AttemptError(None, words))
    await Pause(backoff(stage.asked + stage.wrong, purchase.run.jitter()))
    return replace(stage, task=None)


async def _keep(purchase: Purchase, attempt: Attempt, whole: Whole) -> JobResult:
    sha256, clip = await purchase.keep(whole.clip)
    done = replace(attempt, state=AttemptState.DONE, clip=sha256)
    await purchase.record(done)
    await _look_once_more(purchase, done)
    return purchase.built(done, clip)


async def _look_once_more(purchase: Purchase, attempt: Attempt) -> None:
    """After a resend there may be a second task. And where nobody knows yet whether an id can be looked up: now."""
    unseen = purchase.traits.lookup is Lookup.UNSEEN
    if attempt.sends < 2 and not unseen:
        return
    answer = await purchase.look_up(attempt)
    if isinstance(answer, NotFound) and unseen:
        await purchase.run.learn(lookup=Lookup.ABSENT)
    if isinstance(answer, Task) and unseen and attempt.submitted_at is not None:
        await purchase.run.learn(longest=max(purchase.traits.longest, purchase.clock.now() - attempt.submitted_at))
    if isinstance(answer, Task) and answer.id not in (None, attempt.task):
        await purchase.record_second_task(attempt, answer)


async def fetch_the_locks(purchase: Purchase) -> tuple[str, Path] | None:
    """The lock's clip from its task, asked once; None where the gateway does not give this key that very clip."""
    block = purchase.block
    if block is None or block.task is None or not _can_ask(purchase, block):
        return None
    answer = await purchase.ask(block.task)
    if not isinstance(answer, Task) or not answer.urls:
        return None
    target = purchase.run.store.clips.scratch(f"lock-{block.task}")
    got = await Get(answer.urls[0], target, purchase.job.seconds, lambda received, total: None)
    if not isinstance(got, Whole):
        return None
    sha256, clip = await purchase.keep(got.clip)
    return (sha256, clip) if sha256 == block.clip else None


async def use_the_stores(purchase: Purchase, attempt: Attempt) -> None:
    """Says that another clip is used than the lock names, and writes it there. Neither is a reason to pay."""
    words = f"{purchase.job.id}: the clip that the lock names cannot be had any more; another of the same job is used"
    purchase.tell(Notice(words, purchase.job))
    await purchase.keep_in_lock(attempt)


def _can_ask(purchase: Purchase, block: Block) -> bool:
    whose = purchase.run.whose
    return bool(whose.account) and (block.base_url, block.dialect) == (whose.base_url, whose.dialect)
