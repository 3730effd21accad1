"""One job, from its current state to its clip or to the reason why there is none, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.errors import ExitCode
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.download import fetch, fetch_the_locks, use_the_stores
from storyboard.run.effects import Pause, TakeClaim
from storyboard.run.events import Queued, Retrying
from storyboard.run.policy import backoff
from storyboard.run.poll import poll
from storyboard.run.purchase import Purchase
from storyboard.run.recover import recover
from storyboard.run.result import JobResult
from storyboard.run.stages import Buy, Failed, Fetch, Next, Poll, Reconsider, Recover, Stage
from storyboard.run.submit import buy
from storyboard.store import Attempt, AttemptError
from storyboard.store.job_status import JobStatus, Verdict

CLAIM_INTERVAL = 0.2
"""Seconds between looks at a claim that another build holds."""


MOST_CHANGES = 20
"""How often others may change what is known of a job before this run leaves it to them."""


async def obtain(purchase: Purchase) -> JobResult:
    """Return the job's outcome in this run. Only the holder of its claim sends, polls and writes."""
    past = purchase.run.past.pop(purchase.key, None)
    if past is None:
        past = await purchase.history()
    kept = await _kept(purchase, past)
    if kept is not None:
        return kept
    if purchase.left_out:
        return purchase.skipped("excluded by --only", ExitCode.DONE)
    waited = False
    while not await TakeClaim(purchase.key):
        purchase.leave_turns()  # two builds must not wait for each other: one for a claim, one for its turn
        if purchase.run.halt.asked or purchase.run.rules.no_wait:
            return purchase.elsewhere(ExitCode.INTERRUPTED if purchase.run.halt.asked else ExitCode.RUNNING)
        if not waited:
            purchase.tell(Queued(purchase.job, purchase.key, "another build has this job"))
            waited = True
        await Pause(CLAIM_INTERVAL)
    return await _settle(purchase, Reconsider())


async def _decided(purchase: Purchase) -> Next:
    """Return the stage to begin with, by what is known now."""
    past = await purchase.history()
    kept = await _kept(purchase, past) or await _other_than_the_locks(purchase, past)
    if kept is not None:
        return kept
    stage, record = _first(purchase, purchase.status(past)), purchase.run.shared
    if record is None or not purchase.run.provider.pays:
        return stage
    from storyboard.run.team import by_the_record

    return await by_the_record(purchase, record, stage, past)


async def _settle(purchase: Purchase, stage: Next) -> JobResult:
    made = reconsidered = 0
    while not isinstance(stage, JobResult):
        if not isinstance(stage, Buy | Reconsider):
            purchase.leave_turns()
        if isinstance(stage, Reconsider):
            reconsidered += 1
            if reconsidered > MOST_CHANGES:
                return purchase.elsewhere(ExitCode.RUNNING)
            stage = await _decided(purchase)
        elif isinstance(stage, Failed):
            made += stage.attempt.sends > 0
            stage = await _after_failure(purchase, stage.attempt, made)
        else:
            stage = await _next(purchase, stage)
    return stage


async def _next(purchase: Purchase, stage: Buy | Recover | Poll | Fetch) -> Next:
    """Run one stage."""
    if isinstance(stage, Buy):
        return await buy(purchase, stage)
    if isinstance(stage, Recover):
        return await recover(purchase, stage)
    if isinstance(stage, Poll):
        return await poll(purchase, stage)
    return await fetch(purchase, stage)


async def _after_failure(purchase: Purchase, attempt: Attempt, made: int) -> Next:
    """Make a new attempt with a new id, where the failed one cost nothing, may go better and is not one too many."""
    error = attempt.error or AttemptError(None, "it failed")
    if attempt.billed_failure:
        return purchase.billed_failure(attempt)
    if error.final or made >= purchase.run.rules.attempts:
        return purchase.failed(attempt, error)
    seconds = backoff(max(1, made), purchase.run.jitter()) if attempt.sends else 0.0
    purchase.tell(Retrying(purchase.job, purchase.key, error.message, seconds))
    await Pause(seconds, buying=True)
    return Buy(attempt.number + 1)


async def _kept(purchase: Purchase, past: Sequence[Attempt]) -> JobResult | None:
    """Return the clip that the lock names, or else the ledger, if the store has it."""
    for sha256 in purchase.known_clips(past):
        clip = await purchase.clip_at(sha256)
        if clip is not None:
            attempt = next((row for row in reversed(past) if row.clip == sha256), None)
            if attempt is not None:
                await purchase.keep_in_lock(attempt)
            return purchase.cached(sha256, clip, attempt)
    return None


async def _other_than_the_locks(purchase: Purchase, past: Sequence[Attempt]) -> JobResult | None:
    """Return the clip that the lock names although the store has another of the job, if it can be had; else the
    store's."""
    for attempt in reversed(past):
        clip = await purchase.clip_at(attempt.clip) if attempt.clip else None
        if clip is not None and attempt.clip is not None:
            fetched = await fetch_the_locks(purchase)
            if fetched is not None:
                return purchase.fetched(*fetched)
            await use_the_stores(purchase, attempt)
            return purchase.cached(attempt.clip, clip, attempt)
    return None


def _first(purchase: Purchase, status: JobStatus) -> Next:
    """Return the stage to begin with."""
    if not purchase.run.provider.pays:
        return Buy(status.number)
    verdict = status.verdict
    ended = verdict in (Verdict.FAILED, Verdict.BILLED_FAILURE)
    if verdict is Verdict.BUY or (ended and purchase.key in purchase.run.rules.retry):
        return Buy(status.number)
    if verdict is Verdict.BILLED_FAILURE and status.attempt is not None:
        return purchase.billed_failure(status.attempt)
    if verdict is Verdict.FAILED and status.attempt is not None:
        return purchase.refused(status.attempt)
    attempt = status.attempt or (purchase.attempt_of_block(status.block) if status.block else None)
    assert attempt is not None
    if verdict is Verdict.HELD:
        return purchase.held(attempt, _whose_it_is(attempt))
    if not purchase.run.whose.account:
        return purchase.held(attempt, "No API key. Set STORYBOARD_API_KEY: this job was already sent")
    return _under_way(verdict, attempt)


def _under_way(verdict: Verdict, attempt: Attempt) -> Stage:
    if verdict is Verdict.UNKNOWN:
        return Recover(attempt)
    state = PurchaseState.FINISHED if attempt.state is PurchaseState.DONE else attempt.state
    return Poll(replace(attempt, state=state, clip=None))


def _whose_it_is(attempt: Attempt) -> str:
    whose = attempt.whose
    account = f"account {whose.account} at " if whose.account else ""
    state = "of unknown outcome" if attempt.state is PurchaseState.INTENT else "bought"
    return f"{state} with {account}{whose.base_url} ({whose.dialect}), so it is not looked up with this key"
