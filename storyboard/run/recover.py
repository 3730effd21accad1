"""Step 3 of a purchase: an intent without an answer is looked up until the wait is over, and never counted as a
failure."""

from __future__ import annotations

from decimal import Decimal

from storyboard.errors import ExitCode
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.answers import (
    Denied,
    Exists,
    Limited,
    NotFound,
    NotSent,
    Refused,
    Task,
    TaskAnswer,
    Unclear,
)
from storyboard.run.effects import (
    Pause,
)
from storyboard.run.events import Retrying
from storyboard.run.policy import MOST_BELIEVED, SEVERAL, AfterWait, after_wait, backoff, next_look
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.run_state import Sighting
from storyboard.run.shared_record import NotNow
from storyboard.run.stages import FORGOTTEN, Failed, Next, Poll, Reconsider, Recover
from storyboard.run.submit import accepted, answered, not_reserved, price, submit, wait_for_account
from storyboard.store import Attempt, AttemptError


async def recover(purchase: Purchase, stage: Recover) -> Next:
    """Find out what became of an id that may have been sent; send it again only if that cannot pay twice."""
    found = await _recovered(purchase, stage)
    if isinstance(found, JobResult):
        await purchase.leave(stage.attempt)
    return found


async def _recovered(purchase: Purchase, stage: Recover) -> Next:
    answer = await look_through_wait(purchase, stage)
    if isinstance(answer, Task):
        return await _found(purchase, stage, answer)
    if isinstance(answer, Denied):
        purchase.run.deny(answer)
        return purchase.unknown(stage.attempt, "it cannot be looked up with this key", ExitCode.ACCESS)
    if not isinstance(answer, NotFound):
        return purchase.unknown(stage.attempt, f"it could not be looked up: {answer.message}")
    return await _not_found(purchase, stage)


async def _not_found(purchase: Purchase, stage: Recover) -> Next:
    """Decide after the last look-up of the wait found nothing."""
    attempt, cause = stage.attempt, stage.cause
    if not stage.alone and not purchase.run.rules.unique_ids:
        return purchase.unknown(attempt, cause.message)
    verdict = _verdict(purchase, stage)
    if verdict is AfterWait.BELIEVE and isinstance(cause, Refused):
        return await _believe(purchase, attempt, cause)
    if (
        verdict is not AfterWait.RESEND
        or attempt.sends > purchase.run.rules.attempts
        or stage.tries > purchase.run.rules.attempts
    ):
        return purchase.unknown(attempt, f"the gateway never answered ({cause.message})")
    if (stopped := purchase.not_allowed()) is not None:
        return replace(stopped, reason=f"it never arrived, and is not sent again: {stopped.reason}")
    return await _resend(purchase, stage)


async def _resend(purchase: Purchase, stage: Recover) -> Next:
    """Send again with the same id, under this run's caps."""
    attempt = replace(stage.attempt, sends=stage.attempt.sends + 1, run=purchase.run.id)
    if not attempt.version:
        attempt = replace(attempt, reserved=await price(purchase))
    reserved = await purchase.reserve(attempt)
    if isinstance(reserved, NotNow):
        await wait_for_account(purchase, reserved)
        return stage
    if not isinstance(reserved, Attempt):
        return not_reserved(purchase, stage.attempt, reserved)
    attempt = reserved
    answer = await submit(purchase, attempt)
    if isinstance(answer, Denied):
        purchase.run.deny(answer)
        return purchase.unknown(attempt, "an earlier submit of it was never answered", ExitCode.ACCESS)
    if isinstance(answer, Limited | NotSent):
        after = answer.after if isinstance(answer, Limited) else None
        await Pause(max(after or 0.0, backoff(stage.tries + 1, purchase.run.jitter())), buying=True)
        return replace(stage, attempt=attempt, cause=FORGOTTEN, tries=stage.tries + 1)
    return await answered(purchase, attempt, answer)


