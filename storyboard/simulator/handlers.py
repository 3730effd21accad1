"""The gateway's own part: what it answers when nothing goes wrong on the way."""

from __future__ import annotations

import hashlib

from storyboard.simulator import responses
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.files import Files
from storyboard.simulator.messages import Answer, Caller, IncomingRequest, Operation
from storyboard.simulator.state import Simulator, SubmitRefusal
from storyboard.simulator.submit_requests import Envelope, Unreadable, order_from
from storyboard.simulator.task import Fate, SimulatedTask, TaskPhase

GENERATION = "/model/v1/generation"
QUEUE = "/model/v1/queue"


class Desk:
    """Takes orders and tells of tasks."""

    def __init__(self, config: SimulatorConfig, simulator: Simulator, files: Files) -> None:
        self.config, self.simulator, self.files = config, simulator, files

    def barred(self, ask: IncomingRequest, now: float) -> Answer | None:
        """Why this caller is not heard now."""
        if not ask.key:
            return responses.error(401, 40101, "missing API key", ask.request_id)
        if self.config.keys and ask.key not in self.config.keys:
            return responses.error(401, 40102, "invalid API key", ask.request_id)
        wait = self.simulator.wait(account_of(ask.key), now)
        if wait:
            headers = {"Retry-After": str(wait)}
            return responses.error(429, 1302, "rate limit exceeded", ask.request_id, shape="flat", headers=headers)
        return None

    def submit(self, ask: IncomingRequest, envelope: Envelope | Unreadable, fate: Fate, now: float) -> Answer:
        """Take an order on, or say why not."""
        order = order_from(envelope, self.config.catalog) if isinstance(envelope, Envelope) else envelope
        if isinstance(order, Unreadable):
            return responses.error(400, 40001, order.message, ask.request_id)
        task = self.simulator.submit(caller_of(ask), order, fate, now)
        if isinstance(task, SubmitRefusal):
            return self._refused(task, ask)
        if ask.dialect == "queue":
            root = f"{ask.origin}{self.config.base_path}{QUEUE}/{task.model}/requests"
            return Answer(200, responses.queue_accepted(task, now, root))
        return Answer(200, self.told(task, ask.origin, now))

    def answer(self, ask: IncomingRequest, task: SimulatedTask | None, now: float) -> Answer:
        """What is said about a task, or done with it."""
        if task is None:
            return responses.error(404, 40401, responses.NOT_FOUND, ask.request_id)
        if ask.operation is Operation.CANCEL:
            return self._cancel(ask, task, now)
        if ask.operation is Operation.RESULT:
            return self._result(ask, task, now)
        told = self.told(task, ask.origin, now) if ask.dialect == "generation" else responses.queue_status(task, now)
        return Answer(200, told)

    def told(self, task: SimulatedTask, origin: str, now: float) -> responses.Document:
        """The task object of the dialect *generation*."""
        return responses.generation_task(task, now, self._url(task, origin, now), float(self.config.discount))

    def _refused(self, refusal: SubmitRefusal, ask: IncomingRequest) -> Answer:
        if refusal is SubmitRefusal.TOO_MANY:
            return responses.error(429, 1303, "too many concurrent tasks", ask.request_id, shape="flat")
        if refusal is SubmitRefusal.NO_MONEY:
            return responses.error(402, 40201, "insufficient balance", ask.request_id)
        status = 409 if self.config.duplicates == "refuse" else 400
        return responses.error(status, status * 100 + 9, "external_task_id already exists", ask.request_id)

    def _result(self, ask: IncomingRequest, task: SimulatedTask, now: float) -> Answer:
        phase = task.phase(now)
        size = len(self.files.clip(task)) if phase is TaskPhase.COMPLETED else 0
        url = self._url(task, ask.origin, now)
        document = responses.queue_result(task, now, url, size, float(self.config.discount))
        return Answer(200 if phase.final else 202, document)

    def _cancel(self, ask: IncomingRequest, task: SimulatedTask, now: float) -> Answer:
        if self.simulator.cancel(task, now) is None:
            return responses.error(400, 40002, f"the request is {task.phase(now)}", ask.request_id)
        return Answer(202, {"request_id": task.id, "status": "CANCELLATION_REQUESTED"})

    def _url(self, task: SimulatedTask, origin: str, now: float) -> str:
        life = self.config.url_life if task.fate.url_life is None else task.fate.url_life
        return self.files.url(origin, task, now + life)


def account_of(key: str | None) -> str:
    """What the book calls the holder of a key: 16 hexadecimal digits, from which nobody finds the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16] if key else "nobody"


def caller_of(ask: IncomingRequest) -> Caller:
    """Who asks a gateway's path."""
    assert ask.dialect is not None, "only a download has no dialect"
    return Caller(account_of(ask.key), ask.dialect)
