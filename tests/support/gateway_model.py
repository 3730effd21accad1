"""A gateway in memory, on a clock moved by hand: what it does with a repeated id, when it shows a task, what it bills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, get_args

from storyboard.providers.calls import HttpCall, HttpReply

Repeat = Literal["409", "400", "old", "second", "409free"]
PRICE = "0.42"

Oddity = Literal[
    "late address",
    "late file",
    "short file",
    "billed failure",
    "refused under 200",
    "other final word",
    "foreign final word",
    "unknown word at first",
    "other currency",
    "no cost",
    "charged twice the estimate",
    "charged beyond belief",
    "no gateway",
]
ODDITIES: tuple[Oddity, ...] = get_args(Oddity)
LATE = 400.0
"""Seconds after a task's end at which what comes late is there."""
_COSTS: Mapping[Oddity, Mapping[str, Any]] = {
    "other currency": {"cost": "3.05", "currency": "CNY"},
    "no cost": {},
    "charged twice the estimate": {"cost": "0.84"},
    "charged beyond belief": {"cost": "9000"},
}
_FINAL_WORDS: Mapping[Oddity, str] = {"other final word": "SUCCEEDED", "foreign final word": "erledigt"}


@dataclass
class GatewayTask:
    """One task, from its creation at `born` on."""

    id: str
    external_id: str
    account: str
    prompt: str
    born: float
    shows: float
    ends: float
    failure: Mapping[str, Any] | None = None
    says: Mapping[str, Any] = field(default_factory=dict)
    urls_given: int = 0
    oddity: Oddity | None = None
    late: float = LATE

    @property
    def billed(self) -> bool:
        return self.failure is None or self.oddity == "billed failure"

    @property
    def price(self) -> Decimal:
        """What the gateway's book has for it."""
        return Decimal("0.84") if self.oddity == "charged twice the estimate" else Decimal(PRICE)

    def told(self, now: float) -> dict[str, Any]:
        """The object that answers a poll."""
        body: dict[str, Any] = {"id": self.id, "created_at": _millis(self.born), "status": "in_progress"}
        if now < self.ends:
            return body
        if self.failure is not None:
            usage = {"usage": {"cost": PRICE}} if self.oddity == "billed failure" else {}
            return body | {"status": "failed", "error": dict(self.failure)} | usage
        if self.oddity == "unknown word at first" and now < self.ends + self.late:
            return body | {"status": "polishing"}
        self.urls_given += 1
        url = f"https://files.test/{self.id}/{self.urls_given}.mp4"
        output = [{"content": [{"type": "video", "url": url}]}]
        times = {"completed_at": _millis(self.ends)}
        return (
            body
            | {"status": _FINAL_WORDS.get(self.oddity or "no cost", "completed"), "metadata": times}
            | ({} if self.oddity == "late address" and now < self.ends + self.late else {"output": output})
            | {"usage": _COSTS.get(self.oddity, {"cost": PRICE}) if self.oddity else {"cost": PRICE}}
            | dict(self.says)
        )


@dataclass(frozen=True)
class Habits:
    """How the gateway is: which answer a repeated id gets, whether an id can be looked up, how long a task stays unseen,
    how long a job takes, and after how long a task is forgotten (seconds)."""

    repeat: Repeat = "409"
    lookup: bool = True
    shows_after: float = 0.0
    takes: float = 40.0
    keeps: float = 30 * 86400.0
    oddity: Oddity | None = None
    newest: bool = False
    """Of two tasks of one id, a look-up finds the one made last."""


USUAL = Habits()


@dataclass
class GatewayModel:
    """Answers requests at the time they reach it. `failures` are given to tasks in order of their creation."""

    habits: Habits = USUAL
    tasks: list[GatewayTask] = field(default_factory=list)
    failures: list[Mapping[str, Any] | None] = field(default_factory=list)
    requests: int = 0
    repeated: bool = False
    """Whether an id came again: else it makes no difference which answer a repeated id gets."""
    never: bool = False
    """What comes late never comes."""
    answers_with: str | None = None
    """The task that every submit is answered with, as by a gateway that mixes up its answers."""
    full_until: float = 0.0
    retry_after: float | None = None
    """Until when a submit is answered with "too many requests", and the seconds that this answer asks for."""

    def answer(self, call: HttpCall, account: str, now: float) -> HttpReply:
        """What a request does and is answered when it arrives."""
        self.requests += 1
        if self.habits.oddity == "no gateway":
            return HttpReply(301, b"<html>moved</html>", {"location": "https://www.test/", "content-type": "text/html"})
        if call.method == "POST":
            return self._submitted(call, account, now)
        return self._asked(call.url.rsplit("/", 1)[1], account, now)

    def billed(self, prompt: str) -> list[GatewayTask]:
        """The tasks of a prompt that were or will be charged."""
        return [task for task in self.tasks if task.prompt == prompt and task.billed]

    def _submitted(self, call: HttpCall, account: str, now: float) -> HttpReply:
        assert call.body is not None
        params = call.body["input"][0]["params"]  # type: ignore[index,call-overload]
        external_id, prompt = str(params["external_task_id"]), str(params["prompt"])  # type: ignore[index,call-overload]
        before = [t for t in self.tasks if (t.external_id, t.account) == (external_id, account)]
        known = [t for t in before if now - t.born < self.habits.keeps]
        if self.habits.repeat == "409free":
            known = [t for t in known if not (t.failure is not None and now >= t.ends)]
        if now < self.full_until:
            return HttpReply(429, b'{"code": 1302, "message": "slow down"}', self._retry_headers())
        if self.answers_with is not None:
            return _json(200, {"id": self.answers_with, "status": "in_queue"})
        if self.habits.oddity == "refused under 200":
            return _json(200, {"code": 1301, "message": "not with this content"})
        self.repeated |= bool(known)
        if known and self.habits.repeat != "second":
            return self._repeated(known[0], now)
        task = GatewayTask(
            id=f"task-{len(self.tasks) + 1}",
            external_id=external_id,
            account=account,
            prompt=prompt,
            born=now,
            shows=now + self.habits.shows_after,
            ends=now + self.habits.takes,
            failure=self.failures.pop(0) if self.failures else None,
            oddity=self.habits.oddity,
            late=float("inf") if self.never else LATE,
        )
        if self.habits.oddity == "billed failure":
            task.failure = {"code": "006001094", "error_message": "no resources"}
        self.tasks.append(task)
        return _json(200, {"id": task.id, "status": "in_queue", "created_at": _millis(now)})

    def _retry_headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"retry-after": f"{self.retry_after:.0f}"}

    def _repeated(self, task: GatewayTask, now: float) -> HttpReply:
        if self.habits.repeat == "old":
            return _json(200, task.told(now))
        if self.habits.repeat == "400":
            return _json(400, {"error": {"code": "1201", "message": "parameter external_task_id"}})
        return _json(409, {"error": "external_task_id already exists"})

    def _asked(self, name: str, account: str, now: float) -> HttpReply:
        for task in reversed(self.tasks) if self.habits.newest else self.tasks:
            by_id = task.id == name
            by_external = self.habits.lookup and task.external_id == name and now >= task.shows
            kept = now - task.born < self.habits.keeps
            if task.account == account and kept and (by_id or by_external):
                return _json(200, task.told(now))
        return _json(404, {"error": "task not found"})


def _json(status: int, body: Mapping[str, Any]) -> HttpReply:
    return HttpReply(status, json.dumps(body).encode())


def _millis(now: float) -> int:
    return int((1_800_000_000 + now) * 1000)
