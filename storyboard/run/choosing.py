"""Which of two clips of one job is used, where machines bought one each: the lock's, for as long as anybody has it."""

from __future__ import annotations

from pathlib import Path

from storyboard.jobs.lock import Block
from storyboard.providers.answers import Task
from storyboard.run.asking import ask
from storyboard.run.context import Context, Wanted
from storyboard.run.download import Whole
from storyboard.run.effects import Get
from storyboard.run.events import Notice
from storyboard.run.records import keep, keep_in_lock
from storyboard.store import Attempt


async def fetch_the_locks(context: Context, wanted: Wanted) -> tuple[str, Path] | None:
    """The lock's clip from its task, asked once; None where the gateway does not give this key that very clip."""
    block = wanted.block
    if block is None or block.task is None or not _can_ask(context, block):
        return None
    answer = await ask(context, wanted, block.task)
    if not isinstance(answer, Task) or not answer.urls:
        return None
    target = context.store.clips.scratch(f"lock-{block.task}")
    got = await Get(answer.urls[0], target, wanted.job.seconds, lambda received, total: None)
    if not isinstance(got, Whole):
        return None
    sha256, clip = await keep(context, got.clip)
    return (sha256, clip) if sha256 == block.clip else None


async def use_the_stores(context: Context, wanted: Wanted, attempt: Attempt) -> None:
    """Says that another clip is used than the lock names, and writes it there. Neither is a reason to pay."""
    words = f"{wanted.job.id}: the clip that the lock names cannot be had any more; another of the same job is used"
    context.tell(Notice(words, wanted.job))
    await keep_in_lock(context, wanted, attempt)


def _can_ask(context: Context, block: Block) -> bool:
    whose = context.whose
    return bool(whose.account) and (block.base_url, block.dialect) == (whose.base_url, whose.dialect)
