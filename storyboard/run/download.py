"""Steps 6 and 7 of a purchase: download and verify the clip, and close the attempt."""

from __future__ import annotations

from pathlib import Path

from storyboard.errors import ExitCode
from storyboard.fast_dataclasses import replace
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
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
from storyboard.run.stages import Fetch, Next, Poll
from storyboard.store import Attempt
from storyboard.store.gateway_traits import Lookup

WORTH_WHILE = 60_000
"""Progress in bytes after which a download's interruptions are counted from zero again; otherwise one byte each time
would go on forever."""


async def fetch(purchase: Purchase, stage: Fetch) -> Next:
    """Download once, and continue depending on the result."""
    attempt = stage.poll.attempt
    target = purchase.run.store.clips.scratch(attempt.external_id)
    purchase.tell(Fetching(purchase.job, purchase.key))

    def progress(received: int, total: int | None) -> None:
        purchase.tell(Fetching(purchase.job, purchase.key, received, total))

    got = await Get(stage.url, target, purchase.job.seconds, purchase.job.max_clip_bytes, progress)
    if isinstance(got, Whole):
        return await _keep(purchase, attempt, got)
    if isinstance(got, Cut):
        return await _go_on(purchase, stage, got)
    return await _ask_again(purchase, stage.poll, got)


async def _go_on(purchase: Purchase, stage: Fetch, cut: Cut) -> Next:
    """Resume by range, where it stopped."""
    gets_on = cut.received >= stage.received + WORTH_WHILE
    troubles = 1 if gets_on else stage.poll.troubles + 1
    if purchase.clock.monotonic() >= stage.poll.ends_at + GRACE and troubles > SEVERAL:
        words = f"paid for, but cannot be downloaded now ({cut.message}); run the same command to fetch it"
        return purchase.finished(stage.poll.attempt, words)
    seconds = backoff(troubles, purchase.run.jitter())
    purchase.tell(Retrying(purchase.job, purchase.key, cut.message, seconds))
    await Pause(seconds)
    return Fetch(replace(stage.poll, troubles=troubles), stage.url, cut.received if gets_on else stage.received)


async def _ask_again(purchase: Purchase, stage: Poll, got: Expired | Wrong | Barred) -> Next:
    """Ask for fresh addresses and try each. Soon after the task's end the file may not be there yet."""
    stage = replace(stage, fetched=stage.fetched + 1)
    patient = purchase.elapsed_since(stage.finished_at) < purchase.run.rules.file_wait
    if stage.fetched > SEVERAL and (isinstance(got, Barred) or not patient):
        return await _given_up(purchase, stage.attempt, got)
    if stage.fetched > SEVERAL and purchase.run.rules.no_wait:
        return purchase.finished(
            stage.attempt, f"finished and charged, but its file is not available yet ({got.message})"
        )
    seconds = backoff(stage.fetched, purchase.run.jitter())
    purchase.tell(Retrying(purchase.job, purchase.key, got.message, seconds))
    await Pause(seconds)
    return replace(stage, task=None)


async def _given_up(purchase: Purchase, attempt: Attempt, got: Expired | Wrong | Barred) -> Next:
    """Give up after the time for delivery: the file is gone for good, is not a clip, or may not be fetched."""
    if isinstance(got, Expired):
        return await gone(
            purchase, attempt, f"its file has expired and cannot be downloaded any more ({got.message})", seen=True
        )
    why = "is not downloaded" if isinstance(got, Barred) else "the download is not its clip"
    way_out = f"storyboard resolve {attempt.key[:12]} --accept FILE uses a clip that you downloaded yourself"
    return purchase.finished(attempt, f"paid for, but {why}: {got.message}; {way_out}", ExitCode.JOB_FAILED)


async def _keep(purchase: Purchase, attempt: Attempt, whole: Whole) -> JobResult:
    sha256, clip = await purchase.keep(whole.clip)
    done = replace(attempt, state=PurchaseState.DONE, clip=sha256)
    await purchase.settle(done)
    if whole.lasts is not None:
        purchase.notice(
            f"{purchase.job.id}: {purchase.job.seconds} s were ordered, but its clip lasts {whole.lasts:.1f} s; "
            f"it is kept, and the film {'holds its last picture' if whole.lasts < purchase.job.seconds else 'cuts it'}"
        )
    await _look_once_more(purchase, done)
    return purchase.built(done, clip)


async def _look_once_more(purchase: Purchase, attempt: Attempt) -> None:
    """Look for a second task after a resend, and learn whether ids can be looked up."""
    unseen = purchase.traits.lookup is Lookup.UNSEEN
    if attempt.sends < 2 and not unseen:
        return
    answer = await purchase.look_up(attempt)
    if isinstance(answer, NotFound) and unseen:
        await purchase.run.learn(lookup=Lookup.ABSENT)
    sighting = purchase.run.sightings.get(purchase.key)
    if isinstance(answer, Task) and unseen and sighting is not None:
        await purchase.learn_delay(purchase.elapsed_since(sighting.since))
    if isinstance(answer, Task) and answer.id not in (None, attempt.task):
        await purchase.hear(replace(attempt, task=answer.id, charged=answer.cost))


async def fetch_the_locks(purchase: Purchase) -> tuple[str, Path] | None:
    """Fetch the lock's clip from its task, trying once; None if the gateway does not give this key that clip."""
    block = purchase.block
    if block is None or block.task is None or not _can_ask(purchase, block):
        return None
    answer = await purchase.ask(block.task)
    if not isinstance(answer, Task) or not answer.urls:
        return None
    target = purchase.run.store.clips.scratch(f"lock-{block.task}")
    job = purchase.job
    got = await Get(answer.urls[0], target, job.seconds, job.max_clip_bytes, lambda received, total: None)
    if not isinstance(got, Whole):
        return None
    sha256, clip = await purchase.keep(got.clip)
    return (sha256, clip) if sha256 == block.clip else None


async def use_the_stores(purchase: Purchase, attempt: Attempt) -> None:
    """Use another clip than the lock names, report that, and record it in the lock. This is no reason to pay."""
    words = (
        f"{purchase.job.id}: the clip named in the lock is no longer available; another clip of the same job is used"
    )
    purchase.tell(Notice(words, purchase.job))
    await purchase.keep_in_lock(attempt)


def _can_ask(purchase: Purchase, block: Block) -> bool:
    whose = purchase.run.whose
    return bool(whose.account) and (block.base_url, block.dialect) == (whose.base_url, whose.dialect)
