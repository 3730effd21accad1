"""The two dialects of the gateway. Their envelopes are not part of a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias
from urllib.parse import quote

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass
from storyboard.providers.calls import HttpCall

DialectName: TypeAlias = Literal["generation", "queue"]
Payload: TypeAlias = Mapping[str, Json]


class Dialect(Protocol):
    """A dialect; `base` is the gateway's address without a trailing slash."""

    @property
    def id_names(self) -> tuple[str, ...]:
        """The fields of a reply that have the task's id."""
        ...

    @property
    def calls_back(self) -> bool:
        """Whether a callback address is sent."""
        ...

    def submit(self, base: str, payload: Payload, transport: Payload) -> HttpCall:
        """Return the call that submits a job; `transport` are parameters outside the payload."""
        ...

    def status(self, base: str, model: str, task: str) -> HttpCall:
        """Return the call that polls a task."""
        ...

    def result(self, base: str, model: str, task: str) -> HttpCall | None:
        """Return the call for the result, if the status does not contain it."""
        ...


@dataclass(frozen=True, slots=True)
class Generation:
    """The reference's dialect: one object for the task, its state and its result."""

    path: str = "/model/v1/generation"
    id_names: tuple[str, ...] = ("id", "task_id")
    calls_back: bool = True

    def submit(self, base: str, payload: Payload, transport: Payload) -> HttpCall:
        """Parameters travel inside `input`, the model beside it."""
        params = _parameters(payload, transport)
        return HttpCall("POST", f"{base}{self.path}", {"model": payload["model"], "input": [{"params": params}]})

    def status(self, base: str, model: str, task: str) -> HttpCall:
        """Poll by the task's own id or the caller's."""
        return HttpCall("GET", f"{base}{self.path}/task/{_quoted(task)}")

    def result(self, base: str, model: str, task: str) -> HttpCall | None:
        """No call: the status contains the result."""
        return None


@dataclass(frozen=True, slots=True)
class Queue:
    """The dialect of the vendor's current client: flat parameters, and a separate result."""

    path: str = "/model/v1/queue"
    id_names: tuple[str, ...] = ("request_id", "id")
    calls_back: bool = False

    def submit(self, base: str, payload: Payload, transport: Payload) -> HttpCall:
        """Parameters are the body, the model is in the address."""
        model = _quoted(str(payload["model"]))
        return HttpCall("POST", f"{base}{self.path}/{model}", _parameters(payload, transport))

    def status(self, base: str, model: str, task: str) -> HttpCall:
        """Poll by the request's id or the caller's."""
        return HttpCall("GET", f"{self._request(base, model, task)}/status")

    def result(self, base: str, model: str, task: str) -> HttpCall | None:
        """Fetch the result; the reply is 202 until it is ready."""
        return HttpCall("GET", f"{self._request(base, model, task)}/response")

    def _request(self, base: str, model: str, task: str) -> str:
        return f"{base}{self.path}/{_quoted(model)}/requests/{_quoted(task)}"


DIALECTS: Mapping[str, Dialect] = {"generation": Generation(), "queue": Queue()}


def _parameters(payload: Payload, transport: Payload) -> dict[str, Json]:
    return {name: value for name, value in payload.items() if name != "model"} | dict(transport)


def _quoted(part: str) -> str:
    return quote(part, safe="")
