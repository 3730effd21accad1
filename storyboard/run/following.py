"""Step 5: a task that is known is polled until it ends, paced by how long such jobs take."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from storyboard.errors import ExitCode
from storyboard.providers.answers import Denied, Limited, NotFound, Phase, Task, TaskAnswer, TaskError
from storyboard.run import outcomes
from storyboard.run.asking import SEVERAL, ask, deny, look
from storyboard.run.context import Context, Wanted
from storyboard.run.effects import Disk, Listen, Pause
from storyboard.run.events import Charged, Notice, Rendering, Retrying
from storyboard.run.judge import next_look
from storyboard.run.pace import backoff, next_poll
from storyboard.run.records import record
from storyboard.run.stages import Buy, Failed, Fetch, Follow, Next
from storyboard.store import Attempt, AttemptError, AttemptState
from storyboard.store.gateway_traits import Lookup

EMPTY_ANSWERS = 6
"""So often a completed task is asked for its clip's address."""

GRACE = 60.0
"""Seconds of trouble with the network that a task is given, however old it is."""

NO_ADDRESS = TaskError(None, "the task is completed, and the gateway gives no address for its clip")


async def follow(context: Context, wanted: Wanted, stage: Follow) -> Next:
    """One question about a task, and what follows from the answer."""
    if stage.ends_at < 0:
        stage = await _begun(context, wanted, stage)
    if stage.task is not None:
        return await _judge(context, wanted, replace(stage, task=None), stage.task)
    answer = await _poll(context, wanted, stage)
    return await _judge(context, wanted, replace(stage, fresh=False), answer)


