"""Whole runs on a simulated clock, network and disk, one effect after the other, stopped wherever a test says.

Only the effects' performance is simulated: flows, schedule, decisions, the gateway's reading and the ledger are the real
ones. A ledger's transaction either happened or did not, as SQLite promises.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from storyboard.errors import StoryboardError
from storyboard.jobs.job import Job
from storyboard.jobs.lock import Block
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.kirin.gateway import Kirin
from storyboard.run.admission import Halt
from storyboard.run.effects import (
    NOT_ALLOWED,
    Ask,
    AskTeam,
    AwaitTurn,
    Disk,
    Download,
    Effect,
    Expired,
    Get,
    Listen,
    Pause,
    TakeClaim,
    Whole,
    WriteLock,
    Wrong,
)
from storyboard.run.events import Event, Notice
from storyboard.run.executor import Schedule, begin
from storyboard.run.flow import obtain
from storyboard.run.purchase import Purchase
from storyboard.run.result import JobResult
from storyboard.run.run_state import RunRules, RunState
from storyboard.run.shared_record import SharedRecord
from storyboard.store import StoryRef, Whose
from storyboard.store.sqlite.ledger import SqliteLedger
from tests.support.fakes import a_job
from tests.support.gateway_model import LATE as LATE_FILE
from tests.support.gateway_model import USUAL, GatewayModel, Habits

LATENCY = 0.05
TURN = 0.02
TIMEOUT = 30.0
LATE = 4.0
"""Seconds after its sender gave up at which a late request arrives: with the showing, still within the wait."""
STORY = StoryRef("/films", "river.story")
WHOSE = Whose("kirin", "https://gateway.test", "generation", "acc1")

Fault = Literal[
    "lost reply",
    "unsent",
    "undelivered",
    "late",
    "doubled",
    "500 before",
    "500 after",
    "garbled",
    "429",
    "402",
    "401",
    "400",
    "403",
    "404",
    "409",
]
FAULTS: tuple[Fault, ...] = (
    *("lost reply", "unsent", "undelivered", "late", "500 before", "500 after", "429", "402", "garbled"),
)
_BEFORE: Mapping[str, HttpReply] = {
    "500 before": HttpReply(500, b"oops"),
    "429": HttpReply(429, b'{"code": 1302, "message": "slow down"}', {"retry-after": "2"}),
    "402": HttpReply(402, b'{"status": {"code": 402, "message": "poor", "error_code": 40201}, "data": null}'),
    "401": HttpReply(401, b'{"error": "no key"}'),
    "400": HttpReply(400, b'{"error": {"code": "1201", "message": "not with this content"}}'),
    "403": HttpReply(403, b"forbidden"),
    "404": HttpReply(404, b'{"error": "not on this replica"}'),
    "409": HttpReply(409, b"conflict"),
}


@dataclass
class SimClock:
    """Time that only the simulation moves. `jump` is how far the date was set by hand."""

    monotonic_now: float = 1000.0
    jump: float = 0.0

    def now(self) -> float:
        return 1_800_000_000.0 + self.monotonic_now + self.jump

    def monotonic(self) -> float:
        return self.monotonic_now

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("only the driver sleeps")


@dataclass
class SimClips:
    """Clips in memory; a file's content is the task that it was downloaded from."""

    files: dict[str, Path] = field(default_factory=dict)
    contents: dict[Path, str] = field(default_factory=dict)

    def path(self, sha256: str) -> Path | None:
        return self.files.get(sha256)

    def add(self, file: Path) -> tuple[str, Path]:
        sha256 = hashlib.sha256(self.contents[file].encode()).hexdigest()
        self.files[sha256] = file
        return sha256, file

    def scratch(self, name: str) -> Path:
        return Path(f"/scratch/{name}")

    def all(self) -> Iterator[str]:
        return iter(self.files)


