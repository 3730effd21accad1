"""Build: from plans to films, with the run and the files beside each story."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import copy_context
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.diagnostics import Diagnostic, Related, sort_by_place
from storyboard.diagnostics.rules.money import REFUSED
from storyboard.errors import (
    EXIT_PRECEDENCE,
    AccessError,
    ExitCode,
    InterruptedRun,
    SpendingError,
    StoreError,
    StoryboardError,
    UsageError,
)
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.transcript import Transcript, recording
from storyboard.film import Film, assemble
from storyboard.film.folder import refuse_link
from storyboard.film.takes import Take, Takes
from storyboard.jobs.lock import NO_RECORD, Block, TeamRecord
from storyboard.jobs.lockfile import lock_path, read_lock, update_lock
from storyboard.plan import take_over
from storyboard.project.budgets import budgets_of, note_store, only_store
from storyboard.project.build_terms import Terms, agreed_sum, rules_for
from storyboard.project.compile import CompiledStory, film_name
from storyboard.project.discovery import BUILD
from storyboard.project.places import LOCK_ROOM, hide_from_git, try_places
from storyboard.project.plan import PlannedStory
from storyboard.project.running_page import RunningPage, facts_of, write_page
from storyboard.project.trust import bucket_address, check_gateway, check_store, gateway_key
from storyboard.run.admission import HALTED, Allowance, Gate, Halt, Turns
from storyboard.run.events import Ended, Event, Notice, Notify, Rendering, ignore
from storyboard.run.executor import begin, finish
from storyboard.run.journal import LockFile, LockWriter, NoLock, check_record, with_record
from storyboard.run.result import JobResult, JobState, RunResult
from storyboard.run.run_state import GatewayInsight, RunRules, RunState, StopReason
from storyboard.run.shared_record import SharedRecord
from storyboard.run.signals import carry_out
from storyboard.run.world import LazyTransport, Machine
from storyboard.store import Whose
from storyboard.store.job_status import Verdict

if TYPE_CHECKING:  # only a project with a shared ledger imports it
    from storyboard.project.team_ledger import TeamLedger


@dataclass(frozen=True, slots=True)
class BuiltStory:
    """A story after its build: the result of its run, and its film. `new_lock` is its lock if this build created it.
    `depends` records the disk accesses."""

    planned: PlannedStory
    result: RunResult
    film: Film
    new_lock: Path | None = None
    depends: Transcript = field(default_factory=Transcript, compare=False)


def folder_of(story: Path, variant: str) -> Path:
    """Return the folder of a story's film without `--out`."""
    return story.parent / BUILD / film_name(story, variant)


def folders_for(stories: Sequence[CompiledStory], out: Path | None) -> tuple[Path, ...]:
    """Return the folder of each story's film: `build/NAME/` beside it, or below `out` (`out` itself for a single
    story).

    Raises UsageError if two stories would go to one folder, StoryboardError if one is a link.
    """
    if out is None:
        folders = [folder_of(story.path, story.variant) for story in stories]
    else:
        folders = [out] if len(stories) == 1 else [out / story.name for story in stories]
    taken: dict[Path, CompiledStory] = {}
    for story, folder in zip(stories, folders, strict=True):
        other = taken.setdefault(folder, story)
        if other is not story:
            raise UsageError(
                f"--out: `{other.path}` and `{story.path}` would both be written to {folder}",
                help="build them one at a time, each with its own --out",
            )
    for story, folder in zip(stories, folders, strict=True):
        refuse_link(*([story.path.parent / BUILD, folder] if out is None else [folder] if folder != out else []))
    return tuple(folders)


def exit_code_of(stories: Sequence[BuiltStory]) -> ExitCode:
    """Return the exit code: the most important one of all stories."""
    blamed = {story.result.exit_code for story in stories}
    return next((code for code in EXIT_PRECEDENCE if code in blamed), ExitCode.DONE)