async def _begun(context: Context, wanted: Wanted, stage: Follow) -> Follow:
    if wanted.rate not in context.usual:
        usual = await Disk("durations", lambda: context.store.ledger.durations(wanted.rate))
        context.usual.setdefault(wanted.rate, list(usual))
    times = usual_times(context, wanted)
    context.tell(Rendering(wanted.job, wanted.key, times[len(times) // 2] if times else None))
    left = max(0.0, context.rules.task_life - _age(context, stage.attempt))
    return replace(stage, ends_at=context.clock.monotonic() + left)


async def _poll(context: Context, wanted: Wanted, stage: Follow) -> TaskAnswer:
    """A fresh task is asked about by the caller's id: finding it so proves that one can."""
    attempt = stage.attempt
    if stage.fresh and context.known.lookup is not Lookup.ABSENT:
        answer = await look(context, wanted, attempt)
        if isinstance(answer, Task) and answer.id in (None, attempt.task):
            return answer
        if isinstance(answer, Task):
            await bought_twice(context, wanted, attempt, answer)
    return await ask(context, wanted, attempt.task or attempt.external_id)


async def _judge(context: Context, wanted: Wanted, stage: Follow, answer: TaskAnswer) -> Next:
    if isinstance(answer, NotFound):
        return await _missing(context, wanted, stage)
    if isinstance(answer, Denied) and (answer.what == "key" or stage.troubles >= SEVERAL):
        deny(context, answer)
        words = "it cannot be asked about with this key"
        return outcomes.still_running(wanted, stage.attempt, words, ExitCode.ACCESS)
    if not isinstance(answer, Task):
        return await _wait(context, wanted, replace(stage, troubles=stage.troubles + 1), answer)
    if answer.phase is Phase.FAILED:
        return await _failed(context, wanted, stage.attempt, answer)
    if answer.phase is Phase.RUNNING:
        return await _wait(context, wanted, replace(stage, troubles=0), answer)
    return await _completed(context, wanted, replace(stage, troubles=0), answer)


async def _completed(context: Context, wanted: Wanted, stage: Follow, task: Task) -> Next:
    if not task.urls and stage.empty + 1 >= EMPTY_ANSWERS:
        return await _failed(context, wanted, stage.attempt, replace(task, error=NO_ADDRESS))
    if not task.urls:
        return await _wait(context, wanted, replace(stage, empty=stage.empty + 1, troubles=stage.empty + 1), task)
    attempt = settled(context, stage.attempt, task)
    if attempt != stage.attempt:
        await record(context, wanted, attempt)
    if attempt.took is not None:
        known = context.usual.setdefault(wanted.rate, [])
        known.insert(0, (attempt.seconds, attempt.took))
        if len(known) == 1:
            context.bells.ring([_news(context, wanted)])
    return Fetch(replace(stage, attempt=attempt), task.urls[0])


async def _failed(context: Context, wanted: Wanted, attempt: Attempt, task: Task) -> Next:
    """A failed task is charged what it says; where it says nothing, its price stays counted."""
    said = task.error or TaskError(None, "the task failed")
    error = AttemptError(said.code, said.message, final=not said.passing)
    ended = replace(settled(context, attempt, task), state=AttemptState.FAILED, error=error)
    return Failed(await record(context, wanted, ended))


def settled(context: Context, attempt: Attempt, task: Task) -> Attempt:
    """The attempt with what its ended task says of price and time. What another story paid costs nothing here."""
    if task.cost is not None and attempt.charged is None and attempt.sends:
        context.paid[attempt.key, attempt.number] = task.cost
        context.tell(Charged(attempt.key, task.cost))
        context.charged(attempt.rate, task.cost / max(1, attempt.seconds))
    now = context.clock.now()
    charged = task.cost if task.cost is not None else attempt.charged
    if not attempt.sends and attempt.reserved == 0:
        charged = Decimal(0)
    ended_at = attempt.ended_at or now
    return replace(
        attempt, state=AttemptState.FINISHED, charged=charged, took=_took(context, attempt, task), ended_at=ended_at
    )


def _took(context: Context, attempt: Attempt, task: Task) -> float | None:
    """By the gateway's clock, but not longer than it was to be seen from here."""
    if attempt.took is not None:
        return attempt.took
    seen = _age(context, attempt) if attempt.submitted_at else None
    if task.took is not None:
        return task.took if seen is None else min(task.took, seen)
    return seen if attempt.run == context.run else None


async def _wait(context: Context, wanted: Wanted, stage: Follow, answer: TaskAnswer) -> Next:
    """Until the next question; not past the task's time, and not at all where nobody wants to wait."""
    running = isinstance(answer, Task)
    if context.rules.no_wait and running:
        return outcomes.still_running(wanted, stage.attempt, "not waited for")
    if context.clock.monotonic() >= stage.ends_at + (0.0 if running else GRACE):
        return outcomes.still_running(wanted, stage.attempt, _overdue(context, answer))
    if stage.troubles:
        await _retry(context, wanted, stage, answer)
    else:
        await _until_due(context, wanted, stage.attempt)
    return stage


async def _until_due(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """Until it is worth asking. Who does not know how long it takes hears it from the first job that is done."""
    names = tuple(filter(None, (attempt.task, attempt.external_id)))
    while True:
        usual = usual_times(context, wanted)
        seconds = next_poll(_age(context, attempt), usual, context.jitter(), context.gate.inside)
        await Listen(names if usual else (*names, _news(context, wanted)), seconds)
        if usual or not usual_times(context, wanted):
            return


def _news(context: Context, wanted: Wanted) -> str:
    """What rings when the first job of a rate is done in this run."""
    return f"{context.story} {wanted.rate}"


async def _retry(context: Context, wanted: Wanted, stage: Follow, answer: TaskAnswer) -> None:
    after = answer.after if isinstance(answer, Limited) else None
    seconds = max(after or 0.0, backoff(stage.troubles, context.jitter()))
    words = NO_ADDRESS.message if isinstance(answer, Task) else answer.message
    context.tell(Retrying(wanted.job, wanted.key, words, seconds))
    await Pause(seconds)


async def _missing(context: Context, wanted: Wanted, stage: Follow) -> Next:
    """Not found once means little: it is looked for by both its names, through the wait."""
    since = context.clock.monotonic()
    while True:
        elapsed = context.clock.monotonic() - since
        pause = next_look(elapsed, context.known.wait(context.rules.wait))
        if pause is None:
            return await gone(context, wanted, stage.attempt, "the gateway does not know its task any more")
        await Pause(pause)
        answer = await _by_either_name(context, wanted, stage.attempt)
        if not isinstance(answer, NotFound):
            return await _judge(context, wanted, stage, answer)


async def _by_either_name(context: Context, wanted: Wanted, attempt: Attempt) -> TaskAnswer:
    if attempt.task is not None:
        answer = await ask(context, wanted, attempt.task)
        if not isinstance(answer, NotFound):
            return answer
    return await look(context, wanted, attempt)


async def gone(context: Context, wanted: Wanted, attempt: Attempt, why: str, *, seen: bool = False) -> Next:
    """It cannot be had any more. One that this ledger never sent may only be out of this key's sight, if not `seen`."""
    if not attempt.sends and not seen:
        return outcomes.held(wanted, attempt, f"{why} with this key; it was bought from another machine or account")
    gone_now = replace(attempt, state=AttemptState.LOST, ended_at=attempt.ended_at or context.clock.now())
    await record(context, wanted, gone_now)
    if wanted.key in context.rules.rebuy:
        return Buy(attempt.number + 1)
    return outcomes.lost(wanted, gone_now, why)


async def bought_twice(context: Context, wanted: Wanted, attempt: Attempt, other: Task) -> None:
    """Writes down a task that the gateway made of the same id beside the recorded one, and says so."""
    twice = replace(
        attempt,
        external_id=f"{attempt.external_id}+{other.id}",
        state=AttemptState.TWICE,
        task=other.id,
        clip=None,
        reserved=attempt.reserved,
        charged=other.cost,
        sends=0,
    )
    await Disk("record twice", lambda: context.store.ledger.record(twice), writes=True)
    words = f"{wanted.job.id} was bought twice: the gateway made task {other.id} of the same id beside {attempt.task}"
    context.tell(Notice(words, wanted.job))


def usual_times(context: Context, wanted: Wanted) -> list[float]:
    """How long jobs of this rate and length took; of any length, where too few were of this."""
    known = context.usual.get(wanted.rate, [])
    same = [took for seconds, took in known if seconds == wanted.job.seconds]
    return same if len(same) >= 3 else [took for _, took in known]


def _age(context: Context, attempt: Attempt) -> float:
    return max(0.0, context.clock.now() - (attempt.submitted_at or attempt.opened_at or context.clock.now()))


def _overdue(context: Context, answer: TaskAnswer) -> str:
    hours = f"{context.rules.task_life / 3600:.3g} h"
    if isinstance(answer, Task):
        said = f"`{answer.status}`" if answer.status else "that it runs"
        return f"after {hours} the gateway still says {said}; the same command looks again"
    return f"the gateway cannot be asked ({answer.message}); the same command looks again"
