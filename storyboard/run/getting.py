"""One job, from where it stands to its clip or to why there is none: stage after stage."""

from __future__ import annotations

from dataclasses import replace

from storyboard.errors import ExitCode
from storyboard.run import outcomes
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Claim, Disk, Pause
from storyboard.run.events import Queued, Retrying
from storyboard.run.fetching import fetch
from storyboard.run.following import follow
from storyboard.run.pace import backoff
from storyboard.run.records import from_block, keep_in_lock
from storyboard.run.result import JobResult
from storyboard.run.seeking import seek
from storyboard.run.sending import buy
from storyboard.run.stages import Buy, Failed, Fetch, Follow, Next, Seek, Stage
from storyboard.store import Attempt, AttemptError, AttemptState
from storyboard.store.standing import Stand, Standing, stand_of

CLAIM_INTERVAL = 0.2
"""Seconds between looks at a claim that another build holds."""


async def get(context: Context, wanted: Wanted) -> JobResult:
    """The job's outcome in this run. Only who holds its claim sends, asks and writes."""
    stand = await _stand(context, wanted)
    kept = await _kept(context, wanted, stand)
    if kept is not None:
        return kept
    waited = False
    while not await Claim(wanted.key):
        context.turns.leave(wanted.key)
        if context.halt.asked or context.rules.no_wait:
            return outcomes.elsewhere(wanted, ExitCode.INTERRUPTED if context.halt.asked else ExitCode.RUNNING)
        if not waited:
            context.tell(Queued(wanted.job, wanted.key, "another build is making it"))
            waited = True
        await Pause(CLAIM_INTERVAL)
    stand = await _stand(context, wanted)
    return await _kept(context, wanted, stand) or await _settle(context, wanted, _first(context, wanted, stand))


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
    await Pause(seconds)
    return Buy(attempt.number + 1)


async def _stand(context: Context, wanted: Wanted) -> Stand:
    history = await Disk("history", lambda: context.store.ledger.history([wanted.key]))
    return stand_of(history.get(wanted.key, ()), context.whose, wanted.block)


async def _kept(context: Context, wanted: Wanted, stand: Stand) -> JobResult | None:
    """The clip that the ledger or the lock names, where the store has it."""
    for sha256 in stand.clips:
        clip = await Disk("clip", lambda name=sha256: context.store.clips.path(name))  # type: ignore[misc]
        if clip is not None:
            attempt = stand.attempt if stand.attempt and stand.attempt.clip == sha256 else None
            if attempt is not None:
                await keep_in_lock(context, wanted, attempt)
            return outcomes.cached(wanted, sha256, clip, attempt)
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
