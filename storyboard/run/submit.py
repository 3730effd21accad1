"""Step 4 of a purchase: the submit, and what each answer to it means for the intent."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TypeAlias

from storyboard.errors import ExitCode, StoryboardError
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.answers import (
    Denied,
    Limited,
    NotFound,
    NotSent,
    Rendered,
    SubmitAnswer,
    Task,
    Unclear,
)
from storyboard.providers.calls import LocalCall
from storyboard.providers.protocol import Order
from storyboard.run.admission import TurnStep
from storyboard.run.effects import (
    Disk,
    Make,
    Pause,
)
from storyboard.run.events import Notice, Queued, Rendering, Retrying
from storyboard.run.policy import MOST_BELIEVED, SEVERAL, backoff
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.run_state import Sighting
from storyboard.run.shared_record import NotNow
from storyboard.run.stages import Buy, Next, Poll, Reconsider, Recover
from storyboard.store import Attempt, CapReached
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.gateway_traits import Lookup

REACHES = 6
"""Number of connection attempts before the run stops buying."""

INSISTENT = 600.0
"""Seconds for which a task that cannot be written down is tried to be."""

NothingCreated: TypeAlias = Denied | Limited | NotSent


async def buy(purchase: Purchase, stage: Buy) -> Next:
    """Make one attempt: look whether another machine has made it, write the intent, and send."""
    attempt = purchase.new_attempt(stage.number)
    if (stopped := purchase.not_allowed()) is not None:
        return await _found_elsewhere(purchase, attempt) or stopped
    if not purchase.run.provider.pays:
        return await make(purchase, attempt)
    shared = purchase.run.gate.backoff
    seconds = shared.seconds(purchase.clock.monotonic(), purchase.key)
    if seconds > 0:
        return await _later(purchase, stage, seconds)
    try:
        return await _attempted(purchase, stage, attempt)
    finally:
        shared.gave_up(purchase.key)  # however it went: else the others would wait for a probe that is over


async def _attempted(purchase: Purchase, stage: Buy, attempt: Attempt) -> Next:
    """Look, write the intent, and send, now that it is this job's turn."""
    if not stage.looked:
        seen = await _look_before(purchase, attempt, stage)
        if seen is not None:
            return seen
    if (stopped := purchase.not_allowed()) is not None:
        return stopped
    if attempt.number <= purchase.last:
        return Buy(attempt.number + 1)
    await purchase.turn(TurnStep.RESERVED)
    attempt = replace(attempt, sends=1, reserved=await price(purchase), opened_at=purchase.clock.now())
    reserved = await purchase.reserve(attempt)
    if isinstance(reserved, NotNow):
        await wait_for_account(purchase, reserved)
        return replace(stage, looked=True)
    if not isinstance(reserved, Attempt):
        return not_reserved(purchase, replace(attempt, sends=0), reserved)
    attempt = reserved
    await purchase.turn(TurnStep.SENT)
    if (stopped := purchase.not_allowed()) is not None:
        await purchase.withdraw(attempt)
        return stopped
    answer = await submit(purchase, attempt)
    if isinstance(answer, Denied | Limited | NotSent):
        if not await purchase.withdraw(attempt):
            return Reconsider()
        looked = purchase.traits.lookup is not Lookup.ABSENT
        return await _not_created(purchase, replace(stage, looked=looked), answer)
    return await answered(purchase, attempt, answer)


def not_reserved(purchase: Purchase, attempt: Attempt, why: CapReached | HistoryChanged | SendersAlive) -> Next:
    """Send nothing: decide again, or give up in this run."""
    if isinstance(why, HistoryChanged):
        return Reconsider()
    if isinstance(why, CapReached):
        return purchase.capped(why)
    return purchase.unknown(attempt, f"{', '.join(why.senders)} may still send it")


async def wait_for_account(purchase: Purchase, barred: NotNow) -> None:
    """Let others go first while the account may not send."""
    purchase.leave_turns()
    purchase.tell(Queued(purchase.job, purchase.key, barred.reason))
    await Pause(barred.seconds, buying=True)


async def submit(purchase: Purchase, attempt: Attempt) -> SubmitAnswer:
    """Send once. The wait for this id begins when the request is answered, or when it is not."""
    job, provider = purchase.job, purchase.run.provider
    purchase.tell(Queued(job, purchase.key))
    call = provider.submit(_order(purchase, attempt))
    assert not isinstance(call, LocalCall)
    purchase.leave_turns()
    record = purchase.run.shared
    may_send = None if record is None else partial(record.may_send, purchase.key)
    answer = provider.read_submit(await purchase.send(call, may_send))
    assert not isinstance(answer, Rendered)
    purchase.run.sightings[purchase.key] = Sighting(attempt.sends, purchase.clock.monotonic())
    return answer


