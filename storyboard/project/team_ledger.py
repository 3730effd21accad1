"""A team's ledger on PostgreSQL as one machine uses it: its session, and its rows in the words of this store.

The ledger knows a project by its name and an account by a salt that all machines share; this store knows a folder and
a salt of its own. Nothing of this is imported for a project without `ledger`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from storyboard.bucket.identity import client_version, machine_name, store_id
from storyboard.cluster.holder import HolderIdentity
from storyboard.cluster.ledger import PostgresLedger
from storyboard.cluster.machine_memory import MachineMemory
from storyboard.cluster.session import LedgerSession, StandbyPolicy
from storyboard.cluster.troubles import LedgerAway
from storyboard.errors import StoreError, UsageError
from storyboard.files.disk import record_doubt
from storyboard.project.project import Project
from storyboard.project.purchase_news import Relabelled, relabelled
from storyboard.project.team_bucket import project_name
from storyboard.project.trust import ledger_address
from storyboard.run.credentials import account_of, find_key
from storyboard.store import Attempt, LocalStore, StoryRef, Whose

RECONNECT_EVERY = 5.0
"""Seconds between two tries to reach a ledger that is away."""


@dataclass(eq=False)
class TeamLedger:
    """The ledger of a project's team. `root` is the project's folder here, `name` what the team calls the project."""

    postgres: PostgresLedger
    store: LocalStore
    root: str
    name: str
    account_in: Relabelled
    salt: bytes
    _tried_at: float = field(default=float("-inf"))

    def connected(self) -> PostgresLedger:
        """The ledger, connected again where the connection was lost; raises LedgerAway where that fails."""
        session = self.postgres.session
        if not session.is_open:
            now = time.monotonic()
            if now - self._tried_at < RECONNECT_EVERY:
                raise LedgerAway("the connection to the ledger is lost; it is tried again in a few seconds")
            self._tried_at = now
            session.connect()
        return self.postgres

    def close(self) -> None:
        """End the session."""
        self.postgres.close()

    def whose_there(self, whose: Whose) -> Whose:
        """What the team calls an account of this store."""
        return replace(whose, account=self.account_in(whose))

    def story_there(self, story: StoryRef) -> StoryRef:
        """What the team calls a story of this project."""
        return replace(story, project=self.name, folder="") if story.project == self.root else story

    def there(self, attempt: Attempt) -> Attempt:
        """An attempt as the team's ledger has it."""
        whose, story = self.whose_there(attempt.whose), self.story_there(attempt.story)
        return replace(attempt, whose=whose, story=story, may=(), version=0)

    def here(self, attempt: Attempt) -> Attempt:
        """An attempt of the team's ledger as this store would have it."""
        whose, story = attempt.whose, attempt.story
        key = find_key(whose.base_url) if whose.account else ""
        if key and account_of(key, self.salt) == whose.account:
            whose = replace(whose, account=account_of(key, self.store.ledger.salt()))
        if story.project == self.name:
            story = replace(story, folder=self.root)
        return replace(attempt, whose=whose, story=story, may=(), version=0)

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        """What the team has bought for a story of this project, as this store would have it."""
        return tuple(map(self.here, self.connected().of_story(self.story_there(story))))

    def of_project(self) -> tuple[Attempt, ...]:
        """What the team has bought for this project, as this store would have it."""
        return tuple(map(self.here, self.connected().of_project(self.name)))

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """All attempts of the team at each key that has any, as this store would have them."""
        found = self.connected().history(keys)
        return {key: tuple(map(self.here, attempts)) for key, attempts in found.items()}


def open_team_ledger(project: Project, store: LocalStore, name: str | None = None) -> TeamLedger:
    """Open the ledger that a project shares; `name` is what others see of this process.

    Raises PermissionNeeded if only the project's own file names the ledger, UsageError if the project or the server is
    not fit for it, LedgerAway if the server cannot be reached.
    """
    address = ledger_address(project)
    if address is None:
        raise UsageError(
            "this project has no shared ledger",
            help="set `ledger` or STORYBOARD_LEDGER, such as STORYBOARD_LEDGER=postgresql://host/films",
        )
    called = project_name(project)
    if store.is_read_only:
        raise StoreError(
            f"the store {store.folder} cannot be written, and a shared ledger needs a journal beside it",
            help="choose another place with --store or STORYBOARD_STORE",
        )
    record_doubt("a shared ledger was asked")
    machine = machine_name()
    person = machine.partition("@")[0]
    holder = HolderIdentity(name or machine, person, store_id(store.folder), client_version())
    standby = StandbyPolicy(project.settings.standby)
    postgres = PostgresLedger(LedgerSession(address, holder, MachineMemory(store.folder), standby))
    try:
        postgres.bury_ended()
        if name is not None:
            postgres.bury_namesakes()
        salt = postgres.salt()
        team = TeamLedger(postgres, store, str(project.root), called, relabelled(store, salt), salt)
        if postgres.closed is not None:
            _tell_journal(team)
    except BaseException:
        postgres.close()
        raise
    return team


def _tell_journal(team: TeamLedger) -> None:
    """Tell a ledger that may have forgotten something what this store has bought for the project. Where the store has
    bought for others too, that is not all that this machine may know."""
    rows = [row for row in team.store.ledger.all() if row.whose.base_url]
    own = [team.there(row) for row in rows if row.story.project in (team.root, team.name)]
    team.postgres.tell(own, whole=len(own) == len(rows))