def needs_gateway(story: PlannedStory) -> bool:
    """Whether the story needs its gateway, to poll or to buy."""
    return story.provider.pays and lacks_a_clip(story)


def lacks_a_clip(story: PlannedStory) -> bool:
    """Whether a wanted clip is missing."""
    wanted = (step for step in story.plan.steps if step.wanted and step.state is not Verdict.UNUSED)
    return any(step.state is not Verdict.CACHED for step in wanted)


def check_permissions(stories: Sequence[PlannedStory], *, buying: bool) -> None:
    """Raise PermissionNeeded if the key would go to a gateway that only a project names, or if something would be
    bought with a store, a bucket or a ledger that only a project names.

    Raises UsageError if something would be bought by a shared ledger that is not fit for it."""
    for story in stories:
        if needs_gateway(story):
            check_gateway(story.compiled.project, story.provider)
            if buying and story.request.whose.account:
                check_store(story.compiled.project)
                bucket_address(story.compiled.project)
                _check_team(story)


def _check_team(story: PlannedStory) -> None:
    """Raise why the shared ledger cannot be used. One that is only out of reach stops the buying, not the build."""
    if isinstance(story.team, AccessError | UsageError):
        raise story.team


def check_system(stories: Sequence[PlannedStory], terms: Terms) -> None:
    """Raise UsageError where a gateway would be asked, on a system where it is not proven that two builds never buy the
    same job."""
    if sys.platform == "win32" and not terms.locked:
        paying = next((story for story in stories if needs_gateway(story)), None)
        if paying is not None:
            raise UsageError(
                f"nothing is bought on Windows itself yet, and {paying.provider.name} renders for money",
                help="for the free film: --provider animatic; to buy, run the same command in WSL",
            )


def _refusal(story: PlannedStory) -> StoryboardError | None:
    """Return why nothing may be bought for a story, whatever its plan needs."""
    if not story.provider.pays:
        return None
    try:
        check_gateway(story.compiled.project, story.provider)
        check_store(story.compiled.project)
        if story.compiled.project.settings.clips and needs_gateway(story):
            from storyboard.project.team_bucket import check_bucket

            check_bucket(story.compiled.project, story.store, _ledger_id(story) or None)
        if needs_gateway(story):
            if story.team is not None and not isinstance(story.team, StoryboardError):
                story.team.connected().check_open()
            compiled = story.compiled
            check_record(compiled.lock, lock_path(compiled.path, compiled.variant), _team_record(story))
    except (AccessError, StoreError, UsageError) as refusal:
        return refusal
    return None


def build_all(
    stories: Sequence[PlannedStory], folders: Sequence[Path], terms: Terms | None = None, notify: Notify | None = None
) -> tuple[BuiltStory, ...]:
    """Run the plans and leave each film in its folder.

    Without `terms` nothing is spent. Raises PermissionNeeded as `check_permissions` does.
    """
    terms = terms or Terms()
    check_system(stories, terms)
    check_permissions(stories, buying=terms.leave)
    _prepare_places(stories, folders, terms)
    with _within_own_budget(stories, terms) as budgeted:
        return _build_all(budgeted, folders, terms, _Said(notify or ignore))


def _build_all(
    stories: Sequence[PlannedStory], folders: Sequence[Path], terms: Terms, notify: _Said
) -> tuple[BuiltStory, ...]:
    async def work(halt: Halt) -> tuple[BuiltStory, ...]:
        builder = _Builder(terms, notify, halt, Turns(halt.wakeup), Allowance(agreed_sum(stories, terms)), stories)
        halting = asyncio.create_task(_say_when_halted(halt, notify))
        try:
            return await builder.all(folders)
        finally:
            halting.cancel()
            await builder.close()

    try:
        return carry_out(work)
    except InterruptedRun as stopped:
        raise InterruptedRun(_stays(notify.running), help=stopped.help) from None