def _order(purchase: Purchase, attempt: Attempt) -> Order:
    """Return the provider's order; the story's own callback address takes precedence over the one given for all."""
    job, callback = purchase.job, purchase.run.rules.callback_url
    if (callback or job.transport) and not purchase.run.provider.calls_back:
        purchase.run.say_once(
            f"{purchase.run.provider.dialect} does not accept a callback address: none is sent, and tasks are polled"
        )
    return Order(attempt.external_id, job.request, job.written, job.transport, callback)


async def answered(purchase: Purchase, attempt: Attempt, answer: SubmitAnswer) -> Next:
    """Continue after an answer that may have created something."""
    assert not isinstance(answer, Denied | Limited | NotSent)
    purchase.run.gate.backoff.answered()
    if not isinstance(answer, Task):
        return Recover(attempt, answer)
    if await purchase.is_another_jobs(answer):
        return Recover(attempt, Unclear(f"the reply named task {answer.id}, which belongs to another job"))
    purchase.run.gate.went_well()
    return Poll(await accepted(purchase, attempt, answer), answer, fresh=True)


async def accepted(purchase: Purchase, attempt: Attempt, task: Task) -> Attempt:
    """Write down the task that an attempt has become."""
    if task.id is not None:
        purchase.run.own_tasks[task.id] = purchase.key
    purchase.tell(Rendering(purchase.job, purchase.key))
    submitted = attempt.submitted_at or purchase.clock.now()
    known = replace(attempt, state=PurchaseState.SUBMITTED, task=task.id or attempt.task, submitted_at=submitted)
    try:
        return await _heard(purchase, known)
    except StoryboardError as trouble:
        return await _insist(purchase, known, trouble)


async def _heard(purchase: Purchase, known: Attempt) -> Attempt:
    """Return the attempt as it is polled now: if others have brought it further, its clip is still fetched here."""
    now = await purchase.hear(known)
    polled = (PurchaseState.SUBMITTED, PurchaseState.FINISHED)
    return now if now.state in polled else replace(now, state=PurchaseState.SUBMITTED, clip=None)


async def _insist(purchase: Purchase, known: Attempt, trouble: StoryboardError) -> Attempt:
    """Keep what was heard in memory while the disk is full or unavailable, and write it as soon as possible. Nothing
    more is bought in the meantime."""
    words = f"{purchase.job.id} is task {known.task}, which cannot be recorded now"
    way_out = f"if this run ends before it can be: storyboard resolve … --adopt {known.task}"
    purchase.tell(Notice(f"{words}; {way_out}", purchase.job))
    purchase.run.stop(trouble.in_words, trouble.exit_code)
    ends_at, tries = purchase.clock.monotonic() + INSISTENT, 0
    while not purchase.run.halt.asked and purchase.clock.monotonic() < ends_at:
        tries += 1
        seconds = backoff(tries, purchase.run.jitter(), 10.0)
        purchase.tell(Retrying(purchase.job, purchase.key, trouble.message, seconds))
        await Pause(seconds, buying=True)
        try:
            written = await _heard(purchase, known)
        except StoryboardError as again:
            trouble = again
        else:
            purchase.tell(Notice(f"{purchase.job.id} is recorded now", purchase.job))
            return written
    raise trouble


async def price(purchase: Purchase) -> Decimal | None:
    """Return what is reserved, in US dollars: the higher of the estimate and what such a job has cost before."""
    if purchase.price_class not in purchase.run.dearest:
        seen = await Disk("dearest", lambda: purchase.run.store.ledger.dearest(purchase.price_class))
        purchase.run.dearest.setdefault(purchase.price_class, seen)
    dearest = purchase.run.dearest[purchase.price_class]
    before = None if dearest is None else dearest * purchase.job.seconds
    known = [each for each in (purchase.price, before) if each is not None]
    return max(known, default=None)


async def make(purchase: Purchase, attempt: Attempt) -> JobResult:
    """Render with a provider of this machine: the clip is there at once."""
    purchase.tell(Rendering(purchase.job, purchase.key))
    call = purchase.run.provider.submit(Order(attempt.external_id, purchase.job.request, purchase.job.written))
    assert isinstance(call, LocalCall)
    target = purchase.run.store.clips.scratch(attempt.external_id)
    answer = purchase.run.provider.read_submit(await Make(call, target))
    assert isinstance(answer, Rendered)
    for notice in answer.notices:
        if notice.of_machine:
            purchase.run.say_once(notice.message)
        else:
            purchase.tell(Notice(notice.message, purchase.job))
    sha256, clip = await purchase.keep(answer.clip)
    made = replace(attempt, state=PurchaseState.DONE, clip=sha256, ended_at=purchase.clock.now(), charged=Decimal(0))
    await purchase.settle(made)
    return purchase.built(made, clip)