class SimClaim:
    def __init__(self, claims: set[str], key: str) -> None:
        self._claims, self._key = claims, key

    def release(self) -> None:
        self._claims.discard(self._key)


@dataclass
class Machine:
    """One machine's disk: its ledger, its clips, its story's lock (shared by machines that work in turn)."""

    ledger: SqliteLedger
    clips: SimClips = field(default_factory=SimClips)
    claims: set[str] = field(default_factory=set)
    lock: dict[str, Block] = field(default_factory=dict)

    def unproven(self) -> str | None:
        return None

    def claim(self, key: str) -> SimClaim | None:
        if key in self.claims:
            return None
        self.claims.add(key)
        return SimClaim(self.claims, key)


@dataclass(frozen=True)
class Point:
    """Where a process is stopped: before or after its effect number `at`; `how` it is."""

    at: int
    when: Literal["before", "after"] = "after"
    how: Literal["kill", "halt"] = "kill"


@dataclass
class Process:
    """One run of the same command on a machine. `trace` names its effects."""

    machine: Machine
    run: RunState
    schedule: Schedule
    point: Point | None = None
    flows: dict[str, Any] = field(default_factory=dict)
    held: dict[str, list[SimClaim]] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    on_their_way: list[Callable[[], None]] = field(default_factory=list)
    dead: bool = False
    paused_until: float = 0.0

    @property
    def results(self) -> Mapping[str, JobResult]:
        return self.schedule.results