@contextmanager
def _within_own_budget(stories: Sequence[PlannedStory], terms: Terms) -> Iterator[Sequence[PlannedStory]]:
    """Under a user's own budget, keep other stores from buying meanwhile, and record this one's spending before and
    after. Yield the stories with budgets that include what was spent elsewhere.

    Raises SpendingError if there are several stores: a reservation is checked against one ledger.
    """
    buying = [story for story in stories if terms.leave and needs_gateway(story)]
    owned = {story.store.folder: story for story in buying if story.compiled.project.settings.own_budget is not None}
    if len(owned) > 1:
        raise SpendingError(
            f"your own budget applies to all stores together, and these stories use {len(owned)}: "
            + ", ".join(map(str, sorted(owned))),
            help="build the projects one at a time",
        )
    if not owned:
        yield stories
        return
    [(_, first)] = owned.items()
    limit = first.compiled.project.settings.own_budget or Decimal(0)
    with only_store(first.store):
        note_store(first.store, limit)
        try:
            yield [_with_new_budgets(story) if story.budgets else story for story in stories]
        finally:
            note_store(first.store, limit)


def _with_new_budgets(story: PlannedStory) -> PlannedStory:
    """Return the story with its current budgets: other builds may have bought since it was planned."""
    return replace(story, budgets=budgets_of(story.compiled, story.request.story, story.store))


def _prepare_places(stories: Sequence[PlannedStory], folders: Sequence[Path], terms: Terms) -> None:
    """Raise StoryboardError if a film, a clip or a lock could not be written after it was paid for."""
    for story, folder in zip(stories, folders, strict=True):
        if folder.parent == story.compiled.path.parent / BUILD:
            hide_from_git(folder.parent)
    if not terms.leave:
        return
    buying = [(story, folder) for story, folder in zip(stories, folders, strict=True) if needs_gateway(story)]
    try_places(place for story, folder in buying for place in (story.store.folder, folder))
    try_places((story.compiled.path.parent for story, _ in buying), room=LOCK_ROOM)


class _Begun(NamedTuple):
    """A story that is ready to run: what its run needs, and the page that shows it."""

    story: PlannedStory
    run: RunState
    machine: Machine
    book: LockWriter
    page: RunningPage


