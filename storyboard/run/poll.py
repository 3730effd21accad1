"""Step 5 of a purchase: poll a known task until it ends, paced by how long such jobs take."""

from __future__ import annotations

from decimal import Decimal

from storyboard.errors import ExitCode
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import exact_dollars
from storyboard.providers.answers import (
    Denied,
    Limited,
    NotFound,
    Phase,
    Task,
    TaskAnswer,
    TaskError,
    Unclear,
)
from storyboard.run.effects import (
    Disk,
    Listen,
    Pause,
)
from storyboard.run.events import Rendering, Retrying
from storyboard.run.policy import (
    DUE,
    MOST_BELIEVED,
    SEVERAL,
    backoff,
    is_beyond_belief,
    next_look,
    next_poll,
)
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.stages import Buy, Failed, Fetch, Next, Poll, Reconsider
from storyboard.store import Attempt, AttemptError
from storyboard.store.gateway_traits import Lookup

LONGEST_PAUSE = 300.0
"""Longest interval between polls for the address of a finished task's clip, in seconds."""

ODD_WORD_PATIENCE = 600.0
"""Seconds for which an unknown status counts as "still running" without a warning, if the usual duration is unknown."""

LATEST_TIMES = 50
"""How many jobs of a rate say how long such a job takes."""

GRACE = 60.0
"""Seconds of network errors that a task is allowed, however old it is."""

NO_ADDRESS = "the gateway has finished and charged it, but gives no address for its clip yet"


async def poll(purchase: Purchase, stage: Poll) -> Next:
    """Poll a task once, and act on the answer."""
    if stage.ends_at < 0:
        stage = await _begun(purchase, stage)
    if stage.task is not None:
        return await _judge(purchase, replace(stage, task=None), stage.task)
    answer = await _ask_once(purchase, stage)
    return await _judge(purchase, replace(stage, fresh=False), answer)