class World:
    """The clock, the gateway, and all processes. `faults` maps a request's number (from 1) to what befalls it."""

    def __init__(self, habits: Habits = USUAL, faults: Mapping[int, Fault] | None = None, seed: int = 0) -> None:
        self.clock = SimClock()
        self.gateway = GatewayModel(habits)
        self.faults = dict(faults or {})
        self.random = random.Random(seed)
        self.expired: set[int] = set()
        self.machines: list[Machine] = []
        self.late = LATE
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = itertools.count()
        self._requests = 0
        self._downloads = 0

    @property
    def requests(self) -> int:
        """How many were made so far, whatever befell them."""
        return self._requests

    def machine(self, template: Path, file: Path) -> Machine:
        """A new machine with an empty ledger."""
        shutil.copyfile(template, file)
        self.machines.append(Machine(SqliteLedger(file)))
        return self.machines[-1]

    def start(
        self,
        machine: Machine,
        jobs: Iterable[Job],
        *,
        rules: RunRules = RunRules(may_buy=True),  # noqa: B008
        account: str = "acc1",
        point: Point | None = None,
        story: StoryRef = STORY,
        price: Decimal | None = Decimal("0.42"),
        shared: SharedRecord | None = None,
        key_of: Callable[[Job], str] = lambda job: f"key-{job.content}",
    ) -> Process:
        """Begins a run; it goes on when `go` is called."""
        notices: list[str] = []

        def told(event: Event) -> None:
            if isinstance(event, Notice):
                notices.append(event.message)

        whose = replace(WHOSE, account=account)
        gateway = Kirin(WHOSE.base_url)
        run = begin(
            provider=gateway,
            store=machine,
            clock=self.clock,
            rules=rules,
            story=story,
            whose=whose,
            run_id=f"run-{next(self._sequence)}",
            notify=told,
            halt=Halt(),
            shared=shared,
        )
        run.random.seed(self.random.random())
        purchases = [Purchase(run, key_of(job), job, price, machine.lock.get(job.content)) for job in jobs]
        process = Process(machine, run, Schedule(purchases, run), point, notices=notices)
        self._at(0.0, lambda: self._begin(process))
        return process

    def go(self, until: float | None = None, most: int = 20_000) -> None:
        """Lets everything happen, to the end or for `until` seconds."""
        end = None if until is None else self.clock.monotonic_now + until
        for _ in range(most):
            if not self._events or (end is not None and self._events[0][0] > end):
                self.clock.monotonic_now = max(self.clock.monotonic_now, end or 0.0)
                return
            when, _, event = heapq.heappop(self._events)
            self.clock.monotonic_now = max(self.clock.monotonic_now, when)
            event()
        raise AssertionError("it does not end")

    def later(self, delay: float, event: Callable[[], None]) -> None:
        """Lets something happen in so many seconds."""
        self._at(delay, event)

    def kill(self, process: Process) -> None:
        """As `kill -9`: its flows are gone, its claims are free, its connections closed; what left is on its way."""
        process.dead = True
        for arrival in process.on_their_way:
            self._at(self.late, arrival)
        for flow in process.flows.values():
            flow.close()
        for claims in process.held.values():
            for claim in claims:
                claim.release()

    def suspend(self, process: Process, seconds: float) -> None:
        """As a closed lid: nothing of it goes on for that long, and its claims stay."""
        process.paused_until = self.clock.monotonic_now + seconds

    def _at(self, delay: float, event: Callable[[], None]) -> None:
        order = next(self._sequence)
        heapq.heappush(self._events, (self.clock.monotonic_now + delay, order, event))

    def _begin(self, process: Process) -> None:
        while not process.dead and (purchase := process.schedule.next()) is not None:
            process.flows[purchase.key] = obtain(purchase)
            process.held[purchase.key] = []
            self._advance(process, purchase, None)

    def _advance(self, process: Process, purchase: Purchase, answer: Any) -> None:
        """One flow, up to its next effect, which is performed."""
        if process.dead:
            return
        if self.clock.monotonic_now < process.paused_until:
            left = process.paused_until - self.clock.monotonic_now + 0.001
            self._at(left, lambda: self._advance(process, purchase, answer))
            return
        try:
            flow = process.flows[purchase.key]
            effect = flow.throw(answer) if isinstance(answer, StoryboardError) else flow.send(answer)
        except StopIteration as end:
            self._ended(process, purchase, end.value)
            return
        except StoryboardError as trouble:
            self._ended(process, purchase, purchase.troubled(trouble))
            return
        number = len(process.trace)
        process.trace.append(_name(effect))
        if self._stops(process, number, "before"):
            return
        try:
            performed = self._perform(process, purchase, effect)
        except StoryboardError as trouble:
            performed = 0.0, trouble
        if self._stops(process, number, "after"):
            return
        if performed is not None:
            delay, reply = performed
            self._at(delay, lambda: self._advance(process, purchase, reply() if callable(reply) else reply))
        self._begin(process)

    def _ended(self, process: Process, purchase: Purchase, result: JobResult) -> None:
        for claim in process.held[purchase.key]:
            claim.release()
        process.schedule.ended(purchase, result)
        self._begin(process)

    def _stops(self, process: Process, number: int, when: str) -> bool:
        point = process.point
        if point is None or (point.at, point.when) != (number, when):
            return False
        if point.how == "halt":
            process.run.halt.ask()
            return False
        self.kill(process)
        return True

    def _perform(self, process: Process, purchase: Purchase, effect: Effect[Any]) -> tuple[float, Any] | None:
        """How long an effect takes, and its answer; None where the answer is given later to `_advance`."""
        machine = process.machine
        match effect:
            case Disk(_, work) | AskTeam(_, work):
                return 0.0, work()
            case AwaitTurn():
                return TURN, None
            case TakeClaim(key):
                claim = machine.claim(key)
                process.held[purchase.key] += [claim] if claim else []
                return 0.0, claim is not None
            case WriteLock(content, block):
                if block is None:
                    machine.lock.pop(content, None)
                else:
                    machine.lock[content] = block
                return 0.0, None
            case Ask(call, allowed):
                return (LATENCY, NOT_ALLOWED) if allowed is not None and not allowed() else self._sent(call, process)
            case Get(url, target):
                return LATENCY, self._downloaded(machine, url, target)
            case Pause(seconds) | Listen(_, seconds):
                return seconds, None
        raise AssertionError(effect)

    def _sent(self, call: HttpCall, process: Process) -> tuple[float, Reply]:
        """What befalls a request: whether and when it arrives, and what its sender hears, how much later."""
        self._requests += 1
        account = process.run.whose.account
        fault = self.faults.get(self._requests)
        if fault is not None and fault in _BEFORE:
            return LATENCY, _BEFORE[fault]
        if fault == "unsent":
            return LATENCY, NoReply("connection refused", sent=False)
        if fault == "undelivered":
            return TIMEOUT, NoReply("timed out", sent=True)
        if fault == "late":
            arrival = self._once(lambda: self._arrives(call, account))
            process.on_their_way.append(arrival)
            self._at(TIMEOUT + self.late, arrival)
            return TIMEOUT, NoReply("timed out", sent=True)
        reply = self._arrives(call, account)
        if fault == "doubled":
            return LATENCY, self._arrives(call, account)
        if fault == "lost reply":
            return TIMEOUT, NoReply("timed out", sent=True)
        if fault == "500 after":
            return LATENCY, HttpReply(502, b"bad gateway")
        if fault == "garbled":
            return LATENCY, HttpReply(200, b"<html>ok</html>")
        return LATENCY, reply

    def _once(self, event: Callable[[], object]) -> Callable[[], None]:
        """The event, of which a second time does nothing."""
        events = [event]

        def happens() -> None:
            if events:
                events.pop()()

        return happens

    def _arrives(self, call: HttpCall, account: str) -> HttpReply:
        return self.gateway.answer(call, account, self.clock.monotonic_now)

    def _downloaded(self, machine: Machine, url: str, target: Path) -> Download:
        self._downloads += 1
        if self._downloads in self.expired:
            return Expired("HTTP 403")
        task = next(task for task in self.gateway.tasks if task.id == url.split("/")[-2])
        if task.oddity in ("late file", "short file") and self.clock.monotonic_now < task.ends + LATE_FILE:
            return Expired("HTTP 404") if task.oddity == "late file" else Wrong("it ends in the middle")
        self._keep_download(machine, target, url.split("/")[-2])
        return Whole(target)

    def _keep_download(self, machine: Machine, target: Path, content: str) -> None:
        machine.clips.contents[target] = content


