"""One request to the gateway and its answer, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, TypeAlias, get_args

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple

Dialect: TypeAlias = Literal["generation", "queue"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)


class Operation(StrEnum):
    """What a request asks for."""

    SUBMIT = "submit"
    POLL = "poll"
    RESULT = "result"
    CANCEL = "cancel"
    STREAM = "stream"
    DOWNLOAD = "download"


class Caller(NamedTuple):
    """The account and dialect of a request; a task is visible only to the same pair."""

    account: str
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class IncomingRequest:
    """A request. `handle` is the id in its path, `origin` the scheme and host that the client wrote; a download has no
    dialect."""

    operation: Operation
    dialect: Dialect | None = None
    key: str | None = None
    model: str = ""
    handle: str = ""
    body: bytes = b""
    request_id: str = ""
    origin: str = ""
    query: Mapping[str, str] = field(default_factory=dict, hash=False)
    byte_range: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer is sent: it begins after `stall` seconds, pauses for `pause` seconds after `pause_at` bytes of the
    body, and the connection is closed after `cut_at` of them (`BEFORE`: before anything is sent), with a reset if
    `reset`."""

    stall: float = 0.0
    pause: float = 0.0
    pause_at: int = 0
    cut_at: int | None = None
    reset: bool = False


BEFORE = -1
PROMPTLY = Delivery()
VANISHED = Delivery(cut_at=BEFORE)
RESET = Delivery(cut_at=BEFORE, reset=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: a JSON `document`, or raw `content`, followed by `padding` zero bytes."""

    status: int
    document: Any = None
    content: bytes | None = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    delivery: Delivery = PROMPTLY
    padding: int = 0

    def body(self) -> bytes:
        """Return the bytes that are sent."""
        if self.content is not None:
            return self.content
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
