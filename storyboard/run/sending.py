"""Step 4: the submit, and what each answer to it means for the intent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from storyboard.errors import ExitCode, StoryboardError
from storyboard.providers.answers import Denied, Limited, NotFound, NotSent, Rendered, SubmitAnswer, Task, Unclear
from storyboard.providers.calls import LocalCall
from storyboard.providers.protocol import Order
from storyboard.run import outcomes
from storyboard.run.asking import SEVERAL, deny, look
from storyboard.run.context import Context, Sighting, Wanted
from storyboard.run.effects import Ask, Disk, Make, Pause, Turn
from storyboard.run.events import Notice, Queued, Rendering, Retrying
from storyboard.run.pace import backoff
from storyboard.run.records import keep, new_attempt, record, reserve, withdraw
from storyboard.run.result import JobResult
from storyboard.run.stages import Buy, Follow, Next, Seek
from storyboard.run.turns import Step
from storyboard.store import Attempt, AttemptState
from storyboard.store.gateway_traits import Lookup

REACHES = 6
"""So often the gateway is tried to be reached before the run gives up buying."""

INSISTENT = 600.0
"""Seconds for which a task that cannot be written down is tried to be."""

NothingCreated: TypeAlias = Denied | Limited | NotSent


async def buy(context: Context, wanted: Wanted, stage: Buy) -> Next:
    """Makes one attempt: looks whether another machine has made it, writes the intent, sends."""
    attempt = new_attempt(context, wanted, stage.number)
    if (stopped := outcomes.not_bought(context, wanted)) is not None:
        return await _found_elsewhere(context, wanted, attempt) or stopped
    if not context.provider.pays:
        return await make(context, wanted, attempt)
    seen = await _look_before(context, wanted, attempt, stage)
    if seen is not None:
        return seen
    if attempt.number <= wanted.last:
        return Buy(attempt.number + 1)
    await _in_turn(context, wanted, Step.RESERVED)
    attempt = replace(attempt, sends=1, reserved=await price(context, wanted), opened_at=context.clock.now())
    reached = await reserve(context, wanted, attempt)
    if reached is not None:
        return outcomes.capped(wanted, reached)
    await _in_turn(context, wanted, Step.SENT)
    if (stopped := outcomes.not_bought(context, wanted)) is not None:
        await withdraw(context, wanted, attempt)
        return stopped
    answer = await submit(context, wanted, attempt)
    if isinstance(answer, Denied | Limited | NotSent):
        await withdraw(context, wanted, attempt)
        return await _not_created(context, wanted, stage, answer)
    return await answered(context, wanted, attempt, answer)


async def submit(context: Context, wanted: Wanted, attempt: Attempt) -> SubmitAnswer:
    """Sends once. From the moment it is answered, or is not, the wait for this id is counted."""
    job, provider = wanted.job, context.provider
    context.tell(Queued(job, wanted.key))
    call = provider.submit(_order(context, wanted, attempt))
    assert not isinstance(call, LocalCall)
    context.turns.leave(wanted.key)
    answer = provider.read_submit(await Ask(call))
    assert not isinstance(answer, Rendered)
    context.sightings[wanted.key] = Sighting(attempt.sends, context.clock.monotonic())
    return answer


def _order(context: Context, wanted: Wanted, attempt: Attempt) -> Order:
    """What the provider is asked for; the story's own callback address goes before the one given for all."""
    job, callback = wanted.job, context.rules.callback_url
    if (callback or job.transport) and not context.provider.calls_back:
        context.say_once(f"{context.provider.dialect} takes no callback address: none is sent, and tasks are polled")
    return Order(attempt.external_id, job.request, job.written, job.transport, callback)


async def answered(context: Context, wanted: Wanted, attempt: Attempt, answer: SubmitAnswer) -> Next:
    """Goes on from an answer by which something may have been created."""
    assert not isinstance(answer, Denied | Limited | NotSent)
    if not isinstance(answer, Task):
        return Seek(attempt, answer)
    context.gate.went_well()
    return Follow(await accepted(context, wanted, attempt, answer), answer, fresh=True)


async def accepted(context: Context, wanted: Wanted, attempt: Attempt, task: Task) -> Attempt:
    """Writes down the task that an attempt has become."""
    context.tell(Rendering(wanted.job, wanted.key))
    submitted = attempt.submitted_at or context.clock.now()
    known = replace(attempt, state=AttemptState.SUBMITTED, task=task.id or attempt.task, submitted_at=submitted)
    try:
        return await record(context, wanted, known)
    except StoryboardError as trouble:
        return await _insist(context, wanted, known, trouble)


async def _insist(context: Context, wanted: Wanted, known: Attempt, trouble: StoryboardError) -> Attempt:
    """A disk is full or away: what was heard stays in memory and is written as soon as that can be. Meanwhile nothing
    more is bought."""
    words = f"{wanted.job.id} is task {known.task}, which cannot be written down now"
    way_out = f"if this run ends before it can be: storyboard resolve … --adopt {known.task}"
    context.tell(Notice(f"{words}; {way_out}", wanted.job))
    context.stop(trouble.message, trouble.exit_code)
    ends_at, tries = context.clock.monotonic() + INSISTENT, 0
    while not context.halt.asked and context.clock.monotonic() < ends_at:
        tries += 1
        seconds = backoff(tries, context.jitter(), 10.0)
        context.tell(Retrying(wanted.job, wanted.key, trouble.message, seconds))
        await Pause(seconds, buying=True)
        try:
            written = await record(context, wanted, known)
        except StoryboardError as again:
            trouble = again
        else:
            context.tell(Notice(f"{wanted.job.id} is written down now", wanted.job))
            return written
    raise trouble


