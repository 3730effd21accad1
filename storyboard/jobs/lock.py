"""The lock: which jobs a story's team has bought or begun. How it lies in its file is `lockfile`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

from storyboard.jobs.purchase_history import Paid, Past, PastPurchase, joined, last_attempts
from storyboard.jobs.purchase_state import LOCK_STATES, PurchaseState


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
    state: PurchaseState
    key: str = ""

    @property
    def purchase(self) -> PastPurchase:
        """Which task it tells of."""
        return PastPurchase(self.key or self.content, self.attempt, self.task)

    @property
    def paid(self) -> Paid:
        """How far that is, and what it cost."""
        return Paid(self.state, self.cost)

    @property
    def exists(self) -> bool:
        """Whether packing keeps it: finished, running or of unknown outcome.

        One that is lost was finished: were it packed again, it would be paid for again without anybody's --rebuy.
        """
        return self.state not in (PurchaseState.FAILED, PurchaseState.ABANDONED)

    @property
    def ended(self) -> bool:
        """Whether nothing more will be charged for it."""
        return self.state in (PurchaseState.DONE, PurchaseState.FAILED, PurchaseState.LOST, PurchaseState.ABANDONED)


class Choice(NamedTuple):
    """A take that somebody chose for a base (a reroll): of several, the one with the highest number counts."""

    number: int
    take: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Blocks by content, and choices of takes by base.

    `past` is what was spent besides: on blocks that `lock prune` removed, and on attempts before a block's own.
    `values` are those of the variant whose lock it is, by the `param`s' names.
    """

    blocks: Mapping[str, Block] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    past: Past = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)

    def with_blocks(self, blocks: Iterable[Block]) -> Lock:
        """With these as the latest news of their contents; what was spent on others goes on counting."""
        news = {block.content: block for block in blocks}
        left = [self.blocks[content] for content in news if content in self.blocks]
        told = [*self.past.items(), *((block.purchase, block.paid) for block in left)]
        return replace(self, blocks={**self.blocks, **news}, past=_Told(told).beside(news.values()))

    def choosing(self, base: str, take: int) -> Lock:
        """With this take as the one of a base from now on."""
        number = self.choices[base].number + 1 if base in self.choices else 1
        return replace(self, choices={**self.choices, base: Choice(number, take)})

    def without(self, contents: Collection[str]) -> Lock:
        """Without the blocks of these contents; what they cost goes on counting."""
        going = [self.blocks[content] for content in contents if content in self.blocks]
        gone = {block.content for block in going}
        kept = {content: block for content, block in self.blocks.items() if content not in gone}
        told = [*self.past.items(), *((block.purchase, block.paid) for block in going)]
        return replace(self, blocks=kept, past=_Told(told).beside(kept.values()))

    def prunable(self, used: Collection[str]) -> tuple[Block, ...]:
        """The blocks that may go: of no job in use, and ended, so that nothing more will be charged."""
        return tuple(block for content, block in self.blocks.items() if content not in used and block.ended)


EMPTY_LOCK = Lock()


def lock_of(
    blocks: Iterable[Block], choices: Mapping[str, Choice], past: Iterable[tuple[PastPurchase, Paid]] = ()
) -> Lock:
    """The lock that several lines, and what several told of the past, stand for together, in whatever order."""
    lines: defaultdict[str, list[Block]] = defaultdict(list)
    for block in blocks:
        lines[block.content].append(block)
    joint = {content: same[0] if len(same) == 1 else join(same) for content, same in lines.items()}
    told = [*past]
    if told or any(len(same) > 1 for same in lines.values()):
        told += [(block.purchase, block.paid) for same in lines.values() for block in same]
    return as_told(joint, choices, told)


def as_told(
    blocks: Mapping[str, Block], choices: Mapping[str, Choice], told: Iterable[tuple[PastPurchase, Paid]]
) -> Lock:
    """The lock of these lines and of what is told of purchases, theirs and others."""
    costs = _Told(told)
    settled = {content: costs.settle(block) for content, block in blocks.items()} if costs.past else blocks
    return Lock(settled, choices, costs.beside(settled.values()))


def join(blocks: Iterable[Block]) -> Block:
    """The block that several lines of one content stand for: the furthest, with what only the others know.

    A clip that is there counts most, then the later attempt, then the further state. The lines' order makes no
    difference.
    """
    further = sorted(blocks, key=_distance, reverse=True)
    furthest = further[0]
    tasks = (block.task for block in further if block.attempt == furthest.attempt)
    whole = replace(
        furthest,
        task=next(filter(None, tasks), None),
        clip=next((block.clip for block in further if block.clip), None),
        key=next((block.key for block in further if block.key), ""),
    )
    return _Told((block.purchase, block.paid) for block in further).settle(whole)


def _distance(block: Block) -> tuple[bool, int, int, str]:
    return block.state is PurchaseState.DONE, block.attempt, LOCK_STATES.index(block.state), repr(block)


class _Told:
    """What is told of purchases, to be found by their blocks."""

    def __init__(self, told: Iterable[tuple[PastPurchase, Paid]]) -> None:
        self.past = joined(told)
        self._tasks: defaultdict[tuple[str, int], list[str | None]] = defaultdict(list)
        for purchase in self.past:
            self._tasks[purchase.name, purchase.attempt].append(purchase.task)

    def own(self, block: Block) -> PastPurchase | None:
        """The purchase that is the block's own, or may be."""
        name, attempt, task = block.purchase
        tasks = self._tasks.get((name, attempt), [])
        if task in tasks:
            return block.purchase
        if task is None and tasks:
            return PastPurchase(name, attempt, tasks[0])
        return PastPurchase(name, attempt, None) if None in tasks else None

    def settle(self, block: Block) -> Block:
        """The block with what is told of its cost."""
        own = self.own(block)
        return block if own is None or self.past[own].cost == block.cost else replace(block, cost=self.past[own].cost)

    def beside(self, blocks: Iterable[Block]) -> Past:
        """What is told of other purchases than these blocks'. What cost nothing, and was not the last attempt at its
        job, is left out: there is nothing to count, and the last one's number says that it was."""
        if not self.past:
            return {}
        standing = [block.purchase for block in blocks]
        own = {self.own(block) for block in blocks}
        numbers, last = last_attempts(standing), last_attempts(self.past)
        return {
            purchase: paid
            for purchase, paid in self.past.items()
            if purchase not in own
            and (paid.cost or numbers.get(purchase.name, -1) < purchase.attempt == last[purchase.name])
        }
