"""Resolve by hand what a team's ledger says: take a job over, give one up, reopen a closed ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from storyboard.bucket.note import Sender
from storyboard.cluster.ledger import LedgerEntry
from storyboard.cluster.telling import MachineWord
from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass, replace
from storyboard.project.note_resolution import HeldByOthers, job_named
from storyboard.project.team_ledger import TeamLedger
from storyboard.project.workspace import Run
from storyboard.store import Attempt
from storyboard.store.attempt_changes import HistoryChanged, same_attempt, without

WAY_OUT = "if that machine is off for good: storyboard resolve JOB --take-over"


@dataclass(frozen=True, slots=True)
class ClosedLedger:
    """A ledger that may have lost something: why it is closed, and the machines that may know what it lost."""

    why: str
    machines: tuple[MachineWord, ...]


class LedgerResolver:
    """Resolves jobs of a project in its team's ledger. Each method raises LedgerAway if the ledger does not answer."""

    def __init__(self, team: TeamLedger) -> None:
        self._team = team
        self._ledger = team.connected()

    def held(self, run: Run, name: str) -> HeldByOthers:
        """Return the job that `name` means: the beginning of its key, its id, or the address of one of its shots.

        Raises UsageError if it means none or several, or if no other process may still send it.
        """
        key, job = job_named(run, name)
        entry = self._ledger.read(key)
        if entry is None or not entry.others:
            raise UsageError(
                f"{job}: no other machine may still send this job", help="storyboard build goes on with it"
            )
        since = datetime.fromtimestamp(entry.joined_at, UTC)
        return HeldByOthers(key, job, tuple(Sender("", name, f"{since:%Y-%m-%dT%H:%M:%SZ}") for name in entry.others))

    def take_over(self, held: HeldByOthers) -> None:
        """Record that these processes are dead. Raises UsageError while the session of one of them is open."""
        for name in dict.fromkeys(sender.name for sender in held.senders):
            self._ledger.bury_named(name, f"a person took {held.job} over")

    def check_nobody_sends(self, attempt: Attempt) -> None:
        """Raise UsageError while another process may still send an attempt that is to be given up."""
        entry = self._entry_of(attempt)
        if entry is not None and entry.others:
            raise UsageError(
                f"{', '.join(entry.others)} may still send this job, so it is not given up: it could be bought twice",
                help=WAY_OUT,
            )

    def give_up(self, attempt: Attempt) -> None:
        """Tell the team that an attempt was given up. Raises StoreError if another machine has joined meanwhile."""
        self.check_nobody_sends(attempt)
        self.settled(attempt)

    def adopt(self, attempt: Attempt, task: str) -> None:
        """Tell the team that a task is this attempt's."""
        self._ledger.heard(replace(self._team.there(attempt), task=task))

    def settled(self, attempt: Attempt) -> None:
        """Tell the team what a person has recorded about an attempt."""
        there = self._team.there(attempt)
        row = same_attempt(self._ledger.history([attempt.key]).get(attempt.key, ()), there)
        if row is None:
            return
        kept = without(row, self._ledger.session.holder.sender).may
        if isinstance(self._ledger.correct(replace(there, may=kept, version=row.version)), HistoryChanged):
            raise StoreError("the ledger has changed in the meantime", help="run the same command again")

    @property
    def closed(self) -> ClosedLedger | None:
        """Return why nothing is bought, with the machines that may know more; None if the ledger is open."""
        why = self._ledger.closed
        return None if why is None else ClosedLedger(why, self._ledger.machines())

    def reopen(self) -> None:
        """Let builds buy again with a ledger that may have lost something."""
        self._ledger.trust()

    def _entry_of(self, attempt: Attempt) -> LedgerEntry | None:
        entry = self._ledger.read(attempt.key)
        return entry if entry is not None and entry.attempt.number == attempt.number else None
