"""What a provider is: pure descriptions. Values go in, a call comes out, and a reply is read into an answer.

A provider touches nothing itself. The one loop in `run` makes every call, keeps every record and does all waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from storyboard.cards.model_card import Json
from storyboard.providers.answers import LocalNotice, Rendered, SubmitAnswer, TaskAnswer


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the payload of one job, the caller's own id for this attempt, and what only travels along."""

    external_id: str
    model: str
    payload: Mapping[str, Json] = field(hash=False)
    seconds: int
    transport: Mapping[str, Json] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request to the gateway, to be sent with the key. A POST is sent once and never repeated by the transport."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    body: Mapping[str, Json] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class LocalCall:
    """Work on this machine that writes a clip to the path it is given, and returns its notices."""

    work: Callable[[Path], tuple[LocalNotice, ...]]


Call: TypeAlias = HttpCall | LocalCall


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back, whole. Names of headers are in lower case. `secret` is what no word of it may repeat: the key."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing came back. `sent` is False only where nothing can have reached the other side."""

    reason: str
    sent: bool


@dataclass(frozen=True, slots=True)
class LocalReply:
    """The clip that the work wrote, unfinished until the store takes it over."""

    clip: Path
    notices: tuple[LocalNotice, ...] = ()


Reply: TypeAlias = HttpReply | NoReply | LocalReply


class Provider(Protocol):
    """Someone who makes clips.

    `key_id` is what enters a job's key: the name, and whatever else of the provider decides what the clip looks like.
    `pays` says whether its jobs cost money: then every step is recorded before it is taken, and a lock is written.
    `base_url` and `dialect` tell where its tasks live, `calls_back` whether it takes a callback address. `together` is
    how many jobs it takes at once, None where the user decides.
    """

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def pays(self) -> bool: ...
    @property
    def base_url(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def calls_back(self) -> bool: ...
    @property
    def together(self) -> int | None: ...

    def submit(self, order: Order) -> Call:
        """The call that asks for the job."""
        ...

    def read_submit(self, reply: Reply) -> SubmitAnswer | Rendered:
        """What was answered to it."""
        ...

    def look_up(self, model: str, task: str) -> HttpCall:
        """The call that asks about a task, by its own id or by the caller's."""
        ...

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """What was answered to that question."""
        ...

    def read_result(self, reply: Reply) -> TaskAnswer:
        """What was answered to the `result` call of a task."""
        ...
