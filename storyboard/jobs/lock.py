"""The lock: the jobs that a story's team has bought or started. `lockfile` has its file format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.fast_named_tuples import NamedTuple
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
        """The purchase that it records."""
        return PastPurchase(self.key or self.content, self.attempt, self.task)

    @property
    def paid(self) -> Paid:
        """The state of that purchase, and its cost."""
        return Paid(self.state, self.cost)

    @property
    def exists(self) -> bool:
        """Whether packing keeps it: finished, running or of unknown outcome. A lost one counts as finished: packed
        differently, it would be paid for again without --rebuy.
        """
        return self.state not in (PurchaseState.FAILED, PurchaseState.ABANDONED)

    @property
    def ended(self) -> bool:
        """Whether nothing more will be charged for it."""
        return self.state in (PurchaseState.DONE, PurchaseState.FAILED, PurchaseState.LOST, PurchaseState.ABANDONED)


class Choice(NamedTuple):
    """A take that was chosen for a base (a reroll). The choice with the highest number counts."""

    number: int
    take: int


class TeamRecord(NamedTuple):
    """Where a team writes down its purchases: the ids of its bucket and of the ledger that decides in place of its
    notes; "" without."""

    bucket: str = ""
    ledger: str = ""


NO_RECORD = TeamRecord()


@dataclass(frozen=True, slots=True)
class Lock:
    """Blocks by content, and choices of takes by base.

    `past` records other spending: on blocks that `lock prune` removed, and on attempts before a block's own. `values`
    are the variant's values, by the names of the params. Only a build with the same `record` may buy for this lock.
    """

    blocks: Mapping[str, Block] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    past: Past = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    record: TeamRecord = NO_RECORD

    def with_blocks(self, blocks: Iterable[Block]) -> Lock:
        """Return the lock with these as the latest blocks of their contents; earlier spending still counts."""
        news = {block.content: block for block in blocks}
        left = [self.blocks[content] for content in news if content in self.blocks]
        told = [*self.past.items(), *((block.purchase, block.paid) for block in left)]
        return replace(self, blocks={**self.blocks, **news}, past=_Told(told).beside(news.values()))

    def choosing(self, base: str, take: int) -> Lock:
        """Return the lock with this take chosen for a base."""
        number = self.choices[base].number + 1 if base in self.choices else 1
        return replace(self, choices={**self.choices, base: Choice(number, take)})

    def without(self, contents: Collection[str]) -> Lock:
        """Return the lock without the blocks of these contents; their cost still counts."""
        going = [self.blocks[content] for content in contents if content in self.blocks]
        gone = {block.content for block in going}
        kept = {content: block for content, block in self.blocks.items() if content not in gone}
        told = [*self.past.items(), *((block.purchase, block.paid) for block in going)]
        return replace(self, blocks=kept, past=_Told(told).beside(kept.values()))

    def prunable(self, used: Collection[str]) -> tuple[Block, ...]:
        """Return the blocks that can be removed: of no job in use, and ended, so that nothing more will be charged."""
        return tuple(block for content, block in self.blocks.items() if content not in used and block.ended)


EMPTY_LOCK = Lock()


def lock_of(
    blocks: Iterable[Block], choices: Mapping[str, Choice], past: Iterable[tuple[PastPurchase, Paid]] = ()
) -> Lock:
    """Merge several lines and several records of the past into one lock, in any order."""
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
    """Return the lock with these lines and these records of purchases."""
    costs = _Told(told)
    settled = {content: costs.settle(block) for content, block in blocks.items()} if costs.past else blocks
    return Lock(settled, choices, costs.beside(settled.values()))


def join(blocks: Iterable[Block]) -> Block:
    """Merge several lines of one content into one block: the most advanced, with fields that only the others have. A
    line with a clip wins, then the later attempt, then the more advanced state. The order of lines makes no difference.
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
    """Records of purchases, found by their blocks."""

    def __init__(self, told: Iterable[tuple[PastPurchase, Paid]]) -> None:
        self.past = joined(told)
        self._tasks: defaultdict[tuple[str, int], list[str | None]] = defaultdict(list)
        for purchase in self.past:
            self._tasks[purchase.name, purchase.attempt].append(purchase.task)

    def own(self, block: Block) -> PastPurchase | None:
        """Return the purchase that is the block's own, or may be."""
        name, attempt, task = block.purchase
        tasks = self._tasks.get((name, attempt), [])
        if task in tasks:
            return block.purchase
        if task is None and tasks:
            return PastPurchase(name, attempt, tasks[0])
        return PastPurchase(name, attempt, None) if None in tasks else None

    def settle(self, block: Block) -> Block:
        """Return the block with its recorded cost."""
        own = self.own(block)
        return block if own is None or self.past[own].cost == block.cost else replace(block, cost=self.past[own].cost)

    def beside(self, blocks: Iterable[Block]) -> Past:
        """Return records of purchases other than these blocks'. A free one that was not the last attempt at its job is
        left out: there is nothing to count, and the number of the last attempt implies it."""
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
