"""A worker: takes the next job in fair order that its team's ledger has for its account, buys it, and puts the clip
into the bucket.

It needs no stories, because an order says everything. It never ends because the database, the bucket or the gateway is
out of reach. What it is rendering when it ends is taken over by others.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import SEND_EVERY, Spool
from storyboard.cluster.job_queue import TakenJob
from storyboard.cluster.troubles import LedgerAway
from storyboard.errors import AccessError, ExitCode, StoreError, StoryboardError, UsageError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.project.budgets import own_cap
from storyboard.project.job_order import JobOrder, payload_of, read_order
from storyboard.project.ledger_record import LedgerRecord
from storyboard.project.plan import account_at
from storyboard.project.project import Project
from storyboard.project.shared_clips import author_of
from storyboard.project.team_bucket import check_worker_bucket, open_bucket
from storyboard.project.team_ledger import TeamLedger, open_worker_ledger
from storyboard.project.trust import check_store, gateway_key, ledger_address
from storyboard.project.workspace import Run
from storyboard.providers.protocol import Provider
from storyboard.run.admission import HALTED, Allowance, Gate, Halt, SystemClock, Turns
from storyboard.run.events import Notice, Notify, Taken
from storyboard.run.executor import Executor, begin
from storyboard.run.journal import Journal, NoLock
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult, JobState
from storyboard.run.run_state import GatewayInsight
from storyboard.run.signals import carry_out
from storyboard.run.world import LazyTransport, Machine
from storyboard.store import Cap, LocalStore, Whose

IDLE_SECONDS = 2.0
"""Seconds between two looks at an empty queue."""
JOBS_CHANGED = "jobs changed"
"""The topic of the ledger's notices about the queue."""
LATER_SECONDS = 30.0
"""Seconds until a job that cannot be bought now is looked at again."""
RECONNECT_SECONDS = 5.0
"""Seconds between two attempts of a worker to reach its ledger for the first time."""


@dataclass(frozen=True, slots=True)
class WorkerTerms:
    """How a worker works. `concurrency` is the number of jobs in flight; the configuration decides it. `name` is the
    user's word that only one worker of that name runs; `project` limits it to one project's jobs. `once` ends it after
    one job, or if none is queued. `grace` is how many seconds it goes on polling jobs that are rendering when it is
    asked to end."""

    concurrency: int = 5
    name: str | None = None
    project: str | None = None
    once: bool = False
    grace: float = 60.0


