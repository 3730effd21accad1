"""Settling by hand: which job a person means, and what they say of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

from storyboard.errors import AccessError, UsageError
from storyboard.project.open_jobs import build_command, buyer
from storyboard.project.trust import gateway_key
from storyboard.project.workspace import Run
from storyboard.run.admission import Halt
from storyboard.run.manual_resolution import (
    abandon,
    accept,
    adopt,
    correct,
    find_attempt,
    same_account,
    status,
    unbilled,
    unbilled_of,
)
from storyboard.run.signals import carry_out
from storyboard.run.world import LazyTransport, Machine
from storyboard.store import Attempt


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt before and after a person spoke, and the command that goes on with its job."""

    before: Attempt
    now: Attempt
    build: str


class Settler:
    """Settles jobs of the project that a run stands in; each method raises UsageError if that cannot be said of
    the job, and StoryboardError if a build is at work on it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._project = run.project_of(run.base)
        self._store = run.store_of(self._project)

    def adopt(self, name: str, task: str) -> Settled:
        """Its task is that one."""
        if not task.strip():
            raise UsageError("--adopt needs a task id", help="give the id that the gateway shows for the task")
        before = self._find(name)
        return self._settled(before, adopt(self._store, before, task.strip(), time.time()))

    def accept(self, name: str, file: Path | None) -> Settled:
        """Take a file as its clip; without one, the clip that the store has."""
        before = self._find(name)
        return self._settled(before, accept(self._store, before, file, time.time()))

    def correct(self, name: str, charged: Decimal) -> Settled:
        """Say what the bill has for it, in US dollars."""
        before = self._find(name)
        return self._settled(before, correct(self._store, before, charged))

    def abandon(self, name: str) -> Settled:
        """It is given up."""
        before = self._find(name)
        return self._settled(before, abandon(self._store, before, time.time()))

    def unbilled(self, name: str) -> Settled:
        """The gateway's bill does not have it."""
        before = unbilled_of(self._store, self._find(name))
        return self._settled(before, unbilled(self._store, before, time.time()))

    def same_account(self, name: str | None) -> tuple[tuple[Settled, ...], int]:
        """What the new key finds is its own; also gives how many are still held. Without a name: all that is held.

        Raises AccessError without a key, or where it would go to a gateway that only the project names.
        """
        provider, whose = buyer(self._project, self._store)
        only = None if name is None else self._find(name)
        key = gateway_key(self._project, provider)
        if not key:
            raise AccessError(
                "No API key. Set STORYBOARD_API_KEY to the new key, so that the gateway can be asked about these jobs"
            )

        async def work(halt: Halt) -> tuple[Attempt, ...]:
            async with Machine(LazyTransport(provider, lambda: key, ())) as machine:
                return await same_account(self._store, machine, provider, whose, only)

        mine = tuple(self._settled(only or row, row) for row in carry_out(work))
        held = sum(each.held and only in (None, each.attempt) for each in status(self._store, whose))
        return mine, held

    def trust(self) -> bool:
        """What runs is known again: builds may buy by the ledger that stands in for a damaged one, if one does."""
        ledger = self._store.ledger
        was = ledger.rebuilt
        ledger.trust()
        return was

    def _find(self, name: str) -> Attempt:
        return find_attempt(self._store, name, str(self._project.root), self._keys_of(name) if "#" in name else ())

    def _keys_of(self, job_id: str) -> tuple[str, ...]:
        """The keys of the jobs that `storyboard plan` shows under this id."""
        planned = self._run.plan()
        if planned.compiled.has_errors:
            raise UsageError(
                f"`{job_id}`: the stories have errors, so their jobs have no ids yet",
                help="name a shot, or the first digits of a key; `storyboard status` lists them",
            )
        steps = (step for story in planned.stories for step in story.plan.steps)
        return tuple(step.key for step in steps if step.job is not None and step.id == normalize("NFC", job_id))

    def _settled(self, before: Attempt, now: Attempt) -> Settled:
        return Settled(before, now, build_command(now, self._project, self._run.base))
