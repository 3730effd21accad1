"""Resolve jobs by hand: find the job that the user means, and record what they say about it."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

from storyboard.errors import AccessError, UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.open_jobs import build_command, buyer
from storyboard.project.project import project_id
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

if TYPE_CHECKING:
    from storyboard.project.ledger_resolution import ClosedLedger, LedgerResolver
    from storyboard.project.note_resolution import HeldByOthers, NoteResolver


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt before and after it was resolved, and the command that continues its job."""

    before: Attempt
    now: Attempt
    build: str


class Settler:
    """Resolves jobs of the current project. Each method raises UsageError if that does not apply to the job, and
    StoryboardError if a build is working on it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._project = run.project_of(run.base)
        self._store = run.store_of(self._project)

    def adopt(self, name: str, task: str) -> Settled:
        """Assign a task of the gateway to the job."""
        if not task.strip():
            raise UsageError("--adopt needs a task id", help="give the id that the gateway shows for the task")
        before = self._find(name)
        done = adopt(self._store, before, task.strip(), time.time(), self._price(before))
        if self._team is not None:
            self._team.adopt(replace(before, reserved=done.reserved), task.strip())
        return self._settled(before, done)

    def _price(self, attempt: Attempt) -> Decimal | None:
        """Return what such a job costs, in US dollars: by its card, or the most that one was charged before."""
        card = self._project.catalog.get(attempt.model)
        listed = None if card is None else card.price_per_second(attempt.request.settings)
        known = [each for each in (listed, self._store.ledger.dearest(attempt.rate)) if each is not None]
        return max(known) * attempt.seconds if known else None

    def accept(self, name: str, file: Path | None) -> Settled:
        """Accept a file as the job's clip; without one, the clip that the store has."""
        before = self._find(name)
        done = accept(self._store, before, file, time.time())
        if self._team is not None:
            self._team.settled(done)
        return self._settled(before, done)

    def correct(self, name: str, charged: Decimal) -> Settled:
        """Record the amount on the gateway's bill, in US dollars."""
        before = self._find(name)
        done = correct(self._store, before, charged)
        if self._team is not None:
            self._team.settled(done)
        return self._settled(before, done)

    def abandon(self, name: str) -> Settled:
        """Give the job up: it may be bought again, and its price counts as spent."""
        before, team = self._find(name, giving_up=True), self._team
        if team is not None:
            team.check_nobody_sends(before)
        is_told_again = team is not None and before.state is PurchaseState.ABANDONED
        done = before if is_told_again else abandon(self._store, before, time.time())
        if team is not None:
            team.give_up(done)
        return self._settled(before, done)

    def unbilled(self, name: str) -> Settled:
        """Record that the gateway did not bill the job, and release its price."""
        before, team = unbilled_of(self._store, self._find(name, giving_up=True)), self._team
        if team is not None:
            team.check_nobody_sends(before)
        done = unbilled(self._store, before, time.time())
        if team is not None and done.state is PurchaseState.ABANDONED:
            team.give_up(done)
        return self._settled(before, done)

    @property
    def team(self) -> NoteResolver | LedgerResolver:
        """What decides on the team's purchases: its ledger, else the notes in its bucket.

        Raises UsageError if the project shares neither.
        """
        if self._project.settings.ledger is not None:
            return self._ledger
        from storyboard.project.note_resolution import NoteResolver

        return NoteResolver(self._project, self._store)

    @property
    def _team(self) -> NoteResolver | LedgerResolver | None:
        settings = self._project.settings
        return None if settings.clips is None and settings.ledger is None else self.team

    @property
    def _ledger(self) -> LedgerResolver:
        from storyboard.project.ledger_resolution import LedgerResolver

        return LedgerResolver(self._run.team_of(self._project))

    @property
    def closed_ledger(self) -> ClosedLedger | None:
        """The ledger that the project shares, if it is closed because it may have lost something."""
        return None if self._project.settings.ledger is None else self._ledger.closed

    def held_by_others(self, name: str) -> HeldByOthers:
        """Return the job that other machines of the team may still send."""
        return self.team.held(self._run, name)

    def same_account(self, name: str | None) -> tuple[tuple[Settled, ...], int]:
        """Move the jobs that the new key finds to its account; return them, and how many are still held. Without a
        name: all held jobs.

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
        """Confirm that running jobs are known again, so that builds may buy with the ledger that replaced a damaged
        one, and by a shared ledger that was closed. Return whether that was needed."""
        ledger = self._store.ledger
        was = ledger.rebuilt
        ledger.trust()
        if self.closed_ledger is not None:
            self._ledger.reopen()
            return True
        return was

    def _find(self, name: str, *, giving_up: bool = False) -> Attempt:
        keys = self._keys_of(name) if "#" in name else ()
        try:
            return find_attempt(self._store, name, project_id(self._project), keys)
        except UsageError as unknown:
            found = self._only_in_a_note(name, unknown, giving_up=giving_up)
            if found is None:
                raise unknown from None
            return found

    def _only_in_a_note(self, name: str, unknown: UsageError, *, giving_up: bool) -> Attempt | None:
        """Return the attempt of another machine of the team, which this machine's ledger does not know."""
        if self._project.settings.clips is None or self._project.settings.ledger is not None:
            return None
        from storyboard.project.note_resolution import NoteResolver, job_named

        try:
            job_named(self._run, name)
        except UsageError:
            raise unknown from None
        return NoteResolver(self._project, self._store).attempt(self._run, name, giving_up=giving_up)

    def _keys_of(self, job_id: str) -> tuple[str, ...]:
        """Return the keys of the jobs that `storyboard plan` shows under this id."""
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
