"""What is written down of an attempt, in the ledger and in the lock, each step durable before the next."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from storyboard.errors import StoryboardError
from storyboard.jobs.key import external_id
from storyboard.jobs.lock import Block
from storyboard.plan.reconcile import block_of
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Disk, Write
from storyboard.run.judge import nothing_created
from storyboard.run.turns import Step
from storyboard.store import Attempt, AttemptState, CapReached


def new_attempt(context: Context, wanted: Wanted, number: int) -> Attempt:
    """An attempt of this run that is not written anywhere yet, with the price that would be reserved."""
    job = wanted.job
    return Attempt(
        key=wanted.key,
        number=number,
        external_id=external_id(wanted.key, job.take, number),
        whose=context.whose,
        story=context.story,
        state=AttemptState.INTENT,
        content=job.content,
        addresses=job.addresses,
        seconds=job.seconds,
        model=job.model,
        request=job.request,
        run=context.run,
        opened_at=context.clock.now(),
        take=job.take,
        base=job.base,
        rate=wanted.rate,
    )


def from_block(context: Context, wanted: Wanted, block: Block) -> Attempt:
    """What the lock tells of an attempt that this ledger never sent: nobody knows when it was begun."""
    known = replace(new_attempt(context, wanted, block.attempt), opened_at=0.0, run="", task=block.task)
    state = AttemptState.SUBMITTED if block.task else AttemptState.INTENT
    return replace(known, state=state, reserved=wanted.price if block.cost is None else block.cost)


async def reserve(context: Context, wanted: Wanted, attempt: Attempt) -> CapReached | None:
    """Writes the intent to send, with its price, into the ledger and then the lock; not where a cap forbids it."""
    context.turns.reach(wanted.key, Step.RESERVED)  # the next one's reservation is written behind this, or with it
    reached = await Disk("reserve", lambda: context.store.ledger.reserve(attempt, context.rules.caps), writes=True)
    if reached is None:
        await _write_intent(context, wanted, attempt)
    return reached


async def _write_intent(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """The lock's part of it. Where that cannot be written nothing is sent, and a first intent is taken back."""
    try:
        await _write_block(context, wanted, attempt)
    except StoryboardError:
        if nothing_created(attempt):
            await Disk("withdraw", lambda: context.store.ledger.record(_withdrawn(attempt)), writes=True)
        raise


async def record(context: Context, wanted: Wanted, attempt: Attempt) -> Attempt:
    """Writes what is now known, into the ledger and then the lock."""
    await Disk(f"record {attempt.state}", lambda: context.store.ledger.record(attempt), writes=True)
    await _write_block(context, wanted, attempt)
    return attempt


async def withdraw(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """Takes an intent back of which nothing can have come. The lock comes first: its word alone would be an intent."""
    if context.provider.pays:
        await Write(wanted.job.content, wanted.block)
    await Disk("withdraw", lambda: context.store.ledger.record(_withdrawn(attempt)), writes=True)


def _withdrawn(attempt: Attempt) -> Attempt:
    return replace(attempt, state=AttemptState.WITHDRAWN, reserved=Decimal(0), sends=0)


async def keep(context: Context, unfinished: Path) -> tuple[str, Path]:
    """Takes a finished file into the store; gives its hash and its place."""
    kept: tuple[str, Path] = await Disk("keep", lambda: context.store.clips.add(unfinished))
    return kept


async def clip_at(context: Context, sha256: str) -> Path | None:
    """The clip's file in the store, verified."""
    clip: Path | None = await Disk("clip", lambda: context.store.clips.path(sha256))
    return clip


async def say_unknown(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """Lets the lock say that nobody knows; the ledger's intent says so itself."""
    await Write(wanted.job.content, replace(_block(context, wanted, attempt), state="unknown"))


async def keep_in_lock(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """Lets the lock name a clip that was there already."""
    block = _block(context, wanted, attempt)
    if context.provider.pays and not _same(wanted.block, block):
        await Write(wanted.job.content, block)


def _block(context: Context, wanted: Wanted, attempt: Attempt) -> Block:
    """The lock's line for an attempt. Its cost counts in the story whose build reserved it, elsewhere 0: but what the
    lock says already stays, as the story may have been built in another folder."""
    block = block_of(replace(attempt, addresses=wanted.job.addresses))
    assert block is not None
    if attempt.story == context.story:
        return block
    before = wanted.block
    same = before is not None and (before.key, before.attempt) == (block.key, block.attempt)
    return replace(block, cost=before.cost if before is not None and same else Decimal(0))


def _same(before: Block | None, now: Block) -> bool:
    return before is not None and (before.clip, before.state, before.shots) == (now.clip, now.state, now.shots)


async def _write_block(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    if context.provider.pays:
        await Write(wanted.job.content, _block(context, wanted, attempt))
