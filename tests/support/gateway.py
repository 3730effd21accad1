"""A client of the simulated gateway without sockets: it asks, and moves the gateway's clock by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from storyboard.simulator import Gateway, SimulatorConfig, rules_from
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.messages import Answer, Dialect, IncomingRequest, Operation

MODEL = "kirin_v3_t2v"
TAKE = 10.0
"""Seconds that a task takes here: one in the queue, nine rendering."""


def film(seconds: int, ratio: str) -> bytes:
    """Stands for a clip where nobody looks at it."""
    return f"{seconds} s of film, {ratio}".encode()


def gateway(**behaviour: Any) -> Gateway:
    """One that takes ten seconds for everything."""
    return Gateway(SimulatorConfig(**{"take": TAKE, **behaviour}), clips=SimulatedClips(film))


def params(prompt: str = "A boat.", **more: Any) -> dict[str, Any]:
    """What asks for one shot of five seconds."""
    return {"multi_shot": False, "prompt": prompt, "duration": "5", **more}


@dataclass
class Client:
    """Holds a key, speaks one dialect, and knows what time it is."""

    gateway: Gateway
    dialect: Dialect = "generation"
    key: str | None = "one"
    now: float = 1_800_000_000.0

    def submit(self, prompt: str = "A boat.", external_id: str | None = None, **more: Any) -> Answer:
        """Orders a job."""
        ids = {"external_task_id": external_id} if external_id else {}
        return self.send({**params(prompt, **more), **ids})

    def send(self, parameters: dict[str, Any]) -> Answer:
        """Orders with these flat parameters."""
        body: Any = {"model": MODEL, "input": [{"params": parameters}]} if self.dialect == "generation" else parameters
        return self.ask(Operation.SUBMIT, body=json.dumps(body).encode())

    def bought(self, prompt: str = "A boat.", external_id: str | None = None, **more: Any) -> str:
        """Orders, and gives the task's id."""
        answer = self.submit(prompt, external_id, **more)
        assert answer.status == 200, answer
        return str(answer.document["id" if self.dialect == "generation" else "request_id"])

    def poll(self, handle: str) -> Answer:
        """Asks about a task."""
        return self.ask(Operation.POLL, handle)

    def result(self, handle: str) -> Answer:
        """Asks for a result."""
        return self.ask(Operation.RESULT, handle)

    def cancel(self, handle: str) -> Answer:
        """Takes an order back."""
        return self.ask(Operation.CANCEL, handle)

    def fetch(self, url: str, *, byte_range: str = "", key: str | None = None) -> Answer:
        """Downloads from an address."""
        parts = urlsplit(url)
        handle = parts.path.removeprefix("/files/").removesuffix(".mp4")
        ask = IncomingRequest(
            Operation.DOWNLOAD, handle=handle, query=dict(parse_qsl(parts.query)), byte_range=byte_range, key=key
        )
        return self.gateway.handle(ask, self.now)

    def url(self, task: str) -> str:
        """The address of a finished task's clip, in a fresh answer."""
        if self.dialect == "generation":
            return str(self.poll(task).document["output"][0]["content"][0]["url"])
        return str(self.result(task).document["outputs"][0]["url"])

    def ask(self, operation: Operation, handle: str = "", body: bytes = b"") -> Answer:
        """Any request."""
        ask = IncomingRequest(operation, self.dialect, self.key, MODEL, handle, body, "req-1", "http://gateway")
        return self.gateway.handle(ask, self.now)

    def wait(self, seconds: float = TAKE) -> None:
        """Lets time pass."""
        self.now += seconds

    def stage(self, *rules: dict[str, Any]) -> None:
        """Stages faults."""
        self.gateway.faults.stage(rules_from(list(rules)))

    def behave(self, **behaviour: Any) -> None:
        """Changes the gateway's ways."""
        self.gateway.config = replace(self.gateway.config, **behaviour)
