"""What a job's flow may ask of the world. A flow is a coroutine that awaits nothing else.

So whoever drives it sees each effect as a value before it happens: the real driver performs it, the simulation stops
before and after every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from storyboard.jobs.lock import Block
from storyboard.providers.calls import HttpCall, LocalCall, LocalReply, Reply
from storyboard.run.download import Download
from storyboard.run.turns import Step

T = TypeVar("T")


class Effect(Generic[T]):
    """Something that is done outside, with an answer of type T."""

    def __await__(self) -> Generator[Effect[T], T, T]:
        return (yield self)


@dataclass(frozen=True, slots=True)
class Disk(Effect[T]):
    """Work on the store, durable when answered. `name` says what, for a trace.

    `writes` the ledger alone: it may share a transaction with what other jobs write.
    """

    name: str
    work: Callable[[], T]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Turn(Effect[None]):
    """Wait until all that come earlier in the story may have done the step; who asked looks again."""

    key: str
    step: Step


@dataclass(frozen=True, slots=True)
class Claim(Effect[bool]):
    """Try for the claim on a key; it is held until the flow ends, however it ends."""

    key: str


@dataclass(frozen=True, slots=True)
class Write(Effect[None]):
    """Put a block into the story's lock (None: take it out), durably."""

    content: str
    block: Block | None


@dataclass(frozen=True, slots=True)
class Ask(Effect[Reply]):
    """One request to the gateway, sent once. When it is answered, its connection is closed or has given its reply."""

    call: HttpCall


@dataclass(frozen=True, slots=True)
class Make(Effect[LocalReply]):
    """Make a clip on this machine."""

    call: LocalCall
    target: Path


@dataclass(frozen=True, slots=True)
class Get(Effect[Download]):
    """Download a clip, going on where the unfinished file ends; `seconds` is what it should last."""

    url: str
    target: Path
    seconds: int
    progress: Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Pause(Effect[None]):
    """Let time pass; before buying, not after somebody asked to halt."""

    seconds: float
    buying: bool = False


@dataclass(frozen=True, slots=True)
class Listen(Effect[None]):
    """Let time pass, but not after word has come of a task of one of those names."""

    names: tuple[str, ...]
    seconds: float
