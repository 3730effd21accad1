"""Designed stand-ins: a provider that writes small files, and jobs for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from storyboard.cards.model_card import Json
from storyboard.jobs.job import Job
from storyboard.jobs.request import Request, RequestedShot
from storyboard.plan.steps import Plan, Step
from storyboard.providers.answers import Rendered
from storyboard.providers.calls import HttpCall, LocalCall, LocalNotice, LocalReply, Reply
from storyboard.providers.protocol import Order
from storyboard.store.job_status import Verdict


def a_job(number: int = 1, prompt: str = "A boat.", seconds: int = 5) -> Job:
    """The job `river#number`, without shots."""
    request = Request("kirin_v3_t2v", (RequestedShot(prompt, seconds),))
    content = hashlib.sha256(repr(request.document).encode()).hexdigest()
    return Job(f"river#{number}", "river", (), request, content, 1, content)


def key_of(job: Job) -> str:
    """A job's key in `a_plan`: another than its content."""
    return hashlib.sha256(f"key of {job.content}".encode()).hexdigest()


def a_plan(*jobs: Job, provider: str = "local", estimate: str = "0") -> Plan:
    """All of them to be bought."""
    price = Decimal(estimate)
    return Plan(
        provider,
        tuple(Step(job.id, key_of(job), Verdict.BUY, "new", job.seconds, price, job, worth=price) for job in jobs),
    )


@dataclass
class Local:
    """Writes a job's prompt as its clip. `orders` are the prompts in the order they were made."""

    orders: list[str] = field(default_factory=list)
    before: Callable[[Path], None] = lambda target: None
    name: str = "local"
    key_id: str = "local/1"
    pays: bool = False
    base_url: str = ""
    dialect: str = ""
    calls_back: bool = False
    together: int | None = 2

    def payload(self, order: Order) -> Mapping[str, Json]:
        return order.request.document

    def transport(self, order: Order) -> Mapping[str, Json]:
        return {}

    def submit(self, order: Order) -> LocalCall:
        return LocalCall(lambda target: self._make(order, target))

    def read_submit(self, reply: Reply) -> Rendered:
        assert isinstance(reply, LocalReply)
        return Rendered(reply.clip, reply.notices)

    def authorise(self, call: HttpCall, key: str, body: bytes) -> NoReturn:
        raise AssertionError("no key is asked for")

    def authorise_download(self, url: str, key: str) -> NoReturn:
        raise AssertionError("nothing is downloaded")

    def look_up(self, model: str, task: str) -> NoReturn:
        raise AssertionError("there are no tasks")

    def read_task(self, model: str, task: str, reply: Reply) -> NoReturn:
        raise AssertionError("there are no tasks")

    def read_result(self, reply: Reply) -> NoReturn:
        raise AssertionError("there are no tasks")

    def _make(self, order: Order, target: Path) -> tuple[LocalNotice, ...]:
        prompt = order.request.shots[0].prompt
        self.orders.append(prompt)
        self.before(target)
        target.write_text(prompt)
        return (LocalNotice("a glyph is missing", of_machine=True),) if "灯" in prompt else ()
