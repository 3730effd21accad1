"""Several machines of a team on one simulated clock, with one bucket: each request to it can be lost, late or refused.

Notes, purses, clips and the spool are the real ones. Work on them runs in threads, of which one at a time goes on: from
one request to the bucket to the next. So a machine is killed between any two requests, and what it sent still arrives.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal, TypeAlias

from storyboard.bucket.address import read_address
from storyboard.bucket.bucket_clips import BucketClips
from storyboard.bucket.note import Note, Writer, time_text
from storyboard.bucket.note_book import NoteBook
from storyboard.bucket.note_changes import NoteAuthor, take_over
from storyboard.bucket.object_store import BucketAway, Objects, ObjectVersion, StoredObject
from storyboard.bucket.purse import Purse, PurseBook
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import SEND_EVERY, Spool
from storyboard.errors import StoryboardError
from storyboard.jobs.job import Job
from storyboard.project.note_record import NoteRecord
from storyboard.project.purchase_news import news_of_rows
from storyboard.run.effects import NOT_ALLOWED, Ask, AskTeam, Effect
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.run_state import RunRules
from storyboard.store.clips import ClipFolder
from storyboard.store.send_permission import Moment
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.gateway_model import USUAL, Habits
from tests.support.simulation import LATENCY, Fault, Machine, Point, Process, World
from tests.support.waiting import PATIENCE

PROJECT = "lantern"
ANSWER = 15.0
"""Seconds until a client gives up a request to the bucket."""
DELAY = 60.0
"""Seconds after which a delayed write arrives, long after it was given up."""

BucketFault: TypeAlias = Literal["cut", "late", "unsent"] | float
"""Done, and the answer is lost · done a minute later, when the client has given up · never arrives · done after so many
seconds."""


class Killed(BaseException):
    """The process of a thread is gone: it does nothing more."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the bucket."""

    kind: Literal["read", "write", "size", "add", "download", "remove"]
    path: str
    content: bytes = b""
    seen: StoredObject | None = None

    @property
    def writes(self) -> bool:
        """Whether it changes the bucket."""
        return self.kind in ("write", "add", "remove")


class BucketModel:
    """A bucket in memory. Its versions are hashes of the content, as of many servers: an old one can fit again."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()

    def perform(self, request: Request) -> Any:
        """What a request does and is answered when it arrives."""
        self.asked[request.kind] += 1
        there = self.objects.get(request.path)
        match request.kind:
            case "read":
                return None if there is None else _stored(there)
            case "size":
                return None if there is None else len(there)
            case "download":
                return there
            case "add":
                self.objects.setdefault(request.path, request.content)
                return there is None
            case "remove":
                self.objects.pop(request.path, None)
                return None
        fits = there is None if request.seen is None else there is not None and _stored(there) == request.seen
        if not fits:
            return None
        self.objects[request.path] = request.content
        return _stored(request.content)


def _stored(content: bytes) -> StoredObject:
    return StoredObject(content, ObjectVersion(hashlib.md5(content).hexdigest(), None))


class SimObjects(Objects):
    """The bucket as the code uses it; each request goes through `perform`."""

    def __init__(self, perform: Callable[[Request], Any]) -> None:
        self.address = read_address("s3://films/team")
        self._perform = perform

    def read(self, path: str, most: int) -> StoredObject | None:
        found: StoredObject | None = self._perform(Request("read", path))
        return found

    def put_once(self, path: str, content: bytes, seen: StoredObject | None) -> StoredObject | None:
        written: StoredObject | None = self._perform(Request("write", path, content, seen))
        return written

    def size(self, path: str) -> int | None:
        size: int | None = self._perform(Request("size", path))
        return size

    def add(self, path: str, content: bytes) -> bool:
        return bool(self._perform(Request("add", path, content)))

    def fetch(self, path: str, target: Path, most: int = 0) -> str | None:
        content: bytes | None = self._perform(Request("download", path))
        if content is None:
            return None
        target.write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def remove(self, path: str) -> None:
        self._perform(Request("remove", path))


class SimBucket(SharedBucket):
    """A team's bucket, in which only the network is simulated."""

    def __init__(self, perform: Callable[[Request], Any]) -> None:
        self.objects = SimObjects(perform)
        self.notes = NoteBook(self.objects)
        self.purses = PurseBook(self.objects, grouped=False)  # its threads take turns: none may wait for another
        self.clips = BucketClips(self.objects)


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a thread's work: what it answered or raised."""

    answer: Any


