"""Where a purchase goes on by what the other machines of a team have written down."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from storyboard.errors import ExitCode, StoryboardError
from storyboard.fast_dataclasses import replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.providers.answers import NotFound, Task, Unclear
from storyboard.run.effects import AskTeam, Pause
from storyboard.run.events import Queued
from storyboard.run.purchase import Purchase
from storyboard.run.recover import look_through_wait
from storyboard.run.result import JobResult
from storyboard.run.shared_record import RecordAway, SharedPurchase, SharedRecord, WorkerPlace
from storyboard.run.stages import Buy, Next, Poll, Reconsider, Recover
from storyboard.run.submit import adopted
from storyboard.store import Attempt, AttemptError

OTHERS_TIME = 60.0
"""Seconds for which a job that another machine may be sending is waited for."""
LOOK_EVERY = 5.0
"""Seconds between two looks at the record meanwhile."""
CLAIM_EVERY = 1.0
"""Seconds between two looks whether another process of the team still works on a job."""


async def by_the_record(purchase: Purchase, record: SharedRecord, stage: Next, past: Sequence[Attempt]) -> Next:
    """Where to go on, where this machine's own ledger and lock say `stage`.

    Only what would be sent depends on the record: a task that is known here is polled, whatever it says.
    """
    if not isinstance(stage, Buy | Recover):
        return stage
    try:
        return await _decided(purchase, record, stage, past)
    except RecordAway as trouble:
        return await _once_it_is_back(purchase, record, stage, trouble)


async def _once_it_is_back(
    purchase: Purchase, record: SharedRecord, stage: Buy | Recover, trouble: StoryboardError
) -> Next:
    """Wait for a record that was lost while the run went on: everything is decided anew then."""
    purchase.leave_turns()
    purchase.tell(Queued(purchase.job, purchase.key, trouble.message))
    while not (purchase.run.halt.asked or purchase.run.rules.no_wait):
        await Pause(LOOK_EVERY, buying=True)
        try:
            await AskTeam("note", lambda: record.read(purchase.key))
        except RecordAway as still:
            trouble = still
        else:
            return Reconsider()
    return _undecided(purchase, stage, trouble)


def _undecided(purchase: Purchase, stage: Buy | Recover, trouble: StoryboardError) -> Next:
    """Where to go on without the record: nothing is sent, and what was never sent is not looked for."""
    purchase.run.stop(trouble.in_words, trouble.exit_code)
    return stage if _unsent(stage) is None else purchase.skipped(trouble.in_words, trouble.exit_code)


def _unsent(stage: Buy | Recover) -> Attempt | None:
    """This machine's own intent, where its journal does not call it sent."""
    own = stage.attempt if isinstance(stage, Recover) else None
    return own if own is not None and own.version and own.sends == 0 else None


async def _decided(purchase: Purchase, record: SharedRecord, stage: Buy | Recover, past: Sequence[Attempt]) -> Next:
    try:
        if purchase.run.rules.left_to_workers:
            left = await _left_to_workers(purchase, record, stage)
            if left is not None:
                return left
        if (elsewhere := await _claimed(purchase, record)) is not None:
            return elsewhere
        shared = await AskTeam("note", lambda: record.read(purchase.key))
        if shared is not None and _is_behind(shared, past):
            await _tell(purchase, record, shared.number, past)
            shared = await AskTeam("note", lambda: record.read(purchase.key))
        if shared is not None:
            purchase.run.said_by_team[purchase.key] = shared
    except RecordAway:
        raise
    except StoryboardError as trouble:
        return _undecided(purchase, stage, trouble)
    if (unsent := _unsent(stage)) is not None:
        return await _never_sent(purchase, record, unsent, shared)
    if shared is None:
        return await _unknown_there(purchase, record, stage)
    if isinstance(stage, Recover) and stage.attempt.number > shared.number:
        return stage
    return await _by_state(purchase, record, stage, shared, past)


async def _left_to_workers(purchase: Purchase, record: SharedRecord, stage: Buy | Recover) -> Next | None:
    """Wait until a worker has bought the job, or leave it to them; None where no worker can buy it."""
    purchase.leave_turns()
    told: str | None = None
    while (place := await AskTeam("place", lambda: record.place(purchase.key))) is not None:
        shared = await AskTeam("note", lambda: record.read(purchase.key))
        if shared is not None and shared.state is PurchaseState.DONE:
            return await _done(purchase, record, _attempt_of(purchase, stage, shared), shared)
        if place.done:
            return _without_clip(purchase, stage, shared, place)
        words = f"{place.worker} has this job" if place.worker else "it waits in line for a worker"
        if purchase.run.halt.asked or purchase.run.rules.no_wait:
            return purchase.elsewhere(
                ExitCode.INTERRUPTED if purchase.run.halt.asked else ExitCode.RUNNING, f"left to the workers: {words}"
            )
        if told != words:
            purchase.tell(Queued(purchase.job, purchase.key, words))
            told = words
        await Pause(CLAIM_EVERY, buying=True)
    return None


