"""A team's ledger on PostgreSQL as one machine uses it: its session, and its rows in the terms of this store.

The ledger identifies a project by its name and an account by a salt that all machines share; this store, by a folder
and a salt of its own. Nothing of this is imported for a project without `ledger`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Protocol

from storyboard.bucket.identity import client_version, machine_name, store_id
from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.machine_memory import MachineMemory
from storyboard.cluster.session import LedgerSession, StandbyPolicy
from storyboard.cluster.session_keeper import SessionKeeper
from storyboard.cluster.troubles import LedgerAway, LedgerClosed
from storyboard.errors import StoreError, UsageError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.files.disk import record_doubt
from storyboard.project.project import Project
from storyboard.project.purchase_news import Relabelled, relabelled
from storyboard.project.team_bucket import project_name
from storyboard.project.trust import ledger_address
from storyboard.run.credentials import account_of, find_key
from storyboard.store import Attempt, Cap, LocalStore, StoryRef, Whose
from storyboard.store.gateway_traits import GatewayTraits


class JournalKeeper(Protocol):
    """What a run knows and the ledger may not."""

    @property
    def sending(self) -> Collection[str]:
        """Return the keys that it may be sending now."""
        ...

    @property
    def claimed(self) -> Collection[str]:
        """Return the keys that it has claimed, or is about to claim."""
        ...

    @property
    def working(self) -> Collection[str]:
        """Return the keys that it works on."""
        ...

    def tell_all(self) -> None:
        """Report what could not be reported while the ledger was out of reach."""
        ...


@dataclass(eq=False)
class TeamLedger:
    """The ledger of a project's team. `root` is the project's folder here, `name` what the team calls the project;
    both are "" for a worker, which has no project."""

    postgres: PostgresLedger
    store: LocalStore
    root: str
    name: str
    account_in: Relabelled
    salt: bytes
    runs: list[JournalKeeper] = field(default_factory=list)
    """The runs of this process, which know more than the journal says."""
    _keeper: SessionKeeper | None = None
    _turn: Lock = field(default_factory=Lock)

    def connected(self) -> PostgresLedger:
        """Return the ledger. If the connection is lost, it is reopened in the background, however long that takes.

        Raises LedgerAway meanwhile, LedgerClosed if this process was declared dead.
        """
        if self.postgres.session.is_open:
            return self.postgres
        keeper = self.keeper()
        keeper.reconnect_soon()
        if isinstance(keeper.trouble, LedgerClosed):
            raise keeper.trouble
        why = "" if keeper.trouble is None else f": {keeper.trouble.message}"
        raise LedgerAway(f"the connection to the ledger is lost, and is tried again{why}")

    def keeper(self) -> SessionKeeper:
        """What keeps the session open, and receives news."""
        with self._turn:
            if self._keeper is None:
                self._keeper = SessionKeeper(self.postgres.session, self._opened_again)
            return self._keeper

    def _opened_again(self) -> None:
        for run in tuple(self.runs):
            run.tell_all()
        self.postgres.keep_claims({key for run in self.runs for key in run.claimed})
        self.tell_journal()

    def tell_journal(self) -> None:
        """Report to the ledger what this store's own ledger knows: how the attempts went on that are open there, and
        everything if the ledger is closed, since it may have lost something.

        Other processes of the store report what they work on themselves, and so do builds of other projects; until then
        this machine has not reported everything.
        """
        ledger, local = self.postgres, self.store.ledger
        if ledger.closed is None:
            found = local.history(ledger.open_keys(self.name or None))
            rows = [row for key in found for row in found[key] if row.task is not None]
            ledger.tell(map(self.there, self._own(rows)), self._sending, whole=False)
            return
        rows = [row for row in local.all() if row.whose.base_url and (row.task is not None or row.sends)]
        shared = [row for row in rows if row.story.project == self.root or not Path(row.story.project).is_absolute()]
        own = self._own(row for row in shared if not self.name or row.story.project in (self.root, self.name))
        ledger.tell(map(self.there, own), self._sending, whole=len(own) == len(shared))

    @property
    def _sending(self) -> Collection[str]:
        return {key for run in self.runs for key in run.sending}

    def _own(self, rows: Iterable[Attempt]) -> list[Attempt]:
        """Return those that no other process of this store works on."""
        working = {key for run in self.runs for key in run.working}
        return [row for row in rows if row.key in working or not self.store.is_claimed(row.key)]

    def close(self) -> None:
        """End the session."""
        if self._keeper is not None:
            self._keeper.close()
        self.postgres.close()

    def whose_there(self, whose: Whose) -> Whose:
        """Return an account of this store as the team identifies it."""
        return replace(whose, account=self.account_in(whose))

    def story_there(self, story: StoryRef) -> StoryRef:
        """Return a story of this project as the team identifies it."""
        return replace(story, project=self.name, folder="") if self.root and story.project == self.root else story

    def cap_there(self, cap: Cap) -> Cap:
        """Return a cap with its story or project as the team identifies them."""
        story = None if cap.story is None else self.story_there(cap.story)
        return replace(cap, story=story, project=self.name if self.root and cap.project == self.root else cap.project)

    def learn(self, whose: Whose) -> GatewayTraits:
        """Combine what this store and the team have learned of a gateway, in both; return it."""
        ledger, there = self.connected(), self.whose_there(whose)
        self.store.ledger.learn(whose, ledger.known(there))
        known = self.store.ledger.known(whose)
        ledger.learn(there, known)
        return known

    def there(self, attempt: Attempt) -> Attempt:
        """Return an attempt as the team's ledger has it."""
        whose, story = self.whose_there(attempt.whose), self.story_there(attempt.story)
        return replace(attempt, whose=whose, story=story, may=(), version=0)

    def here(self, attempt: Attempt) -> Attempt:
        """Return an attempt of the team's ledger as this store would have it."""
        whose, story = attempt.whose, attempt.story
        key = find_key(whose.base_url) if whose.account else ""
        if key and account_of(key, self.salt) == whose.account:
            whose = replace(whose, account=account_of(key, self.store.ledger.salt()))
        if self.name and story.project == self.name:
            story = replace(story, folder=self.root)
        return replace(attempt, whose=whose, story=story, may=(), version=0)

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        """Return what the team has bought for a story of this project, as this store would have it."""
        return tuple(map(self.here, self.connected().of_story(self.story_there(story))))

    def of_project(self) -> tuple[Attempt, ...]:
        """Return what the team has bought for this project, as this store would have it."""
        return tuple(map(self.here, self.connected().of_project(self.name)))

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts of the team at each key that has any, as this store would have them."""
        found = self.connected().history(keys)
        return {key: tuple(map(self.here, attempts)) for key, attempts in found.items()}


def open_team_ledger(project: Project, store: LocalStore) -> TeamLedger:
    """Open the ledger that a project shares.

    Raises PermissionNeeded if only the project's own file names the ledger, UsageError if the project or the server is
    not fit for it, LedgerAway if the server cannot be reached.
    """
    address = _address_of(project)
    called = project_name(project)
    return _open(project, store, address, called, machine_name())


def open_worker_ledger(project: Project, store: LocalStore, name: str | None, *, first: bool) -> TeamLedger:
    """Open the ledger that a worker takes its jobs from, of any project. `name` is the user's word that only one
    process of that name runs at a time; the `first` session of a process buries the earlier ones. Raises as
    `open_team_ledger`."""
    team = _open(project, store, _address_of(project), "", name or machine_name())
    if name is not None and first:
        try:
            team.postgres.bury_namesakes()
        except BaseException:
            team.close()
            raise
    return team


def _address_of(project: Project) -> str:
    address = ledger_address(project)
    if address is None:
        raise UsageError(
            "no shared ledger is set",
            help="set `ledger` or STORYBOARD_LEDGER, such as STORYBOARD_LEDGER=postgresql://host/films",
        )
    return address


def _open(project: Project, store: LocalStore, address: str, called: str, name: str) -> TeamLedger:
    if store.is_read_only:
        raise StoreError(
            f"the store {store.folder} cannot be written, and a shared ledger needs a journal beside it",
            help="choose another place with --store or STORYBOARD_STORE",
        )
    record_doubt("a shared ledger was asked")
    holder = HolderIdentity(name, machine_name().partition("@")[0], store_id(store.folder), client_version())
    standby = StandbyPolicy(project.settings.standby)
    postgres = PostgresLedger(LedgerSession(address, holder, MachineMemory(store.folder), standby))
    try:
        postgres.bury_ended()
        salt = postgres.salt()
        root = str(project.root) if called else ""
        team = TeamLedger(postgres, store, root, called, relabelled(store, salt), salt)
        team.tell_journal()
    except BaseException:
        postgres.close()
        raise
    return team
