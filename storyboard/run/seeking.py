"""Step 3: an intent without an answer. It is looked up through the wait; never skipped, never taken for a failure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from storyboard.errors import ExitCode
from storyboard.providers.answers import Denied, Exists, Limited, NotFound, NotSent, Refused, Task, TaskAnswer
from storyboard.run import outcomes
from storyboard.run.asking import deny, look
from storyboard.run.context import Context, Sighting, Wanted
from storyboard.run.effects import Pause
from storyboard.run.judge import Verdict, after_wait, next_look
from storyboard.run.pace import backoff
from storyboard.run.records import record, reserve, say_unknown
from storyboard.run.result import JobResult
from storyboard.run.sending import accepted, answered, submit
from storyboard.run.stages import FORGOTTEN, Failed, Follow, Next, Seek
from storyboard.store import Attempt, AttemptError, AttemptState


async def seek(context: Context, wanted: Wanted, stage: Seek) -> Next:
    """Finds out what became of an id that may have been sent; sends it again only where that cannot pay twice."""
    answer = await _look_through_wait(context, wanted, stage)
    if isinstance(answer, Task):
        return await _found(context, wanted, stage, answer)
    if isinstance(answer, Denied):
        deny(context, answer)
        return outcomes.unknown(wanted, stage.attempt, "it cannot be looked up with this key", ExitCode.ACCESS)
    if not isinstance(answer, NotFound):
        return await _unknown(context, wanted, stage.attempt, f"the gateway does not answer: {answer.message}")
    return await _not_found(context, wanted, stage)


async def _not_found(context: Context, wanted: Wanted, stage: Seek) -> Next:
    """The look after the wait found nothing."""
    attempt, cause = stage.attempt, stage.cause
    verdict = after_wait(cause, attempt, context.known, context.clock.now(), context.rules.resend)
    if verdict is Verdict.BELIEVE and isinstance(cause, Refused):
        return await _believe(context, wanted, attempt, cause)
    if verdict is not Verdict.RESEND or attempt.sends > context.rules.attempts or stage.tries > context.rules.attempts:
        return await _unknown(context, wanted, attempt, f"the gateway never answered ({cause.message})")
    if (stopped := outcomes.not_bought(context, wanted)) is not None:
        return replace(stopped, reason=f"it never arrived, and is not sent again: {stopped.reason}")
    return await _resend(context, wanted, stage)


async def _resend(context: Context, wanted: Wanted, stage: Seek) -> Next:
    """With the same id, under this run's caps."""
    attempt = replace(stage.attempt, sends=stage.attempt.sends + 1, run=context.run)
    reached = await reserve(context, wanted, attempt)
    if reached is not None:
        return outcomes.capped(wanted, reached)
    answer = await submit(context, wanted, attempt)
    if isinstance(answer, Denied):
        deny(context, answer)
        return outcomes.unknown(wanted, attempt, "an earlier send of it was never answered", ExitCode.ACCESS)
    if isinstance(answer, Limited | NotSent):
        after = answer.after if isinstance(answer, Limited) else None
        await Pause(max(after or 0.0, backoff(stage.tries + 1, context.jitter())), buying=True)
        return Seek(attempt, FORGOTTEN, stage.tries + 1)
    return await answered(context, wanted, attempt, answer)


async def _look_through_wait(context: Context, wanted: Wanted, stage: Seek) -> TaskAnswer:
    """The first answer that says something: the task, a bar, or the "not found" of the look after the wait."""
    attempt, recent = stage.attempt, _is_recent(context, wanted, stage)
    since = _since(context, wanted, attempt)
    missed, troubles = False, 0
    while True:
        elapsed = context.clock.monotonic() - since
        answer = await look(context, wanted, attempt)
        if isinstance(answer, Task) and missed:
            await context.learn(longest=max(context.known.longest, context.clock.monotonic() - since))
        if isinstance(answer, Task | Denied):
            return answer
        if isinstance(answer, NotFound):
            missed, troubles = True, 0
            wait = context.known.wait(context.rules.wait)
            pause = next_look(elapsed, wait) if recent or _may_be_settled(context, stage) else None
        else:
            troubles += 1
            pause = None if elapsed > context.rules.task_life else _pause(context, answer, troubles)
        if pause is None:
            return answer
        await Pause(pause)


def _is_recent(context: Context, wanted: Wanted, stage: Seek) -> bool:
    """Whether the task may only now begin to show: it was sent in this run, or not long ago, or nobody knows when."""
    attempt = stage.attempt
    age = context.clock.now() - attempt.opened_at
    return wanted.key in context.sightings or not attempt.sends or age < 2 * context.known.wait(context.rules.wait)


def _may_be_settled(context: Context, stage: Seek) -> bool:
    """Whether "not found" after the wait would settle anything; else waiting for it only costs time."""
    verdict = after_wait(stage.cause, stage.attempt, context.known, context.clock.now(), context.rules.resend)
    return verdict is not Verdict.UNKNOWN


def _pause(context: Context, answer: TaskAnswer, troubles: int) -> float:
    after = answer.after if isinstance(answer, Limited) else None
    return max(after or 0.0, backoff(troubles, context.jitter()))


def _since(context: Context, wanted: Wanted, attempt: Attempt) -> float:
    """From when the wait counts: the sending connection's end, or this process's first look at another's."""
    sighting = context.sightings.get(wanted.key)
    if sighting is None or sighting.sends != attempt.sends:
        sighting = Sighting(attempt.sends, context.clock.monotonic())
        context.sightings[wanted.key] = sighting
    return sighting.since


async def _found(context: Context, wanted: Wanted, stage: Seek, task: Task) -> Next:
    """Adopts it. An id that was refused and is there has shown that the gateway takes none twice."""
    if isinstance(stage.cause, Refused | Exists):
        await context.learn(unique_ids=True)
    return Follow(await accepted(context, wanted, stage.attempt, task), task)


async def _believe(context: Context, wanted: Wanted, attempt: Attempt, cause: Refused) -> Next:
    """It was refused and nothing was made: its price is free again."""
    error = AttemptError(cause.code, cause.message, final=not cause.passing)
    ended = replace(attempt, state=AttemptState.FAILED, error=error, reserved=Decimal(0), ended_at=context.clock.now())
    return Failed(await record(context, wanted, ended))


async def _unknown(context: Context, wanted: Wanted, attempt: Attempt, why: str) -> JobResult:
    if attempt.sends:
        await say_unknown(context, wanted, attempt)
    return outcomes.unknown(wanted, attempt, why)
