"""The lock as read: which jobs a story's team has bought or begun. Its file form is `NAME.story.lock`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

BlockState: TypeAlias = Literal["open", "running", "unknown", "done", "failed", "lost", "abandoned"]


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a lock: a job that was bought or begun."""

    shots: tuple[str, ...]
    content: str
    base: str
    take: int
    provider: str
    base_url: str
    dialect: str
    attempt: int
    task: str | None
    clip: str | None
    seconds: int
    cost: Decimal | None
    state: BlockState

    @property
    def exists(self) -> bool:
        """Whether packing may count on it: finished, running or of unknown outcome."""
        return self.state in ("open", "running", "unknown", "done")


@dataclass(frozen=True, slots=True)
class Lock:
    """Blocks by content."""

    blocks: Mapping[str, Block] = field(default_factory=dict)


EMPTY_LOCK = Lock()