async def look_through_wait(purchase: Purchase, stage: Recover) -> TaskAnswer:
    """Return the first conclusive answer: the task, a refusal to look, or "not found" after the wait."""
    attempt, recent = stage.attempt, _is_recent(purchase, stage)
    since = _since(purchase, attempt)
    missed, troubles, others = False, 0, 0
    while True:
        elapsed = purchase.clock.monotonic() - since
        answer = await purchase.look_up(attempt)
        if isinstance(answer, Task) and await purchase.is_another_jobs(answer):
            others += 1
            answer = Unclear(f"the reply names task {answer.id}, which belongs to another job")
        if isinstance(answer, Task) and missed:
            await purchase.learn_delay(purchase.elapsed_since(since))
        if isinstance(answer, Task | Denied):
            return answer
        if isinstance(answer, NotFound):
            missed, troubles = True, 0
            wait = purchase.traits.wait(purchase.run.rules.wait)
            pause = next_look(elapsed, wait) if recent or _may_be_settled(purchase, stage) else None
        else:
            troubles += 1
            over = elapsed > purchase.run.rules.task_life or others > SEVERAL
            pause = None if over else _pause(purchase, answer, troubles)
            if pause is not None:
                purchase.tell(Retrying(purchase.job, purchase.key, answer.message, pause))
        if pause is None:
            return answer
        await Pause(pause)


def _is_recent(purchase: Purchase, stage: Recover) -> bool:
    """Whether the task may only now begin to show: it was sent in this run, or not long ago, or nobody knows when."""
    attempt = stage.attempt
    age = purchase.clock.now() - attempt.opened_at
    return (
        purchase.key in purchase.run.sightings
        or not (attempt.sends and attempt.opened_at)
        or age < 2 * purchase.traits.wait(purchase.run.rules.wait)
    )


def _may_be_settled(purchase: Purchase, stage: Recover) -> bool:
    """Whether "not found" after the wait would settle anything; else waiting for it only costs time."""
    return _verdict(purchase, stage) is not AfterWait.UNKNOWN


def _verdict(purchase: Purchase, stage: Recover) -> AfterWait:
    """What to do where the look after the wait finds nothing; the user's word about ids counts beside others."""
    rules, traits = purchase.run.rules, purchase.traits
    if not stage.alone:
        traits = replace(traits, unique_ids=traits.unique_ids or rules.unique_ids)
    return after_wait(stage.cause, stage.attempt, traits, purchase.clock.now(), rules.resend)


def _pause(purchase: Purchase, answer: TaskAnswer, troubles: int) -> float:
    after = answer.after if isinstance(answer, Limited) else None
    return max(min(after or 0.0, MOST_BELIEVED), backoff(troubles, purchase.run.jitter()))


def _since(purchase: Purchase, attempt: Attempt) -> float:
    """Return when the wait began: at the end of the sending connection, or at the first look here at another's."""
    sighting = purchase.run.sightings.get(purchase.key)
    if sighting is None or sighting.sends != attempt.sends:
        sighting = Sighting(attempt.sends, purchase.clock.monotonic())
        purchase.run.sightings[purchase.key] = sighting
    return sighting.since


async def _found(purchase: Purchase, stage: Recover, task: Task) -> Next:
    """Adopt the task. If its id was refused and is there, the gateway does not accept an id twice."""
    if isinstance(stage.cause, Refused | Exists):
        await purchase.run.learn(unique_ids=True)
    return Poll(await accepted(purchase, stage.attempt, task), task)


async def _believe(purchase: Purchase, attempt: Attempt, cause: Refused) -> Next:
    """Believe that the refused request created nothing: its price is free again."""
    error = AttemptError(cause.code, cause.message, final=not cause.passing)
    ended = replace(
        attempt, state=PurchaseState.FAILED, error=error, reserved=Decimal(0), ended_at=purchase.clock.now()
    )
    now = await purchase.settle(ended)
    return Failed(now) if now.state is PurchaseState.FAILED else Reconsider()
