"""The lock: which jobs a story's team has bought or begun. How it lies in its file is `lockfile`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias, get_args

BlockState: TypeAlias = Literal["open", "unknown", "abandoned", "running", "failed", "lost", "done"]
BLOCK_STATES: tuple[BlockState, ...] = get_args(BlockState)
"""From the least to the furthest: of two lines for one attempt, the further is the later news."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a lock: a job that was bought or begun.

    `cost` is in US dollars what was charged, else what is reserved; 0 where another story's build reserved it; None
    where no price is known.
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

    @property
    def exists(self) -> bool:
        """Whether packing keeps it: finished, running or of unknown outcome.

        One that is lost was finished: were it packed anew, it would be paid for again without anybody's --rebuy.
        """
        return self.state not in ("failed", "abandoned")

    @property
    def ended(self) -> bool:
        """Whether nothing more will be charged for it."""
        return self.state in ("done", "failed", "lost", "abandoned")


class Choice(NamedTuple):
    """A take that somebody chose for a base (a reroll): of several, the one with the highest number counts."""

    number: int
    take: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Blocks by content, and choices of takes by base.

    `pruned` is, by content, what the blocks cost in US dollars that `lock prune` removed.
    """

    blocks: Mapping[str, Block] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    pruned: Mapping[str, Decimal] = field(default_factory=dict)

    def with_blocks(self, blocks: Iterable[Block]) -> Lock:
        """With these as the latest news of their contents."""
        merged = {**self.blocks, **{block.content: block for block in blocks}}
        pruned = {content: cost for content, cost in self.pruned.items() if content not in merged}
        return replace(self, blocks=merged, pruned=pruned)

    def choosing(self, base: str, take: int) -> Lock:
        """With this take as the one of a base from now on."""
        number = self.choices[base].number + 1 if base in self.choices else 1
        return replace(self, choices={**self.choices, base: Choice(number, take)})

    def without(self, contents: Collection[str]) -> Lock:
        """Without the blocks of these contents; what they cost goes on counting."""
        going = {content: self.blocks[content].cost or Decimal(0) for content in contents if content in self.blocks}
        kept = {content: block for content, block in self.blocks.items() if content not in going}
        return replace(self, blocks=kept, pruned={**self.pruned, **going})

    def prunable(self, used: Collection[str]) -> tuple[Block, ...]:
        """The blocks that may go: of no job in use, and ended, so that nothing more will be charged."""
        return tuple(block for content, block in self.blocks.items() if content not in used and block.ended)


EMPTY_LOCK = Lock()


def join(blocks: Iterable[Block]) -> Block:
    """The block that several lines of one content stand for: the furthest, with what only the others know.

    A clip that is there counts most, then the later attempt, then the further state. The lines' order makes no
    difference.
    """
    further = sorted(blocks, key=_distance, reverse=True)
    furthest = further[0]
    tasks = (block.task for block in further if block.attempt == furthest.attempt)
    costs = (block.cost for block in further if block.cost is not None)
    return replace(
        furthest,
        task=next(filter(None, tasks), None),
        clip=next((block.clip for block in further if block.clip), None),
        cost=max(costs, default=None),
        key=next((block.key for block in further if block.key), ""),
    )


def _distance(block: Block) -> tuple[bool, int, int, str]:
    return block.state == "done", block.attempt, BLOCK_STATES.index(block.state), repr(block)
