"""The gateway that a run is measured against, in a process of its own: `gateway.py ORDERS`.

It is the simulator, with a route in fal's queue protocol before it, and it notes when each task was asked about. The
clients know nothing of that; `GET /bench` tells it.
"""

from __future__ import annotations

import json
import socket
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from storyboard.simulator.app import Front, make_app
from storyboard.simulator.clock import GatewayClock
from storyboard.simulator.config import SimulatorConfig
from storyboard.simulator.faults import FaultRule
from storyboard.simulator.gateway import Gateway
from storyboard.simulator.handlers import QUEUE
from storyboard.simulator.messages import Answer, IncomingRequest, Operation
from storyboard.simulator.task import TaskPhase

FAL = "/fal/"


class Watched(Gateway):
    """A gateway that notes what the clients ask."""

    def __init__(self, config: SimulatorConfig) -> None:
        super().__init__(config)
        self.seen: dict[str, float] = {}
        self.asked: Counter[str] = Counter()
        self.fetched: Counter[str] = Counter()
        self.looked = 0
        self.begun = self.ended = 0.0

    def handle(self, ask: IncomingRequest, now: float) -> Answer:
        """As a gateway does; the words that only fal's client wants are added."""
        answer = super().handle(ask, now)
        self.begun, self.ended = self.begun or now, now
        if ask.operation is Operation.POLL:
            self._polled(ask, now)
        if ask.operation is Operation.DOWNLOAD:
            self.fetched[ask.handle] += answer.status == 200
        if ask.dialect == "queue" and isinstance(answer.document, dict):
            answer = replace(answer, document={"queue_position": 0, "logs": None, **answer.document})
        return answer

    def _polled(self, ask: IncomingRequest, now: float) -> None:
        task = self._task(ask, now)
        if task is None:
            self.looked += 1
            return
        self.asked[task.id] += 1
        if task.phase(now) is TaskPhase.COMPLETED:
            self.seen.setdefault(task.id, now)

    def told(self) -> dict[str, Any]:
        """What there is to tell; times are seconds, `late` is a share of the task's time."""
        tasks = self.simulator.tasks
        late = [
            (seen - tasks[name].ends) / (tasks[name].ends - tasks[name].created) for name, seen in self.seen.items()
        ]
        return {
            "tasks": len(tasks),
            "paid": str(self.book.totals.paid),
            "polls": sum(self.asked.values()),
            "looks": self.looked,
            "late": statistics.median(late) if late else 0.0,
            "makespan": self.ended - self.begun,
            "fetched_once": sum(number == 1 for number in self.fetched.values()),
            "fetched": sum(self.fetched.values()),
        }


@dataclass(frozen=True)
class Shim:
    """Lets fal's client in: its scheme of authorization and its path of a submit."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [(name, _value(name, value)) for name, value in scope["headers"]]}
            if scope["path"].startswith(FAL):
                scope["path"] = f"{QUEUE}/{scope['path'].removeprefix(FAL)}"
        await self.app(scope, receive, send)


def _value(name: bytes, value: bytes) -> bytes:
    return value.replace(b"Key ", b"Bearer ", 1) if name == b"authorization" else value


def main() -> None:
    """Prints its address, and serves until it is killed."""
    orders = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rules = [FaultRule("slow", {"seconds": takes}, prompt=pace, times=None) for pace, takes in orders["paces"].items()]
    gateway = Watched(SimulatorConfig(faults=tuple(rules)))
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    gateway.origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    router = make_app(Front(gateway, GatewayClock()))

    async def told(request: Request) -> JSONResponse:
        return JSONResponse(gateway.told())

    router.routes.append(Route("/bench", told))
    sys.stdout.write(f"{gateway.origin}\n")
    sys.stdout.flush()
    settings = uvicorn.Config(Shim(router), lifespan="on", log_level="critical", timeout_keep_alive=75)
    uvicorn.Server(settings).run([listening])


if __name__ == "__main__":
    main()
