"""The gateway: a request and a moment in, an answer out. It touches no socket and no clock."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import itertools
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from storyboard.simulator import wire
from storyboard.simulator.book import Book, Entry
from storyboard.simulator.clips import Clips
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.exchange import VANISHED, Answer, Ask, Caller, Operation
from storyboard.simulator.faults import FaultPlan, Strike, Subject
from storyboard.simulator.kinds import Stage
from storyboard.simulator.orders import Envelope, Unreadable, opened, order_from
from storyboard.simulator.state import Refusal, Simulator
from storyboard.simulator.task import Fate, Phase, Task

FILES = "/files"
QUEUE = "/model/v1/queue"
GENERATION = "/model/v1/generation"


CallBack: TypeAlias = Callable[[Task, wire.Document], None]


class Gateway:
    """One gateway with all that it knows. `simulator` and `book` may be looked into, `faults` be staged upon.

    `call_back` is handed what is to be posted to a task's `callback_url`; `origin` is where its files are then said to
    be.
    """

    def __init__(self, config: SimulatorConfig, book: Book | None = None, clips: Clips | None = None) -> None:
        self.config = config
        self.book = book or Book(config.book)
        self.clips = clips or Clips()
        self.simulator = Simulator(config, self.book)
        self.simulator.changed = self._changed
        self.origin = ""
        self.call_back: CallBack = lambda task, document: None
        self.faults = FaultPlan(config.faults, config.chaos, config.seed)
        self._secret = secrets.token_bytes(16)
        self._late: list[tuple[float, int, Ask]] = []
        self._numbers = itertools.count()

    @property
    def next_due(self) -> float:
        """When something happens next by itself."""
        return min([self.simulator.next_due, *(when for when, _, _ in self._late[:1])])

    def advance(self, now: float) -> None:
        """Let happen what was due: late requests arrive, tasks go on."""
        while self._late and self._late[0][0] <= now:
            when, _, ask = heapq.heappop(self._late)
            self.simulator.advance(when)
            self._serve(ask, when, ())
        self.simulator.advance(now)

    def handle(self, ask: Ask, now: float) -> Answer:
        """Answer a request, with whatever faults it meets."""
        self.advance(now)
        self.book.totals.of(account_of(ask.key)).requests[ask.operation] += 1
        strikes = self.faults.strikes(ask, self._subject(ask, now))
        for strike in strikes:
            self._note(ask, now, detail=strike.kind.name)
        answer = self._struck(ask, now, strikes)
        if ask.operation is not Operation.DOWNLOAD:
            answer = replace(answer, headers={"X-Request-Id": ask.request_id, **answer.headers})
        return answer

    def wanted_clip(self, ask: Ask) -> tuple[int, str] | None:
        """Length and shape of the clip that answering needs, where it must be rendered first."""
        task = self.simulator.tasks.get(ask.handle)
        if task is None or ask.operation not in (Operation.DOWNLOAD, Operation.RESULT):
            return None
        wanted = (task.fate.clip_seconds or task.seconds, task.ratio)
        return None if self.clips.is_ready(*wanted) else wanted

    def _changed(self, task: Task, when: float) -> None:
        if task.callback_url:
            url = self._url(self.origin, task, when)
            self.call_back(task, wire.generation_task(task, when, url, float(self.config.discount)))

    # faults

    def _subject(self, ask: Ask, now: float) -> Subject:
        if ask.operation is Operation.SUBMIT:
            envelope = opened(ask)
            if isinstance(envelope, Unreadable):
                return Subject(model=ask.model)
            return Subject(envelope.text("external_task_id"), "", envelope.model, envelope.prompt)
        task = self._asked(ask, now)
        return Subject(task.external_id or "", task.id, task.model, task.prompt) if task else Subject(task=ask.handle)

    def _struck(self, ask: Ask, now: float, strikes: tuple[Strike, ...]) -> Answer:
        instead = next((strike for strike in strikes if strike.kind.stage is Stage.INSTEAD), None)
        if instead:
            answer: Answer = instead.kind.act(instead.options, ask)
            self._posted(ask, now, answer, f"not heard: {instead.kind.name}")
            return answer
        late = _first(strikes, "delivered-late")
        if late:
            heapq.heappush(self._late, (now + late.options["seconds"], next(self._numbers), ask))
            return Answer(0, content=b"", delivery=VANISHED)
        if _first(strikes, "twice"):
            self._serve(ask, now, strikes)
        return self._serve(ask, now, strikes)

    def _serve(self, ask: Ask, now: float, strikes: tuple[Strike, ...]) -> Answer:
        """The gateway's own part, and what becomes of its answer."""
        if _first(strikes, "no-ranges"):
            ask = replace(ask, byte_range="")
        answer = self._answer(ask, now, strikes)
        if self.config.wrapped and answer.content is None and ask.operation is not Operation.DOWNLOAD:
            answer = replace(answer, document=wire.wrapped(answer.document))
        for strike in strikes:
            if strike.kind.stage is Stage.AFTER:
                answer = strike.kind.act(strike.options, ask, answer)
        self._posted(ask, now, answer, None)
        return answer

    # the gateway's own part

    def _answer(self, ask: Ask, now: float, strikes: Iterable[Strike]) -> Answer:
        if ask.operation is Operation.DOWNLOAD:
            return self._download(ask, now)
        barred = self._barred(ask, now)
        if barred:
            return barred
        if ask.operation is Operation.SUBMIT:
            return self._submit(ask, now, strikes)
        task = self._asked(ask, now)
        if task is None:
            return wire.error(404, 40401, wire.NOT_FOUND, ask.request_id)
        return self._cancel(ask, task, now) if ask.operation is Operation.CANCEL else self._told(ask, task, now)

    def _barred(self, ask: Ask, now: float) -> Answer | None:
        if not ask.key:
            return wire.error(401, 40101, "missing API key", ask.request_id)
        if self.config.keys and ask.key not in self.config.keys:
            return wire.error(401, 40102, "invalid API key", ask.request_id)
        wait = self.simulator.wait(account_of(ask.key), now)
        if wait:
            headers = {"Retry-After": str(wait)}
            return wire.error(429, 1302, "rate limit exceeded", ask.request_id, shape="flat", headers=headers)
        return None

    def _submit(self, ask: Ask, now: float, strikes: Iterable[Strike]) -> Answer:
        envelope = opened(ask)
        order = order_from(envelope, self.config.catalog) if isinstance(envelope, Envelope) else envelope
        if isinstance(order, Unreadable):
            return wire.error(400, 40001, order.message, ask.request_id)
        task = self.simulator.submit(_caller(ask), order, _fate(strikes), now)
        if isinstance(task, Refusal):
            return self._refused(task, ask)
        if ask.dialect == "queue":
            return Answer(200, wire.queue_accepted(task, now, f"{self._base(ask)}{QUEUE}/{task.model}/requests"))
        return self._told(ask, task, now)

    def _refused(self, refusal: Refusal, ask: Ask) -> Answer:
        if refusal is Refusal.TOO_MANY:
            return wire.error(429, 1303, "too many concurrent tasks", ask.request_id, shape="flat")
        if refusal is Refusal.NO_MONEY:
            return wire.error(402, 40201, "insufficient balance", ask.request_id)
        status = 409 if self.config.duplicates == "refuse" else 400
        return wire.error(status, status * 100 + 9, "external_task_id already exists", ask.request_id)

    def _told(self, ask: Ask, task: Task, now: float) -> Answer:
        discount = float(self.config.discount)
        if ask.dialect == "generation":
            return Answer(200, wire.generation_task(task, now, self._url(ask.origin, task, now), discount))
        if ask.operation is Operation.POLL:
            return Answer(200, wire.queue_status(task, now))
        ended = task.phase(now) in (Phase.COMPLETED, Phase.FAILED)
        size = len(self._clip(task)) if task.phase(now) is Phase.COMPLETED else 0
        return Answer(
            200 if ended else 202, wire.queue_result(task, now, self._url(ask.origin, task, now), size, discount)
        )

    def _cancel(self, ask: Ask, task: Task, now: float) -> Answer:
        cancelled = self.simulator.cancel(task, now)
        if cancelled is None:
            return wire.error(400, 40002, f"the request is {task.phase(now)}", ask.request_id)
        return Answer(202, {"request_id": task.id, "status": "CANCELLATION_REQUESTED"})

    def _asked(self, ask: Ask, now: float) -> Task | None:
        if ask.operation is Operation.DOWNLOAD:
            return self.simulator.tasks.get(ask.handle)
        return self.simulator.find(_caller(ask), ask.handle, now)

    # files

    def _url(self, origin: str, task: Task, now: float) -> str:
        life = self.config.url_life if task.fate.url_life is None else task.fate.url_life
        expires = wire.millis(now + life)
        return f"{origin}{FILES}/{task.id}.mp4?expires={expires}&signature={self._signature(task.id, expires)}"

    def _signature(self, task_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{task_id}/{expires}".encode(), hashlib.sha256).hexdigest()[:32]

    def _download(self, ask: Ask, now: float) -> Answer:
        task = self._asked(ask, now)
        if ask.key is not None:
            self.book.write(
                Entry(wire.millis(now), "leak", account_of(ask.key), detail="a key was sent to a file's host")
            )
            return wire.error(403, 403, "this host takes no Authorization", shape="plain")
        if task is None or task.phase(now) is not Phase.COMPLETED:
            return wire.error(404, 404, "no such file", shape="html")
        expires = ask.query.get("expires", "")
        signed = expires.isdecimal() and hmac.compare_digest(
            self._signature(task.id, int(expires)).encode(), ask.query.get("signature", "").encode()
        )
        if not signed or int(expires) <= wire.millis(now):
            return wire.error(403, 403, "Request has expired" if signed else "wrong signature", shape="html")
        return _part(self._clip(task), ask.byte_range)

    def _clip(self, task: Task) -> bytes:
        return self.clips.clip(task.fate.clip_seconds or task.seconds, task.ratio, task.id)

    def _base(self, ask: Ask) -> str:
        return f"{ask.origin}{self.config.base_path}"

    # the book

    def _posted(self, ask: Ask, now: float, answer: Answer, detail: str | None) -> None:
        if ask.operation is not Operation.SUBMIT:
            return
        envelope = opened(ask)
        told = "cut" if answer.delivery.cut_at is not None else answer.status
        entry = Entry(wire.millis(now), "post", account_of(ask.key), dialect=ask.dialect, request_id=ask.request_id)
        if isinstance(envelope, Envelope):
            entry = replace(entry, external_id=envelope.text("external_task_id"), model=envelope.model)
        self.book.write(replace(entry, answer=told, detail=detail))

    def _note(self, ask: Ask, now: float, detail: str) -> None:
        self.book.write(Entry(wire.millis(now), "fault", account_of(ask.key), detail=detail, request_id=ask.request_id))


def account_of(key: str | None) -> str:
    """What the book calls the holder of a key: 16 hexadecimal digits, from which nobody finds the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16] if key else "nobody"


def _caller(ask: Ask) -> Caller:
    assert ask.dialect is not None, "only a download has no dialect"
    return Caller(account_of(ask.key), ask.dialect)


def _first(strikes: Iterable[Strike], name: str) -> Strike | None:
    return next((strike for strike in strikes if strike.kind.name == name), None)


def _fate(strikes: Iterable[Strike]) -> Fate:
    fate = Fate()
    for strike in strikes:
        if strike.kind.stage is Stage.FATE:
            fate = strike.kind.act(strike.options, fate)
    return fate


def _part(content: bytes, byte_range: str) -> Answer:
    """All of a file, or the part that a Range header asks for."""
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", byte_range.strip())
    if not asked or not any(asked.groups()):
        return Answer(200, content=content, media_type="video/mp4", headers=headers)
    first, last = _bounds(asked[1], asked[2], len(content))
    if first > last or first >= len(content):
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Answer(416, content=b"", media_type="text/plain", headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Answer(206, content=content[first : last + 1], media_type="video/mp4", headers=headers)


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    if not first:
        return max(0, length - int(last)), length - 1
    return int(first), min(int(last), length - 1) if last else length - 1