def _without_clip(
    purchase: Purchase, stage: Buy | Recover, shared: SharedPurchase | None, place: WorkerPlace
) -> JobResult:
    """How a job ends here that a worker could not get a clip for."""
    if shared is None:
        return purchase.skipped(place.outcome, ExitCode(place.blame))
    attempt = _attempt_of(purchase, stage, shared)
    if shared.state is PurchaseState.FAILED:
        return purchase.failed(attempt, shared.error or AttemptError(None, place.outcome))
    if shared.state is PurchaseState.LOST:
        return purchase.lost(attempt, "the gateway no longer has its task")
    if place.blame == ExitCode.UNKNOWN:
        return purchase.unknown(attempt, "a worker could not find out what became of it")
    return purchase.skipped(place.outcome, ExitCode(place.blame))


async def _claimed(purchase: Purchase, record: SharedRecord) -> JobResult | None:
    """Wait until no other process of the team works on the job; how the job ends here where it is not waited for."""
    waited = False
    while (worker := await AskTeam("claim", lambda: record.claim(purchase.key))) is not None:
        purchase.leave_turns()
        if purchase.run.halt.asked or purchase.run.rules.no_wait:
            return purchase.elsewhere(
                ExitCode.INTERRUPTED if purchase.run.halt.asked else ExitCode.RUNNING, f"{worker} has this job"
            )
        if not waited:
            purchase.tell(Queued(purchase.job, purchase.key, f"{worker} has this job"))
            waited = True
        await Pause(CLAIM_EVERY, buying=True)
    return None


async def _unknown_there(purchase: Purchase, record: SharedRecord, stage: Buy | Recover) -> Next:
    """The record knows nothing of the job, and may have forgotten it."""
    if not isinstance(stage, Buy) or not await AskTeam("first look", record.first_look_waits):
        return stage
    attempt = purchase.new_attempt(stage.number)
    answer = await look_through_wait(purchase, Recover(attempt))
    if isinstance(answer, Task):
        return await adopted(purchase, attempt, answer)
    if isinstance(answer, NotFound):
        return replace(stage, looked=True)
    return purchase.unknown(attempt, f"the ledger may have forgotten it, and it cannot be looked up: {answer.message}")


async def _never_sent(purchase: Purchase, record: SharedRecord, own: Attempt, shared: SharedPurchase | None) -> Next:
    """An intent of this machine that its journal does not call sent: it goes on without the wait, or gives way."""
    if shared is None or (shared.external_id == own.external_id and _was_never_sent(shared)):
        return Buy(own.number)
    await purchase.withdraw_row(own)
    await AskTeam("leave", lambda: record.leave(own, nothing_created=True))
    return Reconsider()


def _was_never_sent(shared: SharedPurchase) -> bool:
    """Whether nobody can have sent the attempt, where this store has not."""
    return shared.state is PurchaseState.WITHDRAWN or (shared.state is PurchaseState.INTENT and shared.only_mine)


async def _by_state(
    purchase: Purchase, record: SharedRecord, stage: Buy | Recover, shared: SharedPurchase, past: Sequence[Attempt]
) -> Next:
    state = shared.state
    if state is PurchaseState.INTENT or (state is PurchaseState.FAILED and shared.others):
        return await _intended(purchase, record, stage, shared, past)
    attempt, rules = _attempt_of(purchase, stage, shared), purchase.run.rules
    is_lost = state is PurchaseState.LOST and purchase.key not in rules.rebuy
    if state is PurchaseState.SUBMITTED or is_lost:
        return _polled(purchase, attempt, shared)
    if state is PurchaseState.DONE:
        return await _done(purchase, record, attempt, shared)
    if isinstance(stage, Recover) and stage.attempt.version:
        if state is PurchaseState.WITHDRAWN:
            return stage
        now = purchase.clock.now()
        ended = replace(attempt, state=state, charged=shared.cost, error=shared.error, ended_at=now)
        await purchase.settle(ended)
    if shared.mine:
        await AskTeam("leave", lambda: record.leave(attempt))  # an earlier run of this store sent it, and was killed
    is_refused = shared.error is not None and shared.error.final
    if is_refused and shared.error is not None and purchase.key not in rules.retry:
        return purchase.failed(None, shared.error)
    if shared.joins > 1 and state is not PurchaseState.WITHDRAWN:
        return await _after_several(purchase, attempt, shared)
    following = shared.number + (state is not PurchaseState.WITHDRAWN)
    return Buy(max(following, stage.number if isinstance(stage, Buy) else 0))


async def _intended(
    purchase: Purchase, record: SharedRecord, stage: Buy | Recover, shared: SharedPurchase, past: Sequence[Attempt]
) -> Next:
    """Somebody may have sent it, or may yet."""
    attempt = _attempt_of(purchase, stage, shared)
    if not shared.others:
        rows = [row for row in past if row.number == shared.number]
        if isinstance(stage, Buy) and shared.only_mine and any(row.state is PurchaseState.WITHDRAWN for row in rows):
            return Buy(shared.number)
        if purchase.key in purchase.run.seen_with_others:
            purchase.run.seen_with_others.remove(purchase.key)
            purchase.run.sightings.pop(purchase.key, None)  # the wait counts from when the last of them was gone
        return Recover(attempt)
    purchase.run.seen_with_others.add(purchase.key)
    if await _changes(purchase, record, shared):
        return Reconsider()
    who = ", ".join(shared.others)
    return Recover(attempt, Unclear(f"{who} wrote it down and may still send it"), alone=False)


