"""What a gateway remembers: accounts and their tasks, at any given time. It has no clock of its own."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from math import ceil, inf

from storyboard.fast_dataclasses import replace
from storyboard.simulator.account_book import Book, Entry, What
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.messages import Caller
from storyboard.simulator.responses import millis
from storyboard.simulator.submit_requests import SubmitRequest
from storyboard.simulator.task import Failure, Fate, SimulatedTask, TaskPhase

CANCELLED = Failure("CANCELED", "the request was canceled")


class SubmitRefusal(StrEnum):
    """Why a readable order is refused."""

    REPEATED = "repeated"
    TOO_MANY = "too many"
    NO_MONEY = "no money"


class Simulator:
    """Accounts, tasks and the book. Every method gets the time, in seconds since the epoch, which only grows. `changed`
    is called with each task whose status changed, and the time.
    """

    def __init__(self, config: SimulatorConfig, book: Book | None = None, salt: str | None = None) -> None:
        self.config = config
        self.book = book or Book()
        self.tasks: dict[str, SimulatedTask] = {}
        self.changed: Callable[[SimulatedTask, float], None] = lambda task, when: None
        self._salt = salt or secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._by_external: dict[tuple[str, str], tuple[str, ...]] = {}
        self._live: defaultdict[str, int] = defaultdict(int)
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._due: list[tuple[float, int, str, TaskPhase | None]] = []
        self._allowance: dict[str, tuple[float, float]] = {}

    @property
    def next_due(self) -> float:
        """When the next event is due; infinity if none is."""
        return self._due[0][0] if self._due else inf

    def advance(self, now: float) -> None:
        """Process what is due, in order."""
        while self._due and self._due[0][0] <= now:
            when, _, task_id, phase = heapq.heappop(self._due)
            task = self.tasks.get(task_id)
            if task is None:
                continue
            if phase is None:
                self._forget(task)
            elif when == (task.ends if phase.final else task.begins) and task.phase(when) is phase:
                self._reach(task, phase, when)

    def submit(self, caller: Caller, order: SubmitRequest, fate: Fate, now: float) -> SimulatedTask | SubmitRefusal:
        """Accept and charge an order; return its task, or the old one for a repeated id."""
        old = self._holder(caller.account, order.external_id, now)
        if old and self.config.duplicates != "second":
            return old if self.config.duplicates == "replay" else SubmitRefusal.REPEATED
        if self.config.concurrency is not None and self._live[caller.account] >= self.config.concurrency:
            return SubmitRefusal.TOO_MANY
        cost = self._cost(order, fate)
        if self.config.balance is not None and self.book.totals.of(caller.account).paid + cost > self.config.balance:
            return SubmitRefusal.NO_MONEY
        return self._begin(self._task(caller, order, fate, cost, now))

    def find(self, caller: Caller, handle: str, now: float) -> SimulatedTask | None:
        """Return the task that a look-up by its own id or the caller's finds now."""
        task = self.tasks.get(handle)
        if task is not None:
            return task if _is_seen(task, caller, now >= task.polled_from) else None
        if caller.dialect in self.config.no_lookup:
            return None
        tasks = (self.tasks[task_id] for task_id in reversed(self._by_external.get((caller.account, handle), ())))
        return next((task for task in tasks if _is_seen(task, caller, now >= task.shown_from)), None)

    def cancel(self, task: SimulatedTask, now: float) -> SimulatedTask | None:
        """Cancel a queued task; None if it is too late."""
        if task.phase(now) is not TaskPhase.IN_QUEUE:
            return None
        ended = replace(task, ends=now, fate=replace(task.fate, failure=CANCELLED, billed=False))
        self.tasks[task.id] = ended
        self._reach(ended, TaskPhase.FAILED, now)
        return ended

    def wait(self, account: str, now: float) -> int:
        """Return the whole seconds until this account may ask again, 0 if now; an allowed request is counted."""
        rate = self.config.rate
        if rate is None:
            return 0
        left, since = self._allowance.get(account, (max(1.0, rate), now))
        left = min(max(1.0, rate), left + (now - since) * rate)
        if left < 1:
            self._allowance[account] = (left, now)
            return ceil((1 - left) / rate)
        self._allowance[account] = (left - 1, now)
        return 0

    def unfinished(self, account: str) -> int:
        """Count the unfinished tasks of an account."""
        return self._live[account]

    def _holder(self, account: str, external_id: str | None, now: float) -> SimulatedTask | None:
        """Return the task that keeps an id from being used again."""
        ids = self._by_external.get((account, external_id), ()) if external_id else ()
        tasks = (self.tasks[task_id] for task_id in reversed(ids))
        return next((t for t in tasks if not (self.config.free_failed_ids and t.phase(now) is TaskPhase.FAILED)), None)

    def _cost(self, order: SubmitRequest, fate: Fate) -> Decimal:
        if fate.cost is not None:
            return fate.cost
        price = self.config.unpriced * order.seconds if order.price is None else order.price
        return price * self.config.discount

    def _task(self, caller: Caller, order: SubmitRequest, fate: Fate, cost: Decimal, now: float) -> SimulatedTask:
        waits, renders = self.config.lasts(order.seconds)
        if fate.takes is not None:
            waits, renders = min(waits, fate.takes), max(0.0, fate.takes - waits)
        lasts = (waits + renders) * fate.share if fate.failure else waits + renders
        late = fate.show_after
        return SimulatedTask(
            id=self._new_id(),
            account=caller.account,
            dialect=caller.dialect,
            model=order.model,
            external_id=order.external_id,
            callback_url=order.callback_url,
            prompt=order.prompt,
            payload=order.payload,
            seconds=order.seconds,
            ratio=order.ratio,
            cost=cost,
            created=now,
            begins=now + waits,
            ends=inf if fate.stuck else now + lasts,
            shown_from=now + (self.config.show_after if late is None else late),
            polled_from=now + (self.config.poll_after if late is None else late),
            fate=fate,
        )

    def _begin(self, task: SimulatedTask) -> SimulatedTask:
        self.tasks[task.id] = task
        if task.external_id:
            key = (task.account, task.external_id)
            self._by_external[key] = (*self._by_external.get(key, ()), task.id)
        self._live[task.account] += 1
        self._note("task", task, task.created)
        self._note("charge", task, task.created, usd=task.cost)
        if task.begins < task.ends:
            self._plan(task.begins, task.id, TaskPhase.IN_PROGRESS)
        self._plan(task.ends, task.id, task.phase(task.ends))
        return task

    def _reach(self, task: SimulatedTask, phase: TaskPhase, when: float) -> None:
        if phase.final:
            self._end(task, phase, when)
        self.changed(task, when)

    def _end(self, task: SimulatedTask, phase: TaskPhase, when: float) -> None:
        self._live[task.account] -= 1
        self._note("end", task, when, detail=phase.value)
        if task.refunded(self.config.bill_failed):
            self._note("refund", task, when, usd=task.cost)
        if self.config.forget_after is not None:
            self._plan(when + self.config.forget_after, task.id, None)
        self._ended[task.id] = None
        while len(self.tasks) > self.config.max_tasks and self._ended:
            self._forget(self.tasks[next(iter(self._ended))])

    def _forget(self, task: SimulatedTask) -> None:
        del self.tasks[task.id]
        self._ended.pop(task.id, None)
        if task.external_id:
            key = (task.account, task.external_id)
            left = tuple(each for each in self._by_external[key] if each != task.id)
            if left:
                self._by_external[key] = left
            else:
                del self._by_external[key]

    def _plan(self, when: float, task_id: str, phase: TaskPhase | None) -> None:
        if when < inf:
            heapq.heappush(self._due, (when, next(self._numbers), task_id, phase))

    def _note(
        self, what: What, task: SimulatedTask, when: float, usd: Decimal | None = None, detail: str | None = None
    ) -> None:
        self.book.write(
            Entry(
                at=millis(when),
                what=what,
                account=task.account,
                task=task.id,
                external_id=task.external_id,
                payload=task.payload,
                usd=usd,
                detail=detail,
            )
        )

    def _new_id(self) -> str:
        digest = hashlib.sha256(f"{self._salt}/{next(self._numbers)}".encode()).digest()
        return "".join("0123456789abcdefghijklmnopqrstuv"[byte % 32] for byte in digest[:20])


def _is_seen(task: SimulatedTask, caller: Caller, in_time: bool) -> bool:
    return in_time and not task.fate.lost and (task.account, task.dialect) == caller
