"""The purchase of one job: what is asked about it, what is recorded about it, and how it ends in this run."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from storyboard.errors import ExitCode, StoryboardError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.job import Job
from storyboard.jobs.key import external_id
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.money import exact_dollars, over
from storyboard.plan.reconcile import block_of
from storyboard.providers.answers import Limited, NoGateway, NotFound, Phase, Task, TaskAnswer, Unclear, Unsupported
from storyboard.providers.calls import HttpCall, Reply
from storyboard.run.admission import Clock, TurnStep
from storyboard.run.effects import Ask, AskTeam, AwaitTurn, Disk, MaySend, WriteLock
from storyboard.run.events import Event, Notice
from storyboard.run.policy import nothing_created, raw_text
from storyboard.run.result import JobError, JobResult, JobState
from storyboard.run.run_state import RunState
from storyboard.run.shared_record import NotNow, RecordAway, SharedRecord
from storyboard.store import Attempt, CapReached
from storyboard.store.attempt import AttemptError
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive, version_of
from storyboard.store.gateway_traits import LONGEST_DELAY, GatewayTraits, Lookup
from storyboard.store.job_status import JobStatus, status_of
from storyboard.store.price_class import price_class_of


@dataclass(frozen=True, slots=True, eq=False)
class Purchase:
    """The purchase of one key in one run.

    `price` is the estimate in US dollars, None if no price is known; `block` is the job's line in the lock. A purchase
    that is `left_out` is only looked for in the store: no gateway is asked about it. `last` is the highest attempt
    number that the lock mentions besides its block: an id up to it may be found, but is never sent.
    """

    run: RunState
    key: str
    job: Job
    price: Decimal | None
    block: Block | None = None
    left_out: bool = False
    last: int = 0

    # What the purchase shares with the run.

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        return self.run.clock

    @property
    def traits(self) -> GatewayTraits:
        """What is known about the gateway."""
        return self.run.traits

    @property
    def price_class(self) -> str:
        """A text that is equal for all jobs that cost and take the same per second."""
        return price_class_of(self.job.request)

    def tell(self, event: Event) -> None:
        """Pass an event to whoever shows progress."""
        self.run.tell(event)

    def notice(self, message: str) -> None:
        """Say something about this job that a person should know."""
        self.run.tell(Notice(message, self.job))

    def elapsed_since(self, start: float) -> float:
        """Return the seconds since `start`, a time of the monotonic clock."""
        return self.clock.monotonic() - start

    # Asking the gateway.

    async def send(self, call: HttpCall, may_send: MaySend | None = None) -> Reply:
        """Send one request to the gateway, once, unless it may not be sent any more."""
        return await Ask(call, may_send)

    async def ask(self, name: str) -> TaskAnswer:
        """Ask the gateway about a task, by its own id or by ours, and fetch its result where that is a second call."""
        provider = self.run.provider
        call = provider.look_up(self.job.model, name)
        reply = await self.send(call)
        answer = provider.read_task(self.job.model, name, reply)
        if isinstance(answer, Task) and answer.result is not None and answer.phase is Phase.COMPLETED:
            answer = _with_result(answer, provider.read_result(await self.send(answer.result)))
        if isinstance(answer, Limited):
            self.run.gate.lower(self.clock.monotonic())
        if isinstance(answer, NoGateway):
            return self._no_gateway(call, answer)
        for remark in answer.remarks if isinstance(answer, Task) else ():
            self.run.say_once(remark)
        if isinstance(answer, Task) and not answer.known:
            answer = replace(answer, raw=raw_text(reply))
        return answer

    def _no_gateway(self, call: HttpCall, answer: NoGateway) -> Unclear:
        """Stop buying where nothing has shown yet that a gateway is there; else it is a passing fault of a proxy."""
        message = f"this is not a gateway: {call.method} {call.url}: {answer.message}"
        if self.traits.lookup is not Lookup.SEEN:
            self.run.stop(f"{message}; check base_url", ExitCode.ACCESS)
        return Unclear(message)

    async def look_up(self, attempt: Attempt) -> TaskAnswer:
        """Ask about our own id. Only a task that is found proves that a gateway can be asked this way."""
        answer = await self.ask(attempt.external_id)
        if isinstance(answer, Task):
            await self.run.learn(lookup=Lookup.SEEN)
        elif isinstance(answer, Unsupported):
            await self.run.learn(lookup=Lookup.ABSENT)
            return NotFound(answer.message)
        return answer

    async def learn_delay(self, seconds: float) -> None:
        """Remember how long a task took to show, in seconds by this process's monotonic clock, up to a limit."""
        await self.run.learn(longest=max(self.traits.longest, min(seconds, LONGEST_DELAY)))

    async def is_another_jobs(self, task: Task) -> bool:
        """Return whether this run or the ledger has this task for another key: then it is nobody's answer."""
        if task.id is None:
            return False
        if task.id in self.run.own_tasks:
            return self.run.own_tasks[task.id] != self.key
        name, whose = task.id, self.run.whose
        keys: tuple[str, ...] = await Disk("whose task", lambda: self.run.store.ledger.keys_of(name, whose))
        return any(key != self.key for key in keys)

    async def turn(self, step: TurnStep) -> None:
        """Wait until every job that comes earlier in the story has done this step."""
        while not self.run.turns.may(self.key, step):
            await AwaitTurn(self.key, step)

    def leave_turns(self) -> None:
        """Let the jobs that come later in the story go first."""
        self.run.turns.leave(self.key)

    # Reading and writing the ledger, the lock and the store.

    async def history(self) -> tuple[Attempt, ...]:
        """Read all attempts at this key."""
        found = await Disk("history", lambda: self.run.store.ledger.history([self.key]))
        history: tuple[Attempt, ...] = found.get(self.key, ())
        self.run.seen[self.key] = version_of(history)
        return history

    def status(self, history: Sequence[Attempt]) -> JobStatus:
        """Judge where the job stands, by the ledger's attempts and the lock."""
        return status_of(history, self.run.whose, self.block)

    def known_clips(self, history: Sequence[Attempt]) -> Sequence[str]:
        """Return the hashes of clips that the job may have: of the one that the lock names, else of the ledger's."""
        locked = self.block.clip if self.block else None
        return [locked] if locked else self.status(history).clips

    def new_attempt(self, number: int) -> Attempt:
        """Return an attempt of this run that is not written anywhere yet."""
        job, run = self.job, self.run
        return Attempt(
            key=self.key,
            number=number,
            external_id=external_id(self.key, job.take, number),
            whose=run.whose,
            story=run.story,
            state=PurchaseState.INTENT,
            content=job.content,
            addresses=job.addresses,
            seconds=job.seconds,
            model=job.model,
            request=job.request,
            run=run.id,
            opened_at=self.clock.now(),
            take=job.take,
            base=job.base,
            rate=self.price_class,
        )

    def attempt_of_block(self, block: Block) -> Attempt:
        """Return what the lock says of an attempt that this ledger never sent; nobody knows when it was begun."""
        known = replace(self.new_attempt(block.attempt), opened_at=0.0, run="", task=block.task)
        state = PurchaseState.SUBMITTED if block.task else PurchaseState.INTENT
        return replace(known, state=state, reserved=self.price if block.cost is None else block.cost)

    async def reserve(self, attempt: Attempt) -> Attempt | CapReached | HistoryChanged | SendersAlive | NotNow:
        """Write the intent to send, with its price, into the ledger and then the lock, unless something forbids it.

        Only the attempt that it returns may be sent, once.
        """
        rules = self.run.rules
        if rules.own_cap is not None and self.job.model in rules.priced_by_project:
            return CapReached(rules.own_cap, Decimal(0), None)
        self.run.turns.reach(self.key, TurnStep.RESERVED)  # the next job's reservation is written after or with this
        ledger, caps, allowance = self.run.store.ledger, self.run.rules.caps, self.run.allowance
        reached = allowance.reserve(attempt.external_id, attempt.reserved, caps)
        record, seen = self.run.shared, self.run.seen.get(self.key, 0)
        if record is not None:
            answer = reached or await self._reserve_in_team(record, attempt, seen)
            if isinstance(answer, CapReached) and attempt.sends == 1:
                await self._give_up_unsent(record, attempt)
            return answer
        if reached is not None:
            return reached
        reserved: Attempt | CapReached | HistoryChanged | SendersAlive = await Disk(
            "reserve", lambda: ledger.reserve(attempt, caps, seen), writes=True
        )
        if not isinstance(reserved, Attempt):
            allowance.release(attempt.external_id)
            return reserved
        self._saw(reserved)
        await self._write_intent(reserved)
        return reserved

    async def _reserve_in_team(
        self, record: SharedRecord, attempt: Attempt, seen: int
    ) -> Attempt | CapReached | HistoryChanged | SendersAlive | NotNow:
        """Reserve here, then in the team's record, then the lock; only then does the ledger call the attempt sent.

        So an intent that the ledger does not call sent was not sent, whatever the record says.
        """
        ledger, caps, rules = self.run.store.ledger, self.run.rules.caps, self.run.rules
        resend = attempt.sends > 1
        unsent = replace(attempt, sends=attempt.sends - 1 if attempt.version else 0)
        row: Attempt | CapReached | HistoryChanged | SendersAlive | NotNow = await Disk(
            "reserve", lambda: ledger.reserve(unsent, caps, seen), writes=True
        )
        barred: CapReached | HistoryChanged | SendersAlive | NotNow | None
        if isinstance(row, Attempt):
            self._saw(row)
            joining = partial(
                record.join,
                row,
                caps,
                resend=resend,
                retry=self.key in rules.retry,
                rebuy=self.key in rules.rebuy,
                looked_up=external_id(self.key, self.job.take, attempt.number - 1) in self.run.looked_through,
            )
            try:
                barred = await AskTeam("join", joining)
            except RecordAway:
                barred = HistoryChanged()  # nothing is sent, and it is decided anew once the record is back
            if barred is None:
                await self._write_intent(row)
                seen = self.run.seen.get(self.key, 0)
                row = await Disk("sends", lambda: ledger.reserve(attempt, (), seen), writes=True)
                if isinstance(row, Attempt):
                    self._saw(row)
                    return row
            else:
                if not isinstance(barred, CapReached) or unsent.sends:
                    await self._leave_row(unsent, nothing_created=unsent.sends == 0)
                row = barred
        self.run.allowance.release(attempt.external_id)
        return row

    async def _give_up_unsent(self, record: SharedRecord, attempt: Attempt) -> None:
        """Withdraw an intent that was never sent and that a cap bars now: others may have room for it, or need none."""
        now = await self._leave_row(attempt, nothing_created=True)
        if now is not None and now.state is PurchaseState.WITHDRAWN:
            await WriteLock(self.job.content, self._block_before(attempt))
            await AskTeam("leave", lambda: record.leave(attempt, nothing_created=True))

    async def withdraw_row(self, attempt: Attempt) -> None:
        """Withdraw an intent of this ledger alone that was never sent: the team's record has gone another way."""
        await self._leave_row(attempt, nothing_created=True)

    async def _leave_row(self, attempt: Attempt, *, nothing_created: bool) -> Attempt | None:
        self.run.allowance.release(attempt.external_id)
        leaving = partial(self.run.store.ledger.leave, attempt, nothing_created=nothing_created)
        now: Attempt | None = await Disk("withdraw", leaving, writes=True)
        if now is not None:
            self._saw(now)
            self.run.count_unstated(now)
        return now

    def _saw(self, row: Attempt) -> None:
        """Continue from this purchase's own write; if others have written too, the next reservation will show it."""
        if row.version == self.run.seen.get(self.key, 0) + 1:
            self.run.seen[self.key] = row.version

    async def _write_intent(self, attempt: Attempt) -> None:
        """Write the intent into the lock. Where that fails nothing is sent, and a first intent is withdrawn."""
        try:
            await self._write_block(attempt)
        except StoryboardError:
            if nothing_created(attempt):
                await self._withdraw_in_ledger(attempt)
            raise

    async def hear(self, attempt: Attempt) -> Attempt:
        """Write down the task that was heard of, into the ledger and then the lock; return the attempt to go on with.

        Where the attempt has another task already, this is one that the gateway made of the same id: it is said so.
        """
        ledger, task = self.run.store.ledger, attempt.task
        now: Attempt = await Disk("hear", lambda: ledger.heard(attempt), writes=True)
        self._saw(now)
        if task is not None and now.task != task:
            self.notice(
                f"{self.job.id} was bought twice: the gateway created task {task} with the same id as {now.task}"
            )
        heard = await self._gone_on(now)
        await self._tell_team(replace(attempt, task=task) if now.task != task else now)
        return heard

    async def _tell_team(self, now: Attempt) -> None:
        record = self.run.shared
        if record is not None and self.run.provider.pays:
            await AskTeam("tell", lambda: record.tell(now))

    async def settle(self, attempt: Attempt) -> Attempt:
        """Write what is now known, into the ledger and then the lock; return the attempt to go on with.

        Its state is another one where somebody else has come further.
        """
        ledger = self.run.store.ledger
        now: Attempt = await Disk(f"settle {attempt.state}", lambda: ledger.settle(attempt), writes=True)
        self._saw(now)
        now = await self._gone_on(now)
        if now.state in (PurchaseState.DONE, PurchaseState.FAILED, PurchaseState.LOST):
            await self._tell_team(now)
        in_flight = now.state is PurchaseState.DONE and attempt.state is not PurchaseState.DONE
        return replace(now, state=PurchaseState.FINISHED, clip=None) if in_flight else now

    async def _gone_on(self, now: Attempt) -> Attempt:
        self.run.count_unstated(now)
        await self._write_block(now)
        return now

    async def withdraw(self, attempt: Attempt) -> bool:
        """Withdraw an intent that can have created nothing: first from the lock, where alone it would be an intent.

        Return False where others may have sent it too: then only this sender is out.
        """
        if self.run.provider.pays:
            await WriteLock(self.job.content, self._block_before(attempt))
        return await self._withdraw_in_ledger(attempt)

    def _block_before(self, attempt: Attempt) -> Block | None:
        """Return the lock's block before this attempt; an earlier run may have written its intent and not sent it."""
        block = self.block
        own = block is not None and (block.key, block.attempt, block.state) == (
            self.key,
            attempt.number,
            PurchaseState.INTENT,
        )
        return None if own else block

    async def _withdraw_in_ledger(self, attempt: Attempt) -> bool:
        now = await self._leave_row(attempt, nothing_created=True)
        record = self.run.shared
        withdrawn = now is None or now.state is PurchaseState.WITHDRAWN
        if record is not None:
            await AskTeam("leave", lambda: record.leave(attempt, nothing_created=withdrawn))
        return withdrawn

    async def leave(self, attempt: Attempt) -> None:
        """Write that this run sends no more under the id, so that others may settle what is unknown."""
        if not attempt.may:
            return
        ledger = self.run.store.ledger
        try:
            now: Attempt | None = await Disk("leave", lambda: ledger.leave(attempt), writes=True)
        except StoryboardError:
            return  # it stays among those that may send, until the next run: that is only more careful
        if now is not None:
            self._saw(now)
        record = self.run.shared
        if record is not None:
            await AskTeam("leave", lambda: record.leave(attempt))

    async def keep(self, unfinished: Path) -> tuple[str, Path]:
        """Take a finished file into the store; return its hash and its place."""
        kept: tuple[str, Path] = await Disk("keep", lambda: self.run.store.clips.add(unfinished))
        return kept

    async def clip_at(self, sha256: str) -> Path | None:
        """Return the clip's verified file in the store, None where it is not there."""
        known = self.run.clips.pop(sha256, None)
        if known is not None:
            return known
        clip: Path | None = await Disk("clip", lambda: self.run.store.clips.path(sha256))
        return clip

    async def keep_in_lock(self, attempt: Attempt) -> None:
        """Make the lock name a clip that was there already."""
        block = self._block_of(attempt)
        if self.run.provider.pays and not _same(self.block, block):
            await WriteLock(self.job.content, block)

    async def _write_block(self, attempt: Attempt) -> None:
        if self.run.provider.pays:
            await WriteLock(self.job.content, self._block_of(attempt))

    def _block_of(self, attempt: Attempt) -> Block:
        """Return the lock's line for an attempt.

        Its cost counts in the story whose build reserved it, elsewhere it is 0. What the lock says already stays, as
        the story may have been built in another folder.
        """
        block = block_of(replace(attempt, addresses=self.job.addresses))
        assert block is not None
        if attempt.story == self.run.story:
            return block
        before = self.block
        same = before is not None and (before.key, before.attempt) == (block.key, block.attempt)
        return replace(block, cost=before.cost if before is not None and same else Decimal(0))

    # How the job ends in this run, with the reason in words and what the process tells the shell.

    def cached(self, sha256: str, clip: Path, attempt: Attempt | None) -> JobResult:
        """Return the outcome of a clip that the store already had."""
        return self._end(JobState.CACHED, "in the store", attempt, clip=clip, sha256=sha256)

    def fetched(self, sha256: str, clip: Path) -> JobResult:
        """Return the outcome of a clip that the lock names and that was fetched from its task."""
        task = self.block.task if self.block else None
        return JobResult(self.job, self.key, JobState.BUILT, "fetched", clip, sha256, task=task)

    def built(self, attempt: Attempt, clip: Path) -> JobResult:
        """Return the outcome of a clip that was made in this run."""
        cost = self._paid(attempt)
        reason = "fetched" if attempt.task else "made here"
        return self._end(JobState.BUILT, reason, attempt, clip=clip, sha256=attempt.clip, cost=cost)

    def not_allowed(self) -> JobResult | None:
        """Say why nothing may be bought now; None where it may."""
        run = self.run
        if run.halt.asked:
            return self.skipped("stopped before it was sent", ExitCode.INTERRUPTED)
        if run.stopped is not None:
            return self.skipped(run.stopped.reason, run.stopped.blame)
        if run.provider.pays and not run.rules.may_buy:
            return self.skipped(run.rules.refusal, ExitCode.SPENDING)
        return None

    def skipped(self, reason: str, blame: ExitCode) -> JobResult:
        """Return the outcome of a job that was not bought."""
        return self._end(JobState.SKIPPED, reason, None, blame=blame)

    def capped(self, reached: CapReached) -> JobResult:
        """Return the outcome of a job whose price would exceed a cap."""
        cap = reached.cap
        if reached.price is None:
            known = (
                "only the project states the price of"
                if cap == self.run.rules.own_cap
                else "there is no known price for"
            )
            where = " in your own configuration" if cap == self.run.rules.own_cap else ""
            reason = f"{known} {self.job.model}, but {cap.name} is set: state the price under [prices]{where}"
        else:
            price, spent, limit = over(reached.price, reached.spent, cap.limit)
            reason = f"{price} more would exceed {cap.name} ({limit}), of which {spent} is spent or reserved"
            for held in reached.holds:
                self.run.say_once(f"{cap.name}: {held}")
        return self.skipped(reason, ExitCode.SPENDING)

    def still_running(self, attempt: Attempt, reason: str, blame: ExitCode = ExitCode.RUNNING) -> JobResult:
        """Return the outcome of a task that is still running at the gateway; the same command picks it up."""
        return self._end(JobState.RUNNING, reason, attempt, blame=blame)

    def finished(self, attempt: Attempt, reason: str, blame: ExitCode = ExitCode.RUNNING) -> JobResult:
        """Return the outcome of a task that is charged but has no clip yet; every build asks for it again."""
        return self._end(JobState.FINISHED, reason, attempt, cost=self._paid(attempt), blame=blame)

    def elsewhere(self, blame: ExitCode, reason: str = "another build has this job") -> JobResult:
        """Return the outcome of a job that another build, or another process of the team, is making."""
        return self._end(JobState.RUNNING, reason, None, blame=blame)

    def unknown(self, attempt: Attempt, why: str, blame: ExitCode = ExitCode.UNKNOWN) -> JobResult:
        """Return the outcome of a job for which it is not known whether a task was created and billed."""
        reason = f"{why}; it may be rendering and billed, so it is not sent again. See: storyboard status"
        return self._end(JobState.UNKNOWN, reason, attempt, blame=blame)

    def held(self, attempt: Attempt | None, why: str) -> JobResult:
        """Return the outcome of a job that belongs to another account, base URL or dialect."""
        return self._end(JobState.HELD, why, attempt, blame=ExitCode.ACCESS)

    def lost(self, attempt: Attempt, why: str) -> JobResult:
        """Return the outcome of a task that is gone, or whose file is gone, with what it cost."""
        worth = f", which had cost {exact_dollars(attempt.costs)}" if attempt.costs else ""
        reason = f"{why}{worth}; to buy it again{self._for_about}: --rebuy {self._address}"
        return self._end(JobState.LOST, reason, attempt, blame=ExitCode.JOB_FAILED)

    def failed(self, attempt: Attempt | None, error: AttemptError) -> JobResult:
        """Return the outcome of a job that was refused, or failed too often."""
        told = JobError(error.code, error.message, error.final)
        return self._end(JobState.FAILED, error.message, attempt, error=told, blame=ExitCode.JOB_FAILED)

    def billed_failure(self, attempt: Attempt) -> JobResult:
        """Return the outcome of a task that failed and was charged: only the author can have it bought again."""
        error = attempt.error or AttemptError(None, "it failed")
        told = JobError(error.code, error.message, error.final)
        reason = (
            f"{error.message}; it failed and {exact_dollars(attempt.costs)} was charged, so it is not retried "
            f"automatically. To buy it once more{self._for_about}: --retry {self._address}"
        )
        cost = self._paid(attempt)
        return self._end(JobState.BILLED_FAILURE, reason, attempt, cost=cost, error=told, blame=ExitCode.JOB_FAILED)

    @property
    def _for_about(self) -> str:
        return f" for about {exact_dollars(self.price)}" if self.price else ""

    def _paid(self, attempt: Attempt) -> Decimal | None:
        return self.run.paid.get((self.key, attempt.number))

    def refused(self, attempt: Attempt) -> JobResult:
        """Return the outcome of a job that was refused before, and would be refused again."""
        error = attempt.error or AttemptError(None, "refused", final=True)
        way_out = f"{error.message}; change its text, or send it again{self._for_about}: --retry {self._address}"
        return replace(self.failed(attempt, error), reason=way_out)

    def troubled(self, trouble: StoryboardError) -> JobResult:
        """Return the outcome of a job that an error on this machine prevents."""
        words = trouble.in_words
        return self._end(JobState.FAILED, words, None, error=JobError(None, words), blame=trouble.exit_code)

    @property
    def _address(self) -> str:
        return f"'{self.job.addresses[0]}'" if self.job.addresses else self.job.id

    def _end(
        self,
        state: JobState,
        reason: str,
        attempt: Attempt | None,
        *,
        clip: Path | None = None,
        sha256: str | None = None,
        cost: Decimal | None = None,
        error: JobError | None = None,
        blame: ExitCode = ExitCode.DONE,
    ) -> JobResult:
        task, number = (attempt.task, attempt.number) if attempt else (None, 0)
        if attempt is not None and state not in (JobState.CACHED, JobState.HELD):
            self.run.count_unstated(attempt)
        reserved = sum((price for (key, _), price in self.run.unstated.items() if key == self.key), Decimal(0))
        said = self.run.said_by_team.get(self.key) if state in (JobState.RUNNING, JobState.UNKNOWN) else None
        return JobResult(
            *(self.job, self.key, state, reason, clip, sha256, cost, reserved or None, task, number, error, blame),
            by=(said.writer or None) if said else None,
            since=(said.begun_at or None) if said else None,
        )


def _with_result(task: Task, result: TaskAnswer) -> TaskAnswer:
    """Join a completed task with what its result says; either may state the price."""
    if isinstance(result, NotFound | Unsupported):
        return Unclear(result.message)
    if not isinstance(result, Task):
        return result
    cost = task.cost if result.cost is None else result.cost
    return replace(result, id=task.id, cost=cost, took=result.took or task.took)


def _same(before: Block | None, now: Block) -> bool:
    return before is not None and (before.clip, before.state, before.shots) == (now.clip, now.state, now.shots)