@dataclass(eq=False)
class Shift:
    """What a worker does under one configuration, until it ends or the configuration is read again."""

    project: Project
    provider: Provider
    store: LocalStore
    team: TeamLedger
    bucket: SharedBucket | None
    terms: WorkerTerms
    notify: Notify
    halt: Halt
    machine: Machine
    gate: Gate
    insight: GatewayInsight
    working: set[asyncio.Task[JobResult | None]] = field(default_factory=set)
    over: bool = False

    @property
    def whose(self) -> Whose:
        """The account that it buys with, as this store knows it."""
        provider = self.provider
        return Whose(provider.name, provider.base_url, provider.dialect, account_at(provider, self.store))

    async def work(self) -> ExitCode:
        """Take and buy jobs until asked to end; return the exit code."""
        code, told = ExitCode.DONE, ""
        if not self.terms.once:
            self.notify(Notice(f"taking jobs from {ledger_address(self.project)}"))
        beside = [asyncio.create_task(self._keep_up()), asyncio.create_task(self._listen())]
        while not (self.halt.asked or self.over):
            self._forget_ended()
            taken, trouble = await self._take()
            if trouble != told:
                self.notify(Notice(trouble or "the ledger can be used again"))
                told = trouble
            if taken is not None:
                self.working.add(asyncio.create_task(self._one(taken)))
            if self.terms.once:
                results = await asyncio.gather(*self.working)
                blamed = [result.blame for result in results if result is not None]
                code = ExitCode.JOB_FAILED if trouble else next(iter(blamed), ExitCode.DONE)
                break
            if taken is None:
                await self._news()
        for task in beside:
            task.cancel()
        await self._end()
        return code

    async def _take(self) -> tuple[TakenJob | None, str]:
        """Return the next job, None if there is none or enough are in flight; and what is wrong with the ledger."""
        if len(self.working) >= self.terms.concurrency or not self.gate.open:
            return None, ""
        whose = self.team.whose_there(self.whose)

        def take() -> tuple[TakenJob | None, str]:
            ledger = self.team.connected()
            closed = ledger.closed
            words = "" if closed is None else f"the ledger is closed: {closed}; only what is rendering is fetched"
            return ledger.take(whose, self.terms.project, running_only=closed is not None), words

        try:
            return await self.machine.share(take)
        except StoryboardError as trouble:
            return None, trouble.in_words

    def _forget_ended(self) -> None:
        for task in [task for task in self.working if task.done()]:
            self.working.remove(task)
            task.result()  # a bug in it is ours

    async def _news(self) -> None:
        """Wait until a job ends, a moment has passed, or the worker is asked to end."""
        halted = asyncio.ensure_future(self.halt.wakeup.wait([HALTED, JOBS_CHANGED]))
        try:
            await asyncio.wait({*self.working, halted}, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            halted.cancel()

    async def _listen(self) -> None:
        """Look at the queue as soon as the ledger gives notice that it has changed."""
        while True:
            if await asyncio.to_thread(self.team.keeper().wait_for_news):
                self.halt.wakeup.ring([JOBS_CHANGED])

    async def _end(self) -> None:
        """Let jobs end. Once the worker is asked to end, they have `grace` seconds; others take over the rest."""
        while self.working and not self.halt.asked:
            await self._news()
            self._forget_ended()
        if self.working:
            jobs = "the job" if len(self.working) == 1 else f"the {len(self.working)} jobs"
            words = f"ending: nothing more is sent; {jobs} in flight can end within {self.terms.grace:g} s"
            self.notify(Notice(f"{words}, then others take over. A second signal ends this worker at once"))
            await asyncio.wait(self.working, timeout=self.terms.grace)
        for task in self.working:
            task.cancel()
        await asyncio.gather(*self.working, return_exceptions=True)

    async def _keep_up(self) -> None:
        """Every 30 seconds, send what waits for the bucket, and show that this worker is alive."""
        while True:
            await asyncio.sleep(SEND_EVERY)
            with suppress(StoryboardError):
                await self.machine.share(self.send_spool)
            with suppress(StoryboardError):
                await self.machine.share(self.team.postgres.session.speak)

    def send_spool(self) -> None:
        """Send what waits for the bucket."""
        if self.bucket is not None:
            Spool(self.store.folder, self.bucket.address).send(self.bucket, self.store.clips, author_of(self.store))

    async def close(self) -> None:
        """End the session and all connections."""
        with suppress(StoryboardError):
            await asyncio.to_thread(self.send_spool)
        await asyncio.to_thread(self.team.close)
        await self.machine.__aexit__(None, None, None)

    async def _one(self, taken: TakenJob) -> JobResult | None:
        """Buy one job; None if its order cannot be carried out here."""
        try:
            order = read_order(taken.order)
            self._check(order)
            self.notify(Taken(order.job, taken.key, order.story.project, order.story.path, taken.person))
        except UsageError as unfit:
            self.notify(Notice(f"{taken.key[:12]}: {unfit.message}"))
            with suppress(StoryboardError):
                await self.machine.share(lambda: self.team.postgres.release(taken.key, seconds=LATER_SECONDS))
            return None
        record = LedgerRecord(
            team=self.team,
            whose=self.whose,
            wanted={},
            bucket=self.bucket,
            person=taken.person,
            releasing=_releasing,
            unique_ids=self.project.settings.unique_ids,
        )
        self.team.runs.append(record)
        try:
            run = await self.machine.disk(
                lambda: begin(
                    provider=self.provider,
                    store=self.store,
                    clock=self.machine.clock,
                    rules=replace(
                        order.rules,
                        caps=(*order.rules.caps, *self._own_caps()),
                        unique_ids=self.project.settings.unique_ids,
                    ),
                    story=order.story,
                    whose=self.whose,
                    run_id=taken.run,
                    notify=self.notify,
                    halt=self.halt,
                    gate=self.gate,
                    insight=self.insight,
                    turns=Turns(self.halt.wakeup),
                    allowance=Allowance(),
                    shared=record,
                )
            )
            purchase = Purchase(run, taken.key, order.job, order.price, last=order.last)
            journal = Journal(self.store.ledger, self.machine.disk, NoLock())
            results = await Executor(run, self.machine, journal).all([purchase])
        except StoryboardError as trouble:
            self.notify(Notice(f"{order.job.id}: {trouble.in_words}"))
            with suppress(StoryboardError):
                await self.machine.share(lambda: self.team.postgres.release(taken.key, seconds=LATER_SECONDS))
            return None
        finally:
            if not record.has_unsaid:  # else it follows once the database is back
                self.team.runs.remove(record)
        return results[taken.key]

    def _check(self, order: JobOrder) -> None:
        """Raise UsageError if this worker would send anything else than the build that ordered it."""
        model = order.job.model
        if model not in self.project.catalog:
            raise UsageError(f"this worker has no card of the model {model}", help="copy the build's card to it")
        if payload_of(self.provider, order.job) != order.payload:
            raise UsageError(
                f"this worker's card of {model} differs from that of the build that wants the job",
                help="give both the same version of storyboard, and the same cards",
            )

    def _own_caps(self) -> tuple[Cap, ...]:
        own = self.project.settings.own_budget
        return () if own is None else (own_cap(own, self.store),)


def _releasing(result: JobResult) -> float | None:
    """Return the seconds after which others may have a job without a clip; None removes it from the queue."""
    if result.state is JobState.SKIPPED and result.blame is not ExitCode.SPENDING:
        return 0.0 if result.blame is ExitCode.INTERRUPTED else LATER_SECONDS
    if result.state in (JobState.RUNNING, JobState.FINISHED):
        return LATER_SECONDS
    return None


def work(open_run: Callable[[], Run], terms: WorkerTerms, notify: Notify, opened: Callable[[Shift], None]) -> ExitCode:
    """Work until asked to end; return the exit code. `open_run` reads the configuration, again at each SIGHUP, and
    `opened` is called with each new shift.

    Raises UsageError and AccessError for a configuration that no worker can use, LedgerAway if `once` is set and the
    ledger cannot be reached, and InterruptedRun at a second signal.
    """
    if sys.platform == "win32":
        raise UsageError("a worker cannot run on Windows itself yet", help="run the same command in WSL")

    async def working(halt: Halt) -> ExitCode:
        worker = _Worker(open_run, terms, notify, opened, halt)
        try:
            return await worker.work()
        finally:
            await worker.close()

    return carry_out(working)


@dataclass(eq=False)
class _Worker:
    open_run: Callable[[], Run]
    terms: WorkerTerms
    notify: Notify
    opened: Callable[[Shift], None]
    halt: Halt
    shifts: dict[asyncio.Task[ExitCode], Shift] = field(default_factory=dict)

    async def work(self) -> ExitCode:
        """One shift after the other; an old one ends when its jobs do."""
        asked = asyncio.Event()
        if sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        shift = await self._reached()
        code = ExitCode.DONE
        while shift is not None:
            current = asyncio.create_task(shift.work())
            self.shifts[current] = shift
            anew = await self._anew(current, asked)
            if anew is None:
                code = await current
                break
            shift.over = True
            shift = anew
        for task in self.shifts:
            await task
        return code

    async def _reached(self) -> Shift | None:
        """The first shift, as soon as the ledger can be reached; None where the worker is to end before."""
        told = False
        while not self.halt.asked:
            try:
                return await asyncio.to_thread(self._open, first=True)
            except LedgerAway as away:
                if self.terms.once:
                    raise
                if not told:
                    self.notify(Notice(away.in_words))
                told = True
                await self.halt.wakeup.wait_for([HALTED], RECONNECT_SECONDS, SystemClock())
        return None

    async def _anew(self, current: asyncio.Task[ExitCode], asked: asyncio.Event) -> Shift | None:
        """The next shift, once the configuration is to be read again; None where the present one ends first."""
        while True:
            waits = asyncio.ensure_future(asked.wait())
            await asyncio.wait({current, waits}, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            if current.done():
                return None
            asked.clear()
            try:
                anew = await asyncio.to_thread(self._open, first=False)
            except StoryboardError as trouble:
                self.notify(Notice(f"the configuration stays as it was: {trouble.in_words}"))
            else:
                self.notify(Notice("the configuration was read again"))
                return anew

    def _open(self, *, first: bool) -> Shift:
        run = self.open_run()
        project = run.project_of(run.base)
        store = run.store_of(project)
        provider = run.provider_of(project, name=project.settings.buying)
        check_store(project)
        if not gateway_key(project, provider):
            raise AccessError("No API key. Set STORYBOARD_API_KEY to the key that this worker buys with")
        if (why := store.unproven()) is not None:
            raise StoreError(why)
        whose = Whose(provider.name, provider.base_url, provider.dialect, account_at(provider, store))
        team = open_worker_ledger(project, store, self.terms.name, first=first)
        try:
            insight = GatewayInsight(team.learn(whose))
            bucket = None
            if project.settings.clips is not None:
                bucket = open_bucket(project)
                with suppress(BucketAway):
                    check_worker_bucket(project, store, team.postgres.name)
        except BaseException:
            team.close()
            raise
        hosts = project.settings.download_hosts
        concurrency = project.settings.concurrency
        machine = Machine(LazyTransport(provider, lambda: gateway_key(project, provider), hosts, concurrency))
        terms = replace(self.terms, concurrency=concurrency)
        gate = Gate(provider.together or concurrency, self.halt.wakeup)
        shift = Shift(project, provider, store, team, bucket, terms, self.notify, self.halt, machine, gate, insight)
        self.opened(shift)
        return shift

    async def close(self) -> None:
        """End every session."""
        for task, shift in self.shifts.items():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await shift.close()
