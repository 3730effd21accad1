"""What a job's flow may ask of the world. A flow is a coroutine that awaits nothing else.

So whoever drives it sees each effect as a value before it happens: the real executor performs it, the simulation stops
before and after every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from storyboard.jobs.lock import Block
from storyboard.providers.calls import HttpCall, LocalCall, LocalReply, NoReply, Reply
from storyboard.run.admission import TurnStep

T = TypeVar("T")
Progress: TypeAlias = Callable[[int, int | None], None]
"""Told the bytes received and, where known, their total."""
MaySend: TypeAlias = Callable[[], bool]
"""Asked on the open connection, right before the first byte. It may take a while."""
NOT_ALLOWED = NoReply("its permission to be sent has ended, so it was not sent", sent=False)


@dataclass(frozen=True, slots=True)
class Whole:
    """A download that is complete: a playable clip. `lasts` is its length in seconds where another was promised."""

    clip: Path
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """The address is not good, or not good any more; asking the task again gives a fresh one."""

    message: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The download stopped on the way, or the server had a fault of its own. `received` bytes are kept."""

    message: str
    received: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """The download is complete and is not a clip. Nothing of it is kept."""

    message: str


@dataclass(frozen=True, slots=True)
class Barred:
    """A rule forbids fetching it: for its address, or for its size."""

    message: str


Download: TypeAlias = Whole | Expired | Cut | Wrong | Barred


class Effect(Generic[T]):
    """Something that is done outside, with an answer of type T."""

    def __await__(self) -> Generator[Effect[T], T, T]:
        return (yield self)


@dataclass(frozen=True, slots=True)
class Disk(Effect[T]):
    """Work on the store, durable when answered. `name` says what, for a trace.

    Work that `writes` touches the ledger alone: it may share a transaction with what other jobs write.
    """

    name: str
    work: Callable[[], T]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class AskTeam(Effect[T]):
    """Work on the record that a team's machines share, over the network. `name` says what, for a trace."""

    name: str
    work: Callable[[], T]


@dataclass(frozen=True, slots=True)
class AwaitTurn(Effect[None]):
    """Wait until every job that comes earlier in the story may have done the step; then look again."""

    key: str
    step: TurnStep


@dataclass(frozen=True, slots=True)
class TakeClaim(Effect[bool]):
    """Try for the claim on a key; it is held until the flow ends, however it ends."""

    key: str


@dataclass(frozen=True, slots=True)
class WriteLock(Effect[None]):
    """Put a block into the story's lock (None: take it out), durably."""

    content: str
    block: Block | None


@dataclass(frozen=True, slots=True)
class Ask(Effect[Reply]):
    """Send one request to the gateway, once. When it is answered, its connection is closed or has given its reply.

    Where `may_send` says no, nothing is sent and the answer is `NOT_ALLOWED`.
    """

    call: HttpCall
    may_send: MaySend | None = None


@dataclass(frozen=True, slots=True)
class Make(Effect[LocalReply]):
    """Make a clip on this machine."""

    call: LocalCall
    target: Path


@dataclass(frozen=True, slots=True)
class Get(Effect[Download]):
    """Download a clip, going on where the unfinished file ends; `seconds` is what it should last. A file of more than
    `max_bytes` is refused (None: a limit that follows from its length)."""

    url: str
    target: Path
    seconds: int
    max_bytes: int | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class Pause(Effect[None]):
    """Let time pass; a pause before `buying` ends when somebody asks to halt."""

    seconds: float
    buying: bool = False


@dataclass(frozen=True, slots=True)
class Listen(Effect[None]):
    """Let time pass, until one of those topics rings."""

    topics: tuple[str, ...]
    seconds: float
