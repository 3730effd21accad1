"""Remove lock entries that no job of the stories uses any more; their cost still counts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.lock import Block, Lock
from storyboard.jobs.lockfile import lock_path, update_lock
from storyboard.project.compile import Compiled, CompiledStory
from storyboard.project.workspace import Run


@dataclass(frozen=True, slots=True)
class Pruned:
    """A story with the blocks that are removed from its lock, and the unused ones that stay because they may still
    cost. `here` are the contents of removed blocks whose clip this machine's store has.
    """

    story: Path
    lock: Path
    blocks: tuple[Block, ...]
    stay: tuple[Block, ...]
    here: frozenset[str]


def prune_all(run: Run, compiled: Compiled, *, force: bool, write: bool) -> tuple[Pruned, ...]:
    """Prune each story's lock, or only report what would be removed; `force` also removes jobs that may still be
    running."""
    found = [_unused(run, story, force) for story in compiled.stories]
    return tuple(_without(pruned) if write and pruned.blocks else pruned for pruned in found)


def _unused(run: Run, story: CompiledStory, force: bool) -> Pruned:
    used = {job.content for job in story.jobs}
    going = prunable(story.lock, used, force)
    contents = {block.content for block in going}
    stay = tuple(block for content, block in story.lock.blocks.items() if content not in used | contents)
    clips = run.store_of(story.project).clips
    here = frozenset(block.content for block in going if block.clip and clips.has(block.clip))
    return Pruned(story.path, lock_path(story.path, story.variant), going, stay, here)


def prunable(lock: Lock, used: Collection[str], force: bool) -> tuple[Block, ...]:
    """Return the blocks that can be removed: of no job in use, and ended unless `force`."""
    if force:
        return tuple(block for content, block in lock.blocks.items() if content not in used)
    return lock.prunable(used)


def _without(pruned: Pruned) -> Pruned:
    """Remove blocks, except those that a build has changed since they were read."""
    gone: list[Block] = []

    def change(lock: Lock) -> Lock:
        gone[:] = [block for block in pruned.blocks if lock.blocks.get(block.content) == block]
        return lock.without({block.content for block in gone})

    update_lock(pruned.lock, change)
    return Pruned(pruned.story, pruned.lock, tuple(gone), pruned.stay, pruned.here)
