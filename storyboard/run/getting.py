"""One job, from where it stands to its clip or to why there is none: stage after stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storyboard.errors import ExitCode
from storyboard.run import outcomes
from storyboard.run.choosing import fetch_the_locks, use_the_stores
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Claim, Disk, Pause
from storyboard.run.events import Queued, Retrying
from storyboard.run.fetching import fetch
from storyboard.run.following import follow
from storyboard.run.pace import backoff
from storyboard.run.records import clip_at, from_block, keep_in_lock
from storyboard.run.result import JobResult
from storyboard.run.seeking import seek
from storyboard.run.sending import buy
from storyboard.run.stages import Buy, Failed, Fetch, Follow, Next, Seek, Stage
from storyboard.store import Attempt, AttemptError, AttemptState
from storyboard.store.job_status import Stand, Standing, stand_of

CLAIM_INTERVAL = 0.2
"""Seconds between looks at a claim that another build holds."""


async def get(context: Context, wanted: Wanted) -> JobResult:
    """The job's outcome in this run. Only who holds its claim sends, asks and writes."""
    past = context.past.pop(wanted.key, None) or await _past(context, wanted)
    kept = await _kept(context, wanted, past)
    if kept is not None:
        return kept
    if wanted.left_out:
        return outcomes.skipped(wanted, "left out by --only", ExitCode.DONE)
    waited = False
    while not await Claim(wanted.key):
        context.turns.leave(wanted.key)  # two builds must not wait for each other: one for a claim, one for its turn
        if context.halt.asked or context.rules.no_wait:
            return outcomes.elsewhere(wanted, ExitCode.INTERRUPTED if context.halt.asked else ExitCode.RUNNING)
        if not waited:
            context.tell(Queued(wanted.job, wanted.key, "another build is making it"))
            waited = True
        await Pause(CLAIM_INTERVAL)
    past = await _past(context, wanted)
    kept = await _kept(context, wanted, past) or await _other_than_the_locks(context, wanted, past)
    return kept or await _settle(context, wanted, _first(context, wanted, _stand(context, wanted, past)))


async def _settle(context: Context, wanted: Wanted, stage: Next) -> JobResult:
    made = 0
    while not isinstance(stage, JobResult):
        if not isinstance(stage, Buy):
            context.turns.leave(wanted.key)
        if isinstance(stage, Failed):
            made += stage.attempt.sends > 0
            stage = await _after_failure(context, wanted, stage.attempt, made)
        else:
            stage = await _step(context, wanted, stage)
    return stage


async def _step(context: Context, wanted: Wanted, stage: Buy | Seek | Follow | Fetch) -> Next:
    if isinstance(stage, Buy):
        return await buy(context, wanted, stage)
    if isinstance(stage, Seek):
        return await seek(context, wanted, stage)
    if isinstance(stage, Follow):
        return await follow(context, wanted, stage)
    return await fetch(context, wanted, stage)


async def _after_failure(context: Context, wanted: Wanted, attempt: Attempt, made: int) -> Next:
    """A new attempt with a new id, where that may go better and is not one too many."""
    error = attempt.error or AttemptError(None, "it failed")
    if error.final or made >= context.rules.attempts:
        return outcomes.failed(wanted, attempt, error)
    seconds = backoff(max(1, made), context.jitter()) if attempt.sends else 0.0
    context.tell(Retrying(wanted.job, wanted.key, error.message, seconds))
    await Pause(seconds, buying=True)
    return Buy(attempt.number + 1)


async def _past(context: Context, wanted: Wanted) -> tuple[Attempt, ...]:
    history = await Disk("history", lambda: context.store.ledger.history([wanted.key]))
    return history.get(wanted.key, ())


def _stand(context: Context, wanted: Wanted, past: Sequence[Attempt]) -> Stand:
    return stand_of(past, context.whose, wanted.block)


async def _kept(context: Context, wanted: Wanted, past: Sequence[Attempt]) -> JobResult | None:
    """The clip that the lock names, or the ledger where the lock names none, if the store has it."""
    locked = wanted.block.clip if wanted.block else None
    for sha256 in [locked] if locked else _stand(context, wanted, past).clips:
        clip = await clip_at(context, sha256)
        if clip is not None:
            attempt = next((row for row in reversed(past) if row.clip == sha256), None)
            if attempt is not None:
                await keep_in_lock(context, wanted, attempt)
            return outcomes.cached(wanted, sha256, clip, attempt)
    return None


async def _other_than_the_locks(context: Context, wanted: Wanted, past: Sequence[Attempt]) -> JobResult | None:
    """Where the store has a clip of the job and the lock names another: that one while it can be had, else this."""
    for attempt in reversed(past):
        clip = await clip_at(context, attempt.clip) if attempt.clip else None
        if clip is not None and attempt.clip is not None:
            fetched = await fetch_the_locks(context, wanted)
            if fetched is not None:
                return outcomes.fetched(wanted, *fetched)
            await use_the_stores(context, wanted, attempt)
            return outcomes.cached(wanted, attempt.clip, clip, attempt)
    return None


def _first(context: Context, wanted: Wanted, stand: Stand) -> Next:
    """Where to begin."""
    if not context.provider.pays:
        return Buy(stand.number)
    standing = stand.standing
    if standing is Standing.NEW or (standing is Standing.REFUSED and wanted.key in context.rules.retry):
        return Buy(stand.number)
    if standing is Standing.REFUSED and stand.attempt is not None:
        return outcomes.refused(wanted, stand.attempt)
    attempt = stand.attempt or (from_block(context, wanted, stand.block) if stand.block else None)
    assert attempt is not None
    if standing is Standing.HELD:
        return outcomes.held(wanted, attempt, _whose_it_is(attempt))
    if not context.whose.account:
        return outcomes.held(wanted, attempt, "No API key. Set STORYBOARD_API_KEY: this job is under way")
    return _under_way(standing, attempt)


def _under_way(standing: Standing, attempt: Attempt) -> Stage:
    if standing is Standing.INTENT:
        return Seek(attempt)
    state = AttemptState.FINISHED if attempt.state is AttemptState.DONE else attempt.state
    return Follow(replace(attempt, state=state, clip=None))


def _whose_it_is(attempt: Attempt) -> str:
    whose = attempt.whose
    account = f"account {whose.account} at " if whose.account else ""
    state = "of unknown outcome" if attempt.state is AttemptState.INTENT else "bought"
    return f"{state} with {account}{whose.base_url} ({whose.dialect}), and is not looked up with this key"
