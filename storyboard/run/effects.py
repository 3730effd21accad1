"""The effects that a job's flow can ask for. A flow is a coroutine that awaits nothing else, so its driver sees each
effect as a value before it happens: the real executor performs it, the simulation stops before and after every one."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from storyboard.fast_dataclasses import dataclass
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
    """The download is complete and is a playable clip. `lasts` is its length in seconds if that is not the promised
    one."""

    clip: Path
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """The address is not valid, or no longer; polling the task again gives a fresh one."""

    message: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The download was interrupted, or the server had an internal error. The `received` bytes are kept."""

    message: str
    received: int = 0


@dataclass(frozen=True, slots=True)
class Wrong:
    """The download is complete but is not a clip. Nothing of it is kept."""

    message: str


@dataclass(frozen=True, slots=True)
class Barred:
    """A rule forbids the download, because of its address or its size."""

    message: str


Download: TypeAlias = Whole | Expired | Cut | Wrong | Barred


class Effect(Generic[T]):
    """An action outside the flow, answered by a value of type T."""

    def __await__(self) -> Generator[Effect[T], T, T]:
        return (yield self)


@dataclass(frozen=True, slots=True)
class Disk(Effect[T]):
    """Work on the store, durable when it is answered. `name` describes it in traces.

    Work that `writes` uses only the ledger: it may share a transaction with the writes of other jobs.
    """

    name: str
    work: Callable[[], T]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class AskTeam(Effect[T]):
    """Work on the record that a team's machines share, over the network. `name` describes it in traces."""

    name: str
    work: Callable[[], T]


@dataclass(frozen=True, slots=True)
class AwaitTurn(Effect[None]):
    """Wait until every earlier job of the story has taken or given up its turn at this step."""

    key: str
    step: TurnStep


@dataclass(frozen=True, slots=True)
class TakeClaim(Effect[bool]):
    """Try to claim a key; the claim is held until the flow ends, however it ends."""

    key: str


@dataclass(frozen=True, slots=True)
class WriteLock(Effect[None]):
    """Write a block to the story's lock (None: remove the block), durably."""

    content: str
    block: Block | None


@dataclass(frozen=True, slots=True)
class Ask(Effect[Reply]):
    """Send one request to the gateway, once. When it is answered, its connection is closed or has delivered its reply.

    If `may_send` returns False, nothing is sent and the answer is `NOT_ALLOWED`.
    """

    call: HttpCall
    may_send: MaySend | None = None


@dataclass(frozen=True, slots=True)
class Make(Effect[LocalReply]):
    """Render a clip on this machine."""

    call: LocalCall
    target: Path


@dataclass(frozen=True, slots=True)
class Get(Effect[Download]):
    """Download a clip, resuming at the end of an unfinished file; `seconds` is how long it should be. A file of more
    than `max_bytes` is refused (None: a limit that follows from its length)."""

    url: str
    target: Path
    seconds: int
    max_bytes: int | None
    progress: Progress


@dataclass(frozen=True, slots=True)
class Pause(Effect[None]):
    """Wait this many seconds. A pause before `buying` ends early if a halt is requested."""

    seconds: float
    buying: bool = False


@dataclass(frozen=True, slots=True)
class Listen(Effect[None]):
    """Wait this many seconds, or until one of these topics rings."""

    topics: tuple[str, ...]
    seconds: float