@dataclass
class _Builder:
    """What the stories of a build share: the caps, the number of jobs in flight, the connections."""

    terms: Terms
    notify: Notify
    halt: Halt
    turns: Turns
    allowance: Allowance
    stories: Sequence[PlannedStory]
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    gates: dict[Whose, Gate] = field(default_factory=dict)
    insights: dict[Whose, GatewayInsight] = field(default_factory=dict)
    machines: dict[tuple[Path, str, tuple[str, ...]], Machine] = field(default_factory=dict)
    films: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(os.cpu_count() or 1, "film"))
    """A pool that joins films on all processors, because that takes long and the jobs of other stories need the disk
    meanwhile."""

    async def all(self, folders: Sequence[Path]) -> tuple[BuiltStory, ...]:
        """Build the films of all stories concurrently; jobs are started story by story.

        Raises the first error that does not belong to a single job, after everything else is done.
        """
        async with self.listening():
            begun = [await self.begin(story) for story in self.stories]
            works = (self.build(each, folder) for each, folder in zip(begun, folders, strict=True))
            built = await asyncio.gather(*works, return_exceptions=True)
        for each in built:
            if isinstance(each, BaseException):
                raise each
        return tuple(each for each in built if isinstance(each, BuiltStory))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Run a server for the gateway's callbacks, if wanted, and yield the address to send them to."""
        if self.terms.listen is None:
            yield
            return
        from storyboard.run.callbacks import Listener

        async with Listener(self.halt.wakeup, *self.terms.listen, public=self.terms.callback_url) as listener:
            self.terms = replace(self.terms, callback_url=listener.url)
            yield

    @property
    def teams(self) -> Iterator[TeamLedger]:
        """Return the shared ledgers of the stories."""
        return (team for story in self.stories if (team := story.team) and not isinstance(team, StoryboardError))

    async def begin(self, story: PlannedStory) -> _Begun:
        """Prepare a story before its first job, and bring its lock up to date."""
        machine, page = self.machine(story), RunningPage(self.notify)
        book = await machine.disk(lambda: self.book(story))
        run = await machine.disk(lambda: self.run_state(story, machine, page))
        return _Begun(story, run, machine, book, page)

    async def build(self, begun: _Begun, folder: Path) -> BuiltStory:
        """Build one story's film."""
        story, run, machine, book, page = begun
        compiled = story.compiled
        lock = lock_path(compiled.path, compiled.variant)
        had_lock = lock.exists()
        reused = {} if story.provider.pays else bought_clips(story)
        settled = {**reused, **(missing_from_lock(story) if self.terms.locked else {})}
        steps = tuple(step for step in story.plan.steps if step.job is None or step.job.content not in settled)
        bought = {job.content for job in compiled.jobs} if story.provider.pays else reused.keys()
        with recording() as depends:
            lacks = lacks_a_clip(story)
            made, *_ = await asyncio.gather(
                _finish_then(finish(run, replace(story.plan, steps=steps), machine, book, compiled.lock), page.end),
                page.keep(partial(write_page, story, folder, settled, bought), self.films)
                if lacks
                else asyncio.sleep(0),
            )
            result = _with_settled(made, story, settled)
            await machine.disk(lambda: remember_lock(story))
            film = await asyncio.get_running_loop().run_in_executor(
                self.films,
                copy_context().run,
                lambda: assemble(
                    compiled.story,
                    result,
                    folder,
                    compiled.name,
                    kept_takes(story),
                    drawn=not story.provider.pays and not reused,
                    in_store=story.store.clips.has,
                    bought=bought,
                    facts=facts_of(story),
                    finish=self.terms.finish,
                ),
            )
        return BuiltStory(story, result, film, lock if not had_lock and lock.exists() else None, depends)

    def machine(self, story: PlannedStory) -> Machine:
        """Return the machine and connections for a story's provider; one for each project and gateway."""
        provider, project = story.provider, story.compiled.project
        hosts = project.settings.download_hosts
        place = project.root, provider.base_url, hosts
        if place not in self.machines:
            together = project.settings.concurrency
            transport = LazyTransport(provider, lambda: gateway_key(project, provider), hosts, together)
            self.machines[place] = Machine(transport)
        return self.machines[place]

    def run_state(self, story: PlannedStory, machine: Machine, notify: Notify) -> RunState:
        """Return what a story's jobs share."""
        provider, rules = story.provider, rules_for(story, self.terms, self.run_id)
        whose = story.request.whose
        gate = self.gates.setdefault(whose, Gate(provider.together or rules.concurrency, self.halt.wakeup))
        shared = _shared_record(story, rules, self)
        insight = self.insights.setdefault(whose, GatewayInsight(story.store.ledger.known(whose)))
        away = shared if isinstance(shared, StoryboardError) else None
        run = begin(
            provider=provider,
            store=story.store,
            clock=machine.clock,
            rules=rules,
            story=story.request.story,
            whose=whose,
            run_id=self.run_id,
            notify=notify,
            halt=self.halt,
            gate=gate,
            insight=insight,
            turns=self.turns,
            allowance=self.allowance,
            shared=None if isinstance(shared, StoryboardError) else shared,
        )
        refusal = (_refusal(story) if self.terms.leave else None) or away
        if refusal is not None and run.stopped is None:
            # reported with the jobs that would be bought, if any
            run.stopped = StopReason(refusal.in_words, refusal.exit_code)
        return run

    def book(self, story: PlannedStory) -> LockWriter:
        """Return the lock file for a story's jobs, after adding what only the ledger knew."""
        if self.terms.locked:
            return NoLock()
        path, root = lock_path(story.compiled.path, story.compiled.variant), story.compiled.project.root
        values = story.compiled.values
        if story.compiled.variant and values and read_lock(path).values != values:
            update_lock(path, lambda lock: replace(lock, values=values), root)
        if not story.provider.pays:
            return NoLock()
        rows = story.store.ledger.of_story(story.request.story)
        if story.team is not None and not isinstance(story.team, StoryboardError):
            from storyboard.project.team_history import only_in_team

            rows = (*rows, *only_in_team(story.team.of_story(story.request.story), rows))
        is_behind = take_over(read_lock(path), rows, story.provider.name) != read_lock(path)
        record = NO_RECORD
        if is_behind or (self.terms.leave and needs_gateway(story)):
            with suppress(StoryboardError):  # where it cannot be asked, nothing is bought
                record = _team_record(story)
        if is_behind or (self.terms.left_to_workers and record != NO_RECORD):
            update_lock(path, lambda lock: with_record(take_over(lock, rows, story.provider.name), record), root)
        return LockFile(path, root, record)

    async def close(self) -> None:
        """Close all connections, once everything that was started is done; workers no longer help with the rest."""
        for team in () if self.terms.detached else {id(team): team for team in self.teams}.values():
            with suppress(StoryboardError):  # a worker may then buy what this build was allowed to
                await asyncio.to_thread(team.postgres.unwant, self.run_id)
        self.films.shutdown(wait=True, cancel_futures=True)
        for machine in self.machines.values():
            await machine.__aexit__(None, None, None)


