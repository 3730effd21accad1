"""The gateway's own replies, without faults."""

from __future__ import annotations

import hashlib

from storyboard.fast_dataclasses import replace
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
    """Accepts orders and reports on tasks."""

    def __init__(self, config: SimulatorConfig, simulator: Simulator, files: Files) -> None:
        self.config, self.simulator, self.files = config, simulator, files

    def barred(self, ask: IncomingRequest, now: float) -> Answer | None:
        """Return why this caller is refused now."""
        if not ask.key:
            scheme = "Authorization Bearer or Key token is required" if ask.dialect == "queue" else "missing API key"
            return _refused(ask, 401, 40101, scheme)
        if self.config.keys and ask.key not in self.config.keys:
            return _refused(ask, 401, 40102, "invalid API key")
        wait = self.simulator.wait(account_of(ask.key), now)
        if wait:
            return replace(_limited(ask, 1302, "rate limit exceeded"), headers={"Retry-After": str(wait)})
        return None

    def submit(self, ask: IncomingRequest, envelope: Envelope | Unreadable, fate: Fate, now: float) -> Answer:
        """Accept an order, or refuse it."""
        if ask.dialect == "queue" and any("webhook" in name for name in ask.query):
            return _refused(ask, 400, 40001, "webhook not supported")
        if ask.dialect == "queue" and ask.model not in self.config.catalog:
            return _refused(ask, 404, 40402, f"App not found: {ask.model}")
        order = order_from(envelope, self.config.catalog) if isinstance(envelope, Envelope) else envelope
        if isinstance(order, Unreadable):
            return _refused(ask, 400, 40001, order.message)
        task = self.simulator.submit(caller_of(ask), order, fate, now)
        if isinstance(task, SubmitRefusal):
            return self._not_taken(task, ask)
        if ask.dialect == "queue":
            return Answer(200, responses.queue_accepted(task, now, self._root(ask, task)))
        return Answer(200, self.told(task, ask.origin, now))

    def answer(self, ask: IncomingRequest, task: SimulatedTask | None, now: float) -> Answer:
        """Answer a request about a task."""
        if ask.operation is Operation.STREAM:
            return _refused(ask, 400, 40003, "streaming is not supported: poll the request's status")
        if task is None:
            return _refused(ask, 404, 40401, "Request not found" if ask.dialect == "queue" else responses.NOT_FOUND)
        if ask.operation is Operation.CANCEL:
            return self._cancel(ask, task, now)
        if ask.operation is Operation.RESULT and task.phase(now).final:
            return self._result(ask, task, now)
        if ask.dialect == "generation":
            return Answer(200, self.told(task, ask.origin, now))
        told = responses.queue_status(task, now, self._root(ask, task), self._discount)
        return Answer(202 if ask.operation is Operation.RESULT else 200, told)

    def told(self, task: SimulatedTask, origin: str, now: float) -> responses.Document:
        """Return the task object of the dialect *generation*."""
        return responses.generation_task(task, now, self._url(task, origin, now), self._discount)

    def _not_taken(self, refusal: SubmitRefusal, ask: IncomingRequest) -> Answer:
        if refusal is SubmitRefusal.TOO_MANY:
            return _limited(ask, 1303, "too many concurrent tasks")
        if refusal is SubmitRefusal.NO_MONEY:
            return _refused(ask, 402, 40201, "insufficient balance")
        status = 409 if self.config.duplicates == "refuse" else 400
        return _refused(ask, status, status * 100 + 9, "external_task_id already exists")

    def _result(self, ask: IncomingRequest, task: SimulatedTask, now: float) -> Answer:
        size = len(self.files.clip(task)) if task.phase(now) is TaskPhase.COMPLETED else 0
        url = self._url(task, ask.origin, now)
        return Answer(200, responses.queue_result(task, now, url, size, self._discount))

    def _cancel(self, ask: IncomingRequest, task: SimulatedTask, now: float) -> Answer:
        if self.simulator.cancel(task, now) is None:
            return _refused(ask, 400, 40002, f"the request is {task.phase(now)}")
        return Answer(202, {"request_id": task.id, "status": "CANCELLATION_REQUESTED"})

    @property
    def _discount(self) -> float:
        return float(self.config.discount)

    def _root(self, ask: IncomingRequest, task: SimulatedTask) -> str:
        """Return the root of the queue's paths for a task's model."""
        return f"{ask.origin}{self.config.base_path}{QUEUE}/{task.model}/requests"

    def _url(self, task: SimulatedTask, origin: str, now: float) -> str:
        life = self.config.url_life if task.fate.url_life is None else task.fate.url_life
        return self.files.url(origin, task, now + life)


def _refused(ask: IncomingRequest, status: int, code: int, message: str) -> Answer:
    """Return a refusal in the request's dialect."""
    shape = ("unauthorized" if status == 401 else "detail") if ask.dialect == "queue" else "status"
    return responses.error(status, code, message, ask.request_id, shape=shape)


def _limited(ask: IncomingRequest, code: int, message: str) -> Answer:
    """Return "too many requests" in the request's dialect."""
    return responses.error(429, code, message, ask.request_id, shape="limit" if ask.dialect == "queue" else "flat")


def account_of(key: str | None) -> str:
    """Return a key's name in the book: 16 hexadecimal digits that do not reveal the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:16] if key else "nobody"


def caller_of(ask: IncomingRequest) -> Caller:
    """Return the caller of a request."""
    assert ask.dialect is not None, "only a download has no dialect"
    return Caller(account_of(ask.key), ask.dialect)