class Errand:
    """Work in a thread of its own, which stops at each request to the bucket until it is given the answer."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._asks: SimpleQueue[Request | Finished] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.over = False

    def begin(self) -> Request | Finished:
        """Let it run to its first request, or to its end."""
        self._thread.start()
        return self._next()

    def go_on(self, answer: Any) -> Request | Finished:
        """Give it the answer to its request, and let it run to the next one."""
        self._answers.put(answer)
        return self._next()

    def kill(self) -> None:
        """Let it do nothing more."""
        while not self.over:
            self.go_on(Killed())

    def ask(self, request: Request) -> Any:
        """Called by the work: wait for the driver's answer."""
        self._asks.put(request)
        answer = self._answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _next(self) -> Request | Finished:
        asked = self._asks.get(timeout=PATIENCE)
        if isinstance(asked, Finished):
            self.over = True
            self._thread.join()
            if isinstance(asked.answer, AssertionError):
                raise asked.answer
        return asked

    def _run(self) -> None:
        _here.errand = self
        answer: Any = AssertionError("a thread ended with a bug; its traceback is printed beside this one")
        try:
            answer = self._work()
        except (StoryboardError, Killed) as error:
            answer = error
        finally:
            self._asks.put(Finished(answer))


_here = threading.local()


@dataclass
class TeamMachine(Machine):
    """One machine's disk. `gone` machines never come back; `sharing` is the claim on its spool."""

    name: str = ""
    folder: Path = Path()
    clip_folder: ClipFolder = field(init=False)
    gone: bool = False
    sharing: bool = False

    def __post_init__(self) -> None:
        self.clip_folder = ClipFolder(self.folder / "clips")
        self.clips = self.clip_folder  # type: ignore[assignment]

    @property
    def store(self) -> str:
        """The store's id."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:32]

    @property
    def spool(self) -> Spool:
        """What is to follow to the bucket."""
        return Spool(self.folder, "s3://films/team")


class TeamWorld(World):
    """A world with a bucket. `bucket_faults` maps a request to it (from 1) to what befalls it; while it is `away`, from
    and until these times, no request arrives."""

    def __init__(
        self,
        folder: Path,
        template: Path,
        habits: Habits = USUAL,
        faults: dict[int, Fault] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(habits, faults, seed)
        self.bucket = BucketModel()
        self.bucket_faults: dict[int, BucketFault] = {}
        self.bucket_requests = 0
        self.bucket_latency = (0.01, 0.3)
        self.on_bucket_request: Callable[[Request], BucketFault | None] | None = None
        self.away: list[tuple[float, float]] = []
        self._folder, self._template = folder, template
        self._errands: dict[int, list[Errand]] = {}
        self._open = SimBucket(self._ask_bucket)

    # ---- machines and what people do

    def team_machine(self, name: str) -> TeamMachine:
        """A new machine with an empty store."""
        folder = self._folder / name
        folder.mkdir()
        shutil.copyfile(self._template, folder / "ledger")
        machine = TeamMachine(SqliteLedger(folder / "ledger"), name=name, folder=folder)
        self.machines.append(machine)
        return machine

    def build(
        self, machine: TeamMachine, jobs: Iterable[Job], rules: RunRules, *, point: Point | None = None
    ) -> Process:
        """Begin a build with the team's bucket."""
        process = self.start(machine, jobs, rules=rules, point=point, shared=self.record(machine), key_of=key_of)
        self.later(SEND_EVERY, lambda: self._share_now_and_then(process))
        return process

    def record(self, machine: TeamMachine) -> NoteRecord:
        """The team's record as a machine has it."""
        return NoteRecord(
            bucket=self._open,
            spool=machine.spool,
            clips=machine.clip_folder,
            author=lambda: self.author(machine),
            news_of=lambda attempt: news_of_rows([attempt], PROJECT, lambda whose: whose.account),
            project=PROJECT,
            account="acc1",
            moment=lambda: Moment(self.clock.monotonic(), self.clock.now()),
        )

    def author(self, machine: TeamMachine) -> NoteAuthor:
        """Who a machine writes as, now."""
        return NoteAuthor(Writer(machine.store, f"{machine.name}@desk", "1"), time_text(self.clock.now()))

    def note(self, job: Job) -> Note | None:
        """A job's note, as it is in the bucket."""
        return self._open.notes.read(key_of(job)).note

    def purse(self) -> Purse:
        """The project's purse, as it is in the bucket."""
        return self._open.purses.read(PROJECT)

    def take_over(self, job: Job, machines: Iterable[TeamMachine], by: TeamMachine) -> None:
        """A person says that these machines will never send again."""
        seen = self._open.notes.read(key_of(job))
        if seen.note is not None:
            taken = take_over(seen.note, [machine.store for machine in machines], by.name, self.author(by))
            if isinstance(taken, Note):
                self._open.notes.write(taken, seen)

    def when(self, process: Process, step: str, action: Callable[[], None]) -> None:
        """Do something as soon as a process begins a step, once."""

        class Trace(list[str]):
            """The trace of effects, which notices the step."""

            done = False

            def append(self, name: str) -> None:
                super().append(name)
                if name == step and not self.done:
                    self.done = True
                    action()

        process.trace = Trace(process.trace)

    # ---- driving

    def kill(self, process: Process) -> None:
        for errand in self._errands.pop(id(process), []):
            errand.kill()
        super().kill(process)

    def _perform(self, process: Process, purchase: Purchase, effect: Effect[Any]) -> tuple[float, Any] | None:
        def advance(answer: Any) -> None:
            self._advance(process, purchase, answer)

        match effect:
            case AskTeam(_, work):
                self._run_errand(process, work, advance)
            case Ask(call, allowed) if allowed is not None:

                def leave(may: Any) -> None:
                    delay, reply = self._sent(call, process) if may is True else (LATENCY, NOT_ALLOWED)
                    self._at(delay, lambda: advance(reply))

                self._run_errand(process, allowed, leave)
            case _:
                return super()._perform(process, purchase, effect)
        return None

    def _ended(self, process: Process, purchase: Purchase, result: JobResult) -> None:
        super()._ended(process, purchase, result)
        if process.schedule.over:
            self._share(process)

    def _share_now_and_then(self, process: Process) -> None:
        if not (process.dead or process.schedule.over):
            self._share(process)
            self.later(SEND_EVERY, lambda: self._share_now_and_then(process))

    def _share(self, process: Process) -> None:
        """As a build does every 30 seconds and at its end: what the ledger knows, through the spool."""
        machine = process.machine
        assert isinstance(machine, TeamMachine)
        if machine.sharing:
            return
        machine.sharing = True
        rows = machine.ledger.all()
        for row in rows:
            if row.clip is not None:
                machine.spool.add_clip(row.clip)
        for news in news_of_rows(rows, PROJECT, lambda whose: whose.account):
            machine.spool.add_news(news)

        def work() -> None:
            try:
                machine.spool.send(self._open, machine.clip_folder, self.author(machine))
            finally:
                machine.sharing = False

        self._run_errand(process, work, lambda _: None)

    def _run_errand(self, process: Process, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        errand = Errand(work)
        self._errands.setdefault(id(process), []).append(errand)
        self._follow(process, errand, errand.begin(), then)

    def _follow(self, process: Process, errand: Errand, asked: Request | Finished, then: Callable[[Any], None]) -> None:
        if isinstance(asked, Finished):
            with suppress(KeyError):
                self._errands[id(process)].remove(errand)
            self._at(0.0, lambda: then(asked.answer))
            return

        def go_on(answer: Any) -> None:
            if errand.over or process.dead:
                return
            if self.clock.monotonic_now < process.paused_until:
                self._at(process.paused_until - self.clock.monotonic_now + 0.001, lambda: go_on(answer))
                return
            self._follow(process, errand, errand.go_on(answer), then)

        self._request(asked, go_on)

    def _request(self, request: Request, go_on: Callable[[Any], None]) -> None:
        """What befalls a request to the bucket: when it arrives, and what its sender hears."""
        self.bucket_requests += 1
        fault, latency = self.bucket_faults.get(self.bucket_requests), self.random.uniform(*self.bucket_latency)
        if self.on_bucket_request is not None:
            fault = self.on_bucket_request(request) or fault
        gone = BucketAway("the bucket does not answer")
        if fault == "unsent" or self._is_away():
            self._at(latency, lambda: go_on(gone))
        elif isinstance(fault, float) or (fault == "late" and request.writes):
            self._at(DELAY if fault == "late" else fault, lambda: self.bucket.perform(request))
            self._at(ANSWER, lambda: go_on(gone))
        elif fault is not None:  # cut off, or a read
            self._at(latency / 2, lambda: self.bucket.perform(request))
            self._at(ANSWER, lambda: go_on(gone))
        else:
            answers: list[Any] = []
            self._at(latency / 2, lambda: answers.append(self.bucket.perform(request)))
            self._at(latency, lambda: go_on(answers.pop()))

    def _is_away(self) -> bool:
        return any(begins <= self.clock.monotonic_now < ends for begins, ends in self.away)

    def _ask_bucket(self, request: Request) -> Any:
        """From a thread: one request, performed by the driver. From the test itself: at once."""
        errand: Errand | None = getattr(_here, "errand", None)
        return self.bucket.perform(request) if errand is None else errand.ask(request)

    def _keep_download(self, machine: Machine, target: Path, content: str) -> None:
        target.write_text(content)


def key_of(job: Job) -> str:
    """A job's key, the same on every machine."""
    return hashlib.sha256(job.content.encode()).hexdigest()


def billed_sum(world: World) -> Decimal:
    """What the gateway's book has."""
    return sum((task.price for task in world.gateway.tasks if task.billed), Decimal(0))