async def _begun(purchase: Purchase, stage: Poll) -> Poll:
    if purchase.price_class not in purchase.run.usual:
        usual = await Disk("durations", lambda: purchase.run.store.ledger.durations(purchase.price_class))
        purchase.run.usual.setdefault(purchase.price_class, list(usual))
    times = usual_times(purchase)
    purchase.tell(Rendering(purchase.job, purchase.key, times[len(times) // 2] if times else None))
    left = max(0.0, purchase.run.rules.task_life - _age(purchase, stage.attempt))
    return replace(stage, ends_at=purchase.clock.monotonic() + left)


async def _ask_once(purchase: Purchase, stage: Poll) -> TaskAnswer:
    """Poll once; a fresh task by our own id, because finding it proves that look-up works."""
    attempt = stage.attempt
    if stage.fresh and purchase.traits.lookup is not Lookup.ABSENT:
        answer = await purchase.look_up(attempt)
        if isinstance(answer, Task) and answer.id in (None, attempt.task):
            return answer
        if isinstance(answer, Task) and not await purchase.is_another_jobs(answer):
            await purchase.hear(replace(attempt, task=answer.id, charged=answer.cost))
    answer = await purchase.ask(attempt.task or attempt.external_id)
    if isinstance(answer, Task) and answer.id != attempt.task and await purchase.is_another_jobs(answer):
        return Unclear(f"the reply names task {answer.id}, which belongs to another job")
    return answer


async def _judge(purchase: Purchase, stage: Poll, answer: TaskAnswer) -> Next:
    if isinstance(answer, NotFound):
        return await _missing(purchase, stage)
    if isinstance(answer, Denied) and (answer.what == "key" or stage.troubles >= SEVERAL):
        purchase.run.deny(answer)
        return _left(purchase, stage, "it cannot be asked about with this key", ExitCode.ACCESS)
    if not isinstance(answer, Task):
        return await _wait(purchase, replace(stage, troubles=stage.troubles + 1), answer)
    if answer.phase is Phase.FAILED:
        return await _failed(purchase, stage.attempt, answer)
    if answer.phase is Phase.RUNNING:
        stage = stage if answer.known else await _odd_word(purchase, stage, answer)
        return await _wait(purchase, replace(stage, troubles=0), answer)
    return await _completed(purchase, replace(stage, troubles=0), answer)


async def _completed(purchase: Purchase, stage: Poll, task: Task) -> Next:
    """Record a finished task as charged, whether or not its clip's address is known yet."""
    attempt = settled(purchase, stage.attempt, task)
    if attempt != stage.attempt:
        attempt = await purchase.settle(attempt)
    stage = _finished(purchase, replace(stage, attempt=attempt))
    if not task.urls:
        return await _wait(purchase, replace(stage, empty=stage.empty + 1, troubles=stage.empty + 1), task)
    if attempt.took is not None:
        known = purchase.run.usual.setdefault(purchase.price_class, [])
        known.insert(0, (attempt.seconds, attempt.took))
        del known[LATEST_TIMES:]
        if len(known) == 1:
            purchase.run.wakeup.ring([_news(purchase)])
    return Fetch(replace(stage, empty=0), task.urls[stage.fetched % len(task.urls)])


async def _failed(purchase: Purchase, attempt: Attempt, task: Task) -> Next:
    """Record a failed task with its stated charge; without one, its price still counts."""
    said = task.error or TaskError(None, "the task failed")
    error = AttemptError(said.code, said.message, final=not said.passing)
    ended = replace(settled(purchase, attempt, task), state=PurchaseState.FAILED, error=error)
    now = await purchase.settle(ended)
    return Failed(now) if now.state is PurchaseState.FAILED else Reconsider()


def _finished(purchase: Purchase, stage: Poll) -> Poll:
    """Request the clip for as long as a task may live. If an earlier run knew that the task was finished, its time for
    delivery counts from then.
    """
    if stage.finished_at >= 0:
        return stage
    now = purchase.clock.monotonic()
    before = max(0.0, purchase.clock.now() - (stage.attempt.ended_at or purchase.clock.now()))
    return replace(stage, finished_at=max(0.0, now - before), ends_at=now + purchase.run.rules.task_life)


async def _odd_word(purchase: Purchase, stage: Poll, task: Task) -> Poll:
    """Record a reply with an unknown status, and warn once an hour if it takes long."""
    attempt = stage.attempt
    if attempt.said != task.raw:
        attempt = await purchase.settle(replace(attempt, said=task.raw))
    age, times = _age(purchase, attempt), usual_times(purchase)
    if age > (DUE * max(times) if times else ODD_WORD_PATIENCE):
        purchase.run.say_once(
            f"{purchase.job.id}: after {max(1, round(age / 3600))} h the gateway still reports `{task.status}` for its "
            f"task {attempt.task}, which is not a known status; it is polled again, and never sent again",
            purchase.job,
        )
    else:
        purchase.run.say_once(
            f"the gateway reports the unknown status `{task.status}`, which is treated as still running"
        )
    return replace(stage, attempt=attempt)


def _left(purchase: Purchase, stage: Poll, reason: str, blame: ExitCode = ExitCode.RUNNING) -> JobResult:
    """Leave the task to a later build, as finished or running."""
    if stage.attempt.state is PurchaseState.FINISHED:
        return purchase.finished(stage.attempt, reason, blame)
    return purchase.still_running(stage.attempt, reason, blame)


def settled(purchase: Purchase, attempt: Attempt, task: Task) -> Attempt:
    """Return the attempt with the price and time of its ended task. A task that another story paid costs nothing here.
    An implausible cost counts as the reserved price.
    """
    cost = task.cost if attempt.charged is None else attempt.charged
    if cost is not None and attempt.charged is None and is_beyond_belief(cost, attempt.reserved):
        purchase.run.say_once(
            f"{purchase.job.id}: the gateway states a cost of {exact_dollars(cost)}, where about "
            f"{exact_dollars(attempt.reserved or cost)} was expected; the estimate is counted instead. "
            f"If the bill differs: storyboard costs --correct {attempt.key[:12]} USD",
            purchase.job,
        )
        cost = None
    if cost is not None and attempt.charged is None and attempt.sends:
        purchase.run.charge(attempt, cost)
    if not attempt.sends and attempt.reserved == 0:
        cost = Decimal(0)
    return replace(
        attempt,
        state=PurchaseState.FINISHED,
        charged=cost,
        took=_took(purchase, attempt, task),
        ended_at=attempt.ended_at or purchase.clock.now(),
        said=None,
    )


def _took(purchase: Purchase, attempt: Attempt, task: Task) -> float | None:
    """Return the duration by the gateway's clock, but no longer than observed here."""
    if attempt.took is not None:
        return attempt.took
    seen = _age(purchase, attempt) if attempt.submitted_at else None
    if task.took is not None:
        return task.took if seen is None else min(task.took, seen)
    return seen if attempt.run == purchase.run.id else None


async def _wait(purchase: Purchase, stage: Poll, answer: TaskAnswer) -> Next:
    """Wait until the next poll; not past the task's lifetime, and not at all with --no-wait."""
    running = isinstance(answer, Task)
    finished = stage.attempt.state is PurchaseState.FINISHED
    if purchase.run.rules.no_wait and running:
        return _left(purchase, stage, NO_ADDRESS if finished else "not waited for")
    if purchase.clock.monotonic() >= stage.ends_at + (0.0 if running else GRACE):
        return _left(purchase, stage, NO_ADDRESS if finished and running else _overdue(purchase, answer))
    if stage.troubles:
        await _retry(purchase, stage, answer)
    else:
        await _until_due(purchase, stage.attempt)
    return stage


async def _until_due(purchase: Purchase, attempt: Attempt) -> None:
    """Wait until polling is useful. If the usual duration is unknown, the first finished job wakes the others."""
    names = tuple(filter(None, (attempt.task, attempt.external_id)))
    while True:
        usual = usual_times(purchase)
        run = purchase.run
        seconds = next_poll(_age(purchase, attempt), usual, run.jitter(), run.rules.first_poll, run.gate.inside)
        await Listen(names if usual else (*names, _news(purchase)), seconds)
        if usual or not usual_times(purchase):
            return


def _news(purchase: Purchase) -> str:
    """Return the topic that rings when the first job of a rate is done in this run."""
    return f"{purchase.run.story} {purchase.price_class}"


async def _retry(purchase: Purchase, stage: Poll, answer: TaskAnswer) -> None:
    after = answer.after if isinstance(answer, Limited) else None
    longest = LONGEST_PAUSE if stage.empty else 60.0
    seconds = max(min(after or 0.0, MOST_BELIEVED), backoff(stage.troubles, purchase.run.jitter(), longest))
    words = NO_ADDRESS if isinstance(answer, Task) else answer.message
    purchase.tell(Retrying(purchase.job, purchase.key, words, seconds))
    await Pause(seconds)


async def _missing(purchase: Purchase, stage: Poll) -> Next:
    """Handle "not found": look for the task by both of its ids until the wait is over."""
    since = purchase.clock.monotonic()
    while True:
        elapsed = purchase.clock.monotonic() - since
        pause = next_look(elapsed, purchase.traits.wait(purchase.run.rules.wait))
        if pause is None:
            return await gone(purchase, stage.attempt, "the gateway no longer has its task")
        await Pause(pause)
        answer = await _by_either_name(purchase, stage.attempt)
        if not isinstance(answer, NotFound):
            return await _judge(purchase, stage, answer)


async def _by_either_name(purchase: Purchase, attempt: Attempt) -> TaskAnswer:
    if attempt.task is not None:
        answer = await purchase.ask(attempt.task)
        if not isinstance(answer, NotFound):
            return answer
    return await purchase.look_up(attempt)


async def gone(purchase: Purchase, attempt: Attempt, why: str, *, seen: bool = False) -> Next:
    """Record a task as gone. One that this ledger never sent, and that was not `seen`, may only be invisible to this
    key."""
    if not attempt.sends and not seen:
        return purchase.held(attempt, f"{why} with this key; it was bought on another machine or account")
    gone_now = replace(attempt, state=PurchaseState.LOST, ended_at=attempt.ended_at or purchase.clock.now())
    if (await purchase.settle(gone_now)).state is not PurchaseState.LOST:
        return Reconsider()
    if purchase.key in purchase.run.rules.rebuy:
        return Buy(attempt.number + 1)
    return purchase.lost(gone_now, why)


def usual_times(purchase: Purchase) -> list[float]:
    """Return how long jobs of this rate and length took; of any length, if there were too few."""
    known = purchase.run.usual.get(purchase.price_class, [])
    wanted = purchase.job.seconds
    same = [took for seconds, took in known if seconds == wanted]
    return same if len(same) >= 3 else [took for _, took in known]


def _age(purchase: Purchase, attempt: Attempt) -> float:
    return max(0.0, purchase.clock.now() - (attempt.submitted_at or attempt.opened_at or purchase.clock.now()))


def _overdue(purchase: Purchase, answer: TaskAnswer) -> str:
    hours = f"{purchase.run.rules.task_life / 3600:.3g} h"
    if isinstance(answer, Task):
        said = f"`{answer.status}`" if answer.status else "that it runs"
        return f"after {hours} the gateway still says {said}; the same command looks again"
    return f"the gateway cannot be reached ({answer.message}); run the same command to check again"