def _shared_record(story: PlannedStory, rules: RunRules, builder: _Builder) -> SharedRecord | StoryboardError | None:
    """Return the team's record if the project has one and something may be bought; or why it cannot be asked."""
    settings = story.compiled.project.settings
    if not rules.may_buy or not story.provider.pays or story.store.is_read_only:
        return None
    if settings.clips is None and settings.ledger is None:
        return None
    try:
        if settings.ledger is not None:
            from storyboard.project.wanted_jobs import want_jobs

            agreed = agreed_sum(builder.stories, builder.terms)
            return want_jobs(story, rules, builder.run_id, agreed, builder.terms.priority)
        from storyboard.project.note_record import open_record

        return open_record(story)
    except StoryboardError as trouble:
        return trouble


def _ledger_id(story: PlannedStory) -> str:
    """Return the id of the ledger that decides on a story's purchases, "" without one. Raise the reason if it cannot be
    asked."""
    if story.team is None:
        return ""
    if isinstance(story.team, StoryboardError):
        raise story.team
    return story.team.postgres.name


def _team_record(story: PlannedStory) -> TeamRecord:
    project, ledger = story.compiled.project, _ledger_id(story)
    if project.settings.clips is None:
        return TeamRecord(ledger=ledger)
    from storyboard.project.team_bucket import team_record

    return team_record(project, story.store, ledger)


def remember_lock(story: PlannedStory) -> None:
    """Tell the store which clips the story's lock names, so that they are not removed."""
    path = lock_path(story.compiled.path, story.compiled.variant)
    clips = [block.clip for block in read_lock(path).blocks.values() if block.clip]
    if clips and not story.store.is_read_only:
        story.store.locks.remember(path, clips)


def bought_clips(story: PlannedStory) -> Mapping[str, JobResult]:
    """Return the jobs of a free build whose clip was bought before and is in the store, by content: a card never
    replaces a bought clip."""
    found: dict[str, JobResult] = {}
    for step in story.plan.steps:
        block = story.compiled.lock.blocks.get(step.job.content) if step.job else None
        clip = story.store.clips.path(block.clip) if block is not None and block.clip else None
        if step.job is not None and block is not None and clip is not None:
            reason = "bought, in the store"
            found[step.job.content] = JobResult(step.job, step.key, JobState.CACHED, reason, clip, block.clip)
    return found


async def _finish_then(made: Awaitable[RunResult], end: Callable[[], None]) -> RunResult:
    try:
        return await made
    finally:
        end()