async def _changes(purchase: Purchase, record: SharedRecord, shared: SharedPurchase) -> bool:
    """Wait for another machine's word; whether it came. Who was waited for once in this run is not again."""
    purchase.leave_turns()
    waits = not (purchase.run.rules.no_wait or shared.others in purchase.run.waited_for)
    if waits:
        purchase.tell(Queued(purchase.job, purchase.key, f"{', '.join(shared.others)} may be sending this job"))
    until = purchase.clock.monotonic() + (OTHERS_TIME if waits else 0.0)
    while not purchase.run.halt.asked:
        now = await AskTeam("note", lambda: record.read(purchase.key))
        if now != shared:
            return True
        if purchase.clock.monotonic() >= until:
            break
        await Pause(LOOK_EVERY, buying=True)
    purchase.run.waited_for.add(shared.others)
    return False


def _polled(purchase: Purchase, attempt: Attempt, shared: SharedPurchase) -> Next:
    if not purchase.run.whose.account:
        return purchase.held(attempt, f"No API key. Set STORYBOARD_API_KEY: {shared.writer} has sent this job")
    if shared.own_account and shared.task is not None:
        return Poll(replace(attempt, state=PurchaseState.SUBMITTED, task=shared.task, clip=None))
    words = f"{shared.writer} bought it with another key; its clip is not in the bucket yet"
    return purchase.still_running(attempt, words)


async def _done(purchase: Purchase, record: SharedRecord, attempt: Attempt, shared: SharedPurchase) -> Next:
    """The team has its clip: it is taken from the bucket, and costs nothing here."""
    clip = shared.clip or ""
    path = await AskTeam("take clip", lambda: record.fetch(clip))
    if path is None:
        return _polled(purchase, attempt, shared)
    done = replace(attempt, state=PurchaseState.DONE, task=shared.task, clip=clip, ended_at=purchase.clock.now())
    if done.version:
        done = await purchase.settle(replace(done, charged=shared.cost))
    else:
        done = replace(done, reserved=Decimal(0), charged=Decimal(0))
        await purchase.keep_in_lock(done)
    return purchase.cached(clip, path, done)


async def _after_several(purchase: Purchase, attempt: Attempt, shared: SharedPurchase) -> Next:
    """An id that more than one was let to send is looked up through the wait, before the next attempt begins."""
    answer = await look_through_wait(purchase, Recover(attempt))
    if isinstance(answer, Task) and answer.id == shared.task:  # the one that ended; another may show until then
        await Pause(purchase.traits.wait(purchase.run.rules.wait), buying=True)
        answer = await purchase.look_up(attempt)
    if isinstance(answer, Task) and answer.id not in (None, shared.task):
        return Poll(await purchase.hear(replace(attempt, task=answer.id)), answer)
    if not isinstance(answer, Task | NotFound):
        return purchase.unknown(attempt, f"{shared.writer} sent it too, and it cannot be looked up: {answer.message}")
    purchase.run.looked_through.add(shared.external_id)
    return Buy(shared.number + 1)


def _attempt_of(purchase: Purchase, stage: Buy | Recover, shared: SharedPurchase) -> Attempt:
    """This machine's own row of the attempt, else the note as an attempt that this ledger never sent.

    Either may have been sent as often as anybody was let to.
    """
    sends = max(1, shared.joins)
    own = stage.attempt if isinstance(stage, Recover) else None
    if own is not None and own.version and own.external_id == shared.external_id:
        return replace(own, sends=max(sends, own.sends))
    if shared.row is not None:
        is_own = shared.state is PurchaseState.INTENT or shared.row.run == purchase.run.id
        return replace(shared.row, sends=max(sends, shared.row.sends) if is_own else 0)
    known = replace(purchase.new_attempt(shared.number), opened_at=shared.begun_at, run="", task=shared.task)
    return replace(known, external_id=shared.external_id, reserved=Decimal(0), sends=sends)


def _is_behind(shared: SharedPurchase, past: Sequence[Attempt]) -> bool:
    """Whether this machine knows how the record's attempt went on."""
    open_states = (PurchaseState.INTENT, PurchaseState.SUBMITTED)
    ended = (PurchaseState.FAILED, PurchaseState.LOST, PurchaseState.DONE)
    return shared.state in open_states and any(
        row.external_id == shared.external_id and row.state in ended and row.task is not None for row in past
    )


async def _tell(purchase: Purchase, record: SharedRecord, number: int, past: Sequence[Attempt]) -> None:
    for row in past:
        if row.number == number and row.task is not None:
            await AskTeam("tell", partial(record.tell, row))
