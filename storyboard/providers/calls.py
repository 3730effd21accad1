"""The calls that a provider asks `run` to make, and their replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request to the gateway, to be sent with the key. A POST is sent once and never repeated by the transport."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    body: Mapping[str, Json] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class LocalNotice:
    """A notice about a locally rendered clip; `of_machine` if it applies to every such clip on this machine, so that it
    is shown once."""

    message: str
    of_machine: bool = False


@dataclass(frozen=True, slots=True)
class LocalCall:
    """Work on this machine that writes a clip to the path it is given, and returns its notices."""

    work: Callable[[Path], tuple[LocalNotice, ...]]


Call: TypeAlias = HttpCall | LocalCall


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A complete reply. Header names are in lower case. `secret` is the key, which must be removed from any quoted
    text."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NoReply:
    """No reply. `sent` is False only if nothing can have reached the other side."""

    reason: str
    sent: bool


@dataclass(frozen=True, slots=True)
class LocalReply:
    """The clip that was rendered, temporary until the store takes it over."""

    clip: Path
    notices: tuple[LocalNotice, ...] = ()


Reply: TypeAlias = HttpReply | NoReply | LocalReply
