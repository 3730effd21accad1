"""What a provider asks the one loop to do, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.cards.model_card import Json


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request to the gateway, to be sent with the key. A POST is sent once and never repeated by the transport."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    body: Mapping[str, Json] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class LocalNotice:
    """Something a person should know about a clip that was made here; `of_machine` if it is true of every such clip
    on this machine, so that saying it once is enough."""

    message: str
    of_machine: bool = False


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