async def price(context: Context, wanted: Wanted) -> Decimal | None:
    """What is reserved: the higher of the estimate and what such a job has cost before, in US dollars."""
    if wanted.rate not in context.dearest:
        seen = await Disk("dearest", lambda: context.store.ledger.dearest(wanted.rate))
        context.dearest.setdefault(wanted.rate, seen)
    dearest = context.dearest[wanted.rate]
    before = None if dearest is None else dearest * wanted.job.seconds
    known = [each for each in (wanted.price, before) if each is not None]
    return max(known, default=None)


async def make(context: Context, wanted: Wanted, attempt: Attempt) -> JobResult:
    """A provider of this machine: what it renders is there at once."""
    context.tell(Rendering(wanted.job, wanted.key))
    call = context.provider.submit(Order(attempt.external_id, wanted.job.request, wanted.job.written))
    assert isinstance(call, LocalCall)
    target = context.store.clips.scratch(attempt.external_id)
    answer = context.provider.read_submit(await Make(call, target))
    assert isinstance(answer, Rendered)
    for notice in answer.notices:
        if notice.of_machine:
            context.say_once(notice.message)
        else:
            context.tell(Notice(notice.message, wanted.job))
    sha256, clip = await keep(context, answer.clip)
    made = replace(attempt, state=AttemptState.DONE, clip=sha256, ended_at=context.clock.now(), charged=Decimal(0))
    await record(context, wanted, made)
    return outcomes.built(context, wanted, made, clip)


async def _in_turn(context: Context, wanted: Wanted, step: Step) -> None:
    """Once all that come earlier in the story have done so."""
    while not context.turns.may(wanted.key, step):
        await Turn(wanted.key, step)


async def _found_elsewhere(context: Context, wanted: Wanted, attempt: Attempt) -> Next | None:
    """Where nothing may be bought, what another machine has bought is adopted all the same. A gateway that cannot be
    asked is not asked again."""
    barred = context.halt.asked or (context.stopped is not None and not context.rebuilding)
    if barred or context.blind or context.known.lookup is Lookup.ABSENT or not context.whose.account:
        return None
    answer = await look(context, wanted, attempt)
    if isinstance(answer, Task):
        return await _adopted(context, wanted, attempt, answer)
    context.blind = not isinstance(answer, NotFound)
    return None


async def _adopted(context: Context, wanted: Wanted, attempt: Attempt, task: Task) -> Follow:
    """Another machine's task, which this run neither sent nor pays."""
    known = replace(attempt, reserved=await price(context, wanted), run="")
    return Follow(await accepted(context, wanted, known, task), task)


async def _look_before(context: Context, wanted: Wanted, attempt: Attempt, stage: Buy) -> Next | None:
    """Looks once before the first send of an id: another machine may have bought it. None: it may be sent.

    A gateway that does not let this key look is asked to take the job all the same, and will say why not.
    """
    if context.known.lookup is Lookup.ABSENT:
        return None
    answer = await look(context, wanted, attempt)
    if isinstance(answer, Task):
        return await _adopted(context, wanted, attempt, answer)
    if isinstance(answer, Limited | NotSent) or (isinstance(answer, Denied) and answer.what == "key"):
        return await _not_created(context, wanted, stage, answer)
    if isinstance(answer, Unclear) and (context.known.lookup is Lookup.SEEN or stage.tries < SEVERAL):
        return await _not_created(context, wanted, stage, NotSent(answer.message))
    return None


async def _not_created(context: Context, wanted: Wanted, stage: Buy, answer: NothingCreated) -> Next:
    """Nothing can have been created: later, or not in this run."""
    if isinstance(answer, Denied):
        deny(context, answer)
    elif isinstance(answer, NotSent) and stage.tries + 1 >= REACHES:
        context.stop(f"the gateway cannot be reached: {answer.message}", ExitCode.JOB_FAILED)
    elif isinstance(answer, Limited) and stage.waited > context.rules.task_life:
        context.stop(f"the gateway keeps saying that it is too much: {answer.message}", ExitCode.JOB_FAILED)
    if context.stopped is not None:
        return outcomes.skipped(wanted, context.stopped.reason, context.stopped.blame)
    return await _later(context, wanted, stage, answer)


async def _later(context: Context, wanted: Wanted, stage: Buy, answer: Limited | NotSent | Denied) -> Buy:
    seconds = backoff(stage.tries + 1, context.jitter())
    if isinstance(answer, Limited):
        context.gate.lower(context.clock.monotonic())
        seconds = max(seconds, answer.after or 0.0)
    context.tell(Retrying(wanted.job, wanted.key, answer.message, seconds))
    context.turns.leave(wanted.key)
    await Pause(seconds, buying=True)
    return replace(stage, tries=stage.tries + isinstance(answer, NotSent), waited=stage.waited + seconds)