def missing_from_lock(story: PlannedStory) -> Mapping[str, JobResult]:
    """Return the jobs that are unavailable under `--locked`, by content, with the reason: those not in the lock and,
    without a key, those whose clip would have to be fetched."""
    if not story.provider.pays:
        return {}
    found: dict[str, JobResult] = {}
    for step in story.plan.steps:
        if step.job is None or not step.wanted or step.state is Verdict.CACHED:
            continue
        if step.state is Verdict.BUY:
            reason, blame = f"not in the lock: {step.reason}", ExitCode.SPENDING
        elif not story.request.whose.account:
            reason, blame = "bought, but not in this store; fetching it needs the key", ExitCode.ACCESS
        else:
            continue
        found[step.job.content] = JobResult(step.job, step.key, JobState.SKIPPED, reason, blame=blame)
    return found


def _with_settled(made: RunResult, story: PlannedStory, settled: Mapping[str, JobResult]) -> RunResult:
    """Combine the results of a run with those of jobs that were not part of it, in story order."""
    rest = iter(made.jobs)
    jobs = [step.job for step in story.plan.steps if step.job is not None]
    whole = (replace(settled[job.content], job=job) if job.content in settled else next(rest) for job in jobs)
    return replace(made, jobs=tuple(whole))


def kept_takes(story: PlannedStory) -> Takes:
    """Return the takes of the story's jobs that its lock names and the store has, if there are several."""
    by_base: dict[str, list[Block]] = {}
    for block in story.compiled.lock.blocks.values():
        if block.clip is not None and block.provider == story.provider.name and story.provider.pays:
            by_base.setdefault(block.base, []).append(block)
    used = {job.base: job.take for job in story.compiled.jobs}
    found: dict[str, list[Take]] = {}
    for base, blocks in by_base.items():
        for block in blocks:
            clip = story.store.clips.path(block.clip or "") if used.get(base, block.take) != block.take else None
            if clip is not None:
                found.setdefault(base, []).append(Take(block.take, block.clip or "", clip))
    return found


@dataclass
class _Said:
    """Passes on each general notice once, and tracks which jobs are rendering at a gateway."""

    notify: Notify
    running: set[str] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    def __call__(self, event: Event) -> None:
        match event:
            case Rendering(_, key):
                self.running.add(key)
            case Ended(result):
                self.running.discard(result.key)
            case Notice(message, None) if message in self.said:
                return
            case Notice(message, None):
                self.said.add(message)
            case _:
                pass
        self.notify(event)


async def _say_when_halted(halt: Halt, notify: _Said) -> None:
    await halt.wakeup.wait([HALTED])
    notify(Notice(_stopping(notify.running)))


def _stopping(running: Collection[str]) -> str:
    if not running:
        return "stopping: no more jobs are started"
    return f"stopping: no more jobs are started. {_rendering(running)}; press Ctrl-C again to stop waiting for them"


def _stays(running: Collection[str]) -> str:
    return f"{_rendering(running)} remotely and stay yours" if running else "stopped"


def _rendering(running: Collection[str]) -> str:
    return "1 job is still rendering" if len(running) == 1 else f"{len(running)} jobs are still rendering"


def refusals(results: Sequence[RunResult]) -> tuple[Diagnostic, ...]:
    """Return a finding for each job that would be refused again, with the server's message."""
    return sort_by_place(finding for result in results for job in result.jobs for finding in _refusal_findings(job))


def _refusal_findings(result: JobResult) -> Iterator[Diagnostic]:
    error, shots = result.error, result.job.shots
    if error is None or not error.refused or not shots:
        return
    code = f" ({error.code})" if error.code else ""
    first, *others = shots
    yield REFUSED.at(
        first.origin.span,
        f"the gateway refused `{first.address}`: {error.message}{code}",
        label=f"its job, {result.job.id}, would be refused again" if others else "it would be refused again",
        help=f"change its text, or send it again unchanged: storyboard build --retry {first.address!r}",
        related=[
            *(Related(f"`{shot.address}` is part of the same job", shot.origin.span) for shot in others),
            *first.origin.chain,
        ],
    )
