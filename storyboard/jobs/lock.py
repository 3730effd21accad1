"""The lock as read: which jobs a story's team has bought or begun. Its file form is `NAME.story.lock`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

BlockState: TypeAlias = Literal["open", "running", "unknown", "done", "failed", "lost", "abandoned"]


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a lock: a job that was bought or begun.

    `cost` is in US dollars. `chosen` is 0, or the number of the choice that made its take its base's: the last counts.
    """

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
    key: str = ""
    chosen: int = 0

    @property
    def exists(self) -> bool:
        """Whether packing may count on it: finished, running or of unknown outcome."""
        return self.state in ("open", "running", "unknown", "done")


@dataclass(frozen=True, slots=True)
class Lock:
    """Blocks by content. `pruned` is what the blocks cost in US dollars that `lock prune` removed."""

    blocks: Mapping[str, Block] = field(default_factory=dict)
    pruned: Decimal = Decimal(0)

    def chosen_takes(self) -> dict[str, int]:
        """By base, the take that was chosen for it; bases for which none was are left out."""
        chosen: dict[str, tuple[int, int]] = {}
        for block in self.blocks.values():
            if block.chosen:
                chosen[block.base] = max(chosen.get(block.base, (0, 0)), (block.chosen, block.take))
        return {base: take for base, (_, take) in chosen.items()}


EMPTY_LOCK = Lock()
