"""The gateway as a function: a request and a time in, an answer out. It uses no socket and no clock."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from storyboard.fast_dataclasses import replace
from storyboard.fast_named_tuples import NamedTuple
from storyboard.simulator import responses
from storyboard.simulator.account_book import Book, Entry
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.fault_catalogue import KINDS, Stage
from storyboard.simulator.faults import FaultPlan, Strike, Subject
from storyboard.simulator.files import Files, clip_of
from storyboard.simulator.handlers import Desk, account_of, caller_of
from storyboard.simulator.messages import VANISHED, Answer, IncomingRequest, Operation
from storyboard.simulator.state import Simulator
from storyboard.simulator.submit_requests import Envelope, Unreadable, opened
from storyboard.simulator.task import Fate, SimulatedTask

CallBack: TypeAlias = Callable[[SimulatedTask, responses.Document], None]


class _Heard(NamedTuple):
    """A request, its content, and its faults."""

    ask: IncomingRequest
    envelope: Envelope | Unreadable | None
    strikes: Sequence[Strike] = ()

    def struck_by(self, name: str) -> Strike | None:
        """Return the fault of a name, if it applies."""
        return next((strike for strike in self.strikes if strike.kind.name == name), None)

    def at(self, stage: Stage) -> list[Strike]:
        """Return the faults of a stage."""
        return [strike for strike in self.strikes if strike.kind.stage is stage]

    @property
    def fate(self) -> Fate:
        """The fate of the task that it creates."""
        fate = Fate()
        for strike in self.at(Stage.FATE):
            fate = strike.kind.act(strike.options, fate)
        return fate


class Gateway:
    """One gateway with all that it knows. `simulator` and `book` can be inspected, `faults` staged. `call_back` is
    called with what to post to a task's `callback_url`; `origin` is then the base of its file addresses.
    """

    def __init__(self, config: SimulatorConfig, book: Book | None = None, clips: SimulatedClips | None = None) -> None:
        self.book = book or Book(config.book)
        self.simulator = Simulator(config, self.book)
        self.simulator.changed = self._changed
        self.files = Files(clips or SimulatedClips())
        self.desk = Desk(config, self.simulator, self.files)
        self.faults = FaultPlan(config.faults, config.chaos, config.seed)
        self.origin = ""
        self.call_back: CallBack = lambda task, document: None
        self._late: list[tuple[float, int, _Heard]] = []
        self._numbers = itertools.count()

    @property
    def config(self) -> SimulatorConfig:
        """Its behaviour. It can be replaced; faults, address and book stay."""
        return self.desk.config

    @config.setter
    def config(self, config: SimulatorConfig) -> None:
        self.desk.config = self.simulator.config = config

    @property
    def next_due(self) -> float:
        """When the next event is due."""
        return min([self.simulator.next_due, *(when for when, _, _ in self._late[:1])])

    def advance(self, now: float) -> None:
        """Process what is due: delayed requests arrive, tasks advance."""
        while self._late and self._late[0][0] <= now:
            when, _, heard = heapq.heappop(self._late)
            self.simulator.advance(when)
            self._serve(heard, when)
        self.simulator.advance(now)

    def handle(self, ask: IncomingRequest, now: float) -> Answer:
        """Answer a request, applying its faults."""
        self.advance(now)
        self.book.totals.of(account_of(ask.key)).requests[ask.operation] += 1
        envelope = opened(ask) if ask.operation is Operation.SUBMIT else None
        strikes = self.faults.strikes(ask, self._subject(ask, envelope, now))
        for strike in strikes:
            self._write(ask, now, "fault", strike.kind.name)
        answer = self._struck(_Heard(ask, envelope, strikes), now)
        if ask.operation is Operation.DOWNLOAD:
            return answer
        return replace(answer, headers={"X-Request-Id": ask.request_id, **answer.headers})

    def wanted_clip(self, ask: IncomingRequest) -> tuple[int, str] | None:
        """Return length and shape of a clip that must be rendered before answering."""
        if ask.operation not in (Operation.DOWNLOAD, Operation.RESULT):
            return None
        task = self.simulator.tasks.get(ask.handle)
        return None if task is None or self.files.clips.is_ready(*clip_of(task)) else clip_of(task)

    def _changed(self, task: SimulatedTask, when: float) -> None:
        if task.callback_url:
            self.call_back(task, self.desk.told(task, self.origin, when))

    def _subject(self, ask: IncomingRequest, envelope: Envelope | Unreadable | None, now: float) -> Subject:
        if isinstance(envelope, Envelope):
            return Subject(envelope.text("external_task_id"), "", envelope.model, envelope.prompt)
        task = self._task(ask, now)
        return Subject(task.external_id or "", task.id, task.model, task.prompt) if task else Subject(task=ask.handle)

    def _task(self, ask: IncomingRequest, now: float) -> SimulatedTask | None:
        if ask.operation is Operation.DOWNLOAD:
            return self.simulator.tasks.get(ask.handle)
        return self.simulator.find(caller_of(ask), ask.handle, now)

    def _struck(self, heard: _Heard, now: float) -> Answer:
        """Apply faults to the request before the gateway gets it."""
        for strike in heard.at(Stage.INSTEAD):
            answer: Answer = strike.kind.act(strike.options, heard.ask)
            self._posted(heard, now, answer, f"not heard: {strike.kind.name}")
            return answer
        late = heard.struck_by("delivered-late")
        if late:
            self._deliver_late(heard, now + late.options["seconds"])
            return Answer(0, content=b"", delivery=VANISHED)
        if heard.struck_by("twice"):
            self._serve(heard, now)
        return self._serve(heard, now)

    def _deliver_late(self, heard: _Heard, when: float) -> None:
        """Deliver a request later, without a reply."""
        lost = KINDS["lost-reply"]
        strikes = (*heard.at(Stage.FATE), Strike(lost, lost.options))
        heapq.heappush(self._late, (when, next(self._numbers), heard._replace(strikes=strikes)))

    def _serve(self, heard: _Heard, now: float) -> Answer:
        """Process the request, and apply faults to its answer."""
        answer = self._answer(heard, now)
        if self.config.wrapped and answer.content is None:
            answer = replace(answer, document=responses.wrapped(answer.document))
        for strike in heard.at(Stage.AFTER):
            answer = strike.kind.act(strike.options, heard.ask, answer)
        self._posted(heard, now, answer)
        return answer

    def _answer(self, heard: _Heard, now: float) -> Answer:
        ask = heard.ask
        if ask.operation is Operation.DOWNLOAD:
            return self._download(heard, now)
        barred = self.desk.barred(ask, now)
        if barred:
            return barred
        if heard.envelope is not None:
            return self.desk.submit(ask, heard.envelope, heard.fate, now)
        return self.desk.answer(ask, self._task(ask, now), now)

    def _download(self, heard: _Heard, now: float) -> Answer:
        ask = replace(heard.ask, byte_range="") if heard.struck_by("no-ranges") else heard.ask
        if ask.key is not None:
            self._write(ask, now, "leak", "a key was sent to a file's address")
        return self.files.download(ask, self._task(ask, now), now)

    def _posted(self, heard: _Heard, now: float, answer: Answer, detail: str | None = None) -> None:
        ask, envelope = heard.ask, heard.envelope
        if envelope is None:
            return
        read = envelope if isinstance(envelope, Envelope) else None
        self.book.write(
            Entry(
                at=responses.millis(now),
                what="post",
                account=account_of(ask.key),
                external_id=read.text("external_task_id") if read else None,
                dialect=ask.dialect,
                model=read.model if read else ask.model,
                request_id=ask.request_id,
                answer=answer.status if answer.delivery.cut_at is None else "cut",
                detail=detail,
            )
        )

    def _write(self, ask: IncomingRequest, now: float, what: Literal["fault", "leak"], detail: str) -> None:
        account = account_of(ask.key)
        self.book.write(Entry(responses.millis(now), what, account, request_id=ask.request_id, detail=detail))