def left_by(world: World, machine: Machine) -> object:
    """All that a run leaves to the next one. Where a run without trouble has found its clips and left everything as it was,
    the next one would only be the same again."""
    return world.requests, machine.ledger.all(), dict(machine.lock), dict(machine.clips.files)


def _name(effect: Effect[Any]) -> str:
    match effect:
        case Disk(name) | AskTeam(name):
            return name
        case Ask(call):
            return f"{call.method} {call.url.rsplit('/', 1)[-1]}"
        case Pause(seconds) | Listen(_, seconds):
            return f"pause {seconds:.2f}"
        case WriteLock():
            return "write"
        case _:
            return type(effect).__name__.lower()


def jobs(count: int = 1) -> list[Job]:
    """So many jobs, each with its own prompt."""
    return [a_job(number, f"Boat {number}.") for number in range(1, count + 1)]


def disturb(world: World, dice: random.Random, processes: Sequence[Process], count: int) -> None:
    """Kill, suspend, halt or leave alone each process at some time; then let all that live report on `count` jobs."""
    for process in processes:
        world.go(dice.uniform(0.0, dice.choice([0.5, 5.0, 60.0])))
        match dice.choice(["kill", "kill", "suspend", "halt", "nothing"]):
            case "kill":
                world.kill(process)
            case "suspend":
                world.suspend(process, dice.uniform(1.0, 100.0))
            case "halt":
                process.run.halt.ask()
    world.go()
    for process in processes:
        assert process.dead or len(process.results) == count, "I2: every run ends with a report"


__all__ = ["FAULTS", "STORY", "Machine", "Point", "Process", "World", "disturb", "jobs"]