async def _found_elsewhere(purchase: Purchase, attempt: Attempt) -> Next | None:
    """Adopt what another machine has bought, even if nothing may be bought. A gateway that cannot be reached is not
    asked again."""
    barred = purchase.run.halt.asked or (purchase.run.stopped is not None and not purchase.run.rebuilding)
    if barred or purchase.run.blind or purchase.traits.lookup is Lookup.ABSENT or not purchase.run.whose.account:
        return None
    answer = await purchase.look_up(attempt)
    if isinstance(answer, Task) and not await purchase.is_another_jobs(answer):
        return await adopted(purchase, attempt, answer)
    purchase.run.blind = not isinstance(answer, NotFound)
    return None


async def adopted(purchase: Purchase, attempt: Attempt, task: Task) -> Poll:
    """Continue with another machine's task, which this run neither sent nor pays for."""
    known = replace(attempt, reserved=await price(purchase), run="")
    return Poll(await accepted(purchase, known, task), task)


async def _look_before(purchase: Purchase, attempt: Attempt, stage: Buy) -> Next | None:
    """Look once before the first send of an id, because another machine may have bought it; None means that it may be
    sent.

    A gateway that does not let this key look is asked to take the job nevertheless, and will say why not.
    """
    if purchase.traits.lookup is Lookup.ABSENT:
        return None
    answer = await purchase.look_up(attempt)
    if isinstance(answer, Task) and await purchase.is_another_jobs(answer):
        answer = Unclear(f"the reply names task {answer.id}, which belongs to another job")
    if isinstance(answer, Task):
        return await adopted(purchase, attempt, answer)
    if purchase.run.stopped is not None:
        return purchase.skipped(purchase.run.stopped.reason, purchase.run.stopped.blame)
    if isinstance(answer, Limited | NotSent) or (isinstance(answer, Denied) and answer.what == "key"):
        return await _not_created(purchase, stage, answer)
    if isinstance(answer, Unclear) and (purchase.traits.lookup is Lookup.SEEN or stage.tries < SEVERAL):
        return await _not_created(purchase, stage, NotSent(answer.message))
    return None


async def _not_created(purchase: Purchase, stage: Buy, answer: NothingCreated) -> Next:
    """Continue when nothing can have been created: try later, or give up in this run."""
    if isinstance(answer, Denied):
        purchase.run.deny(answer)
    elif isinstance(answer, NotSent) and stage.tries + 1 >= REACHES:
        purchase.run.stop(f"the gateway cannot be reached: {answer.message}", ExitCode.JOB_FAILED)
    elif isinstance(answer, Limited) and stage.waited > purchase.run.rules.task_life:
        purchase.run.stop(f'the gateway keeps replying "too many requests": {answer.message}', ExitCode.JOB_FAILED)
    elif isinstance(answer, Limited) and (answer.after or 0.0) > MOST_BELIEVED:
        purchase.run.stop(
            f"the gateway accepts no jobs for {round((answer.after or 0.0) / 60)} minutes: {answer.message}. "
            "Running jobs are still fetched; after that, the same command buys the rest",
            ExitCode.JOB_FAILED,
        )
    if purchase.run.stopped is not None:
        return purchase.skipped(purchase.run.stopped.reason, purchase.run.stopped.blame)
    run, now = purchase.run, purchase.clock.monotonic()
    if isinstance(answer, Limited):
        run.gate.backoff.limited(now, run.jitter(), answer.after)
        run.gate.lower(now)
        purchase.tell(Retrying(purchase.job, purchase.key, answer.message, run.gate.backoff.left(now)))
        return stage
    run.gate.backoff.gave_up(purchase.key)
    seconds = backoff(stage.tries + 1, run.jitter())
    purchase.tell(Retrying(purchase.job, purchase.key, answer.message, seconds))
    return await _later(purchase, replace(stage, tries=stage.tries + isinstance(answer, NotSent)), seconds)


async def _later(purchase: Purchase, stage: Buy, seconds: float) -> Buy:
    """Let others go first, and try again after so many seconds."""
    purchase.leave_turns()
    await Pause(seconds, buying=True)
    return replace(stage, waited=stage.waited + seconds)
