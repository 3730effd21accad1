"""A team's ledger as the record that a purchase consults: read, joined, left and told.

This store's own ledger is the journal: it records what this machine wanted and sent before the team's ledger does.
Facts that only add (what was heard, how it ended) follow later if the database is out of reach; a permission to send
does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from storyboard.bucket.bucket_clips import DamagedInBucket
from storyboard.bucket.object_store import BucketAway
from storyboard.bucket.shared_bucket import SharedBucket
from storyboard.bucket.spool import Spool
from storyboard.cluster.job_queue import JobPlace, WantedJob
from storyboard.cluster.ledger import LedgerEntry, PostgresLedger
from storyboard.cluster.reservation import ClaimLost, LookUpFirst, SendPermission, SlotsTaken, TooSoon
from storyboard.cluster.troubles import LedgerAway
from storyboard.errors import AccessError, StoryboardError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.project.team_ledger import TeamLedger
from storyboard.run.result import JobResult, JobState
from storyboard.run.shared_record import NotNow, RecordAway, SharedPurchase, WorkerPlace
from storyboard.store import Attempt, Cap, CapReached, Whose
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.gateway_traits import GatewayTraits

SLOT_SECONDS = 5.0
"""Seconds until an account that runs as many tasks as it may is asked again."""


@dataclass(eq=False)
class LedgerRecord:
    """The record of one run's purchases. Its methods are called from threads, one at a time for each key.

    `wanted` are the jobs that this run wants, by key; `person` is whom it buys for. `bucket` holds the team's clips,
    None if it shares none. A worker's `releasing` returns the seconds after which others may have a job without a clip;
    None removes the job from the queue, and its reason is kept for whoever waits for it. `unique_ids` is the user's
    word that the gateway always refuses or replays an id that it knows.
    """

    team: TeamLedger
    whose: Whose
    wanted: Mapping[str, WantedJob]
    bucket: SharedBucket | None = None
    person: str | None = None
    unique_ids: bool = False
    releasing: Callable[[JobResult], float | None] | None = None
    _claimed: set[str] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)
    _given: dict[str, SendPermission] = field(default_factory=dict)
    _untold: list[Callable[[PostgresLedger], object]] = field(default_factory=list)
    _traits: GatewayTraits | None = None
    _telling: Lock = field(default_factory=Lock)

    def claim(self, key: str) -> str | None:
        """Begin to work on a job; return who else works on it now, None if this process may."""
        ledger = self.team.postgres

        def work() -> str | None:
            place = ledger.place_of(key)
            if (place is None or place.done) and key in self.wanted:
                ledger.want([self.wanted[key]])
            if ledger.claim(key):
                return None
            found = ledger.place_of(key)
            return (found.worker if found is not None else None) or "another process"

        self._claimed.add(key)  # first: a session that reconnects meanwhile gives up what is not in here
        with _waited_for():
            (answer,) = self._ledger().together([work])
        if answer is not None:
            self._claimed.discard(key)
        if isinstance(answer, StoryboardError):
            raise answer
        return None if answer is None else str(answer)

    def release(self, key: str, result: JobResult) -> None:
        """Let others have a job that this run is done with; one that has its clip leaves the queue. What this process
        was allowed to send, and never reported as ended, it will not send any more."""
        self._claimed.discard(key)
        if (permission := self._given.pop(key, None)) is not None:
            self._say(lambda ledger: ledger.leave(permission.attempt))
        has_clip = result.state in (JobState.BUILT, JobState.CACHED)
        later = self.releasing(result) if self.releasing is not None and not has_clip else 0.0
        done = has_clip or later is None
        outcome, blame = (result.reason, int(result.blame)) if later is None else ("", 0)
        self._say(lambda ledger: ledger.release(key, done=done, seconds=later or 0.0, outcome=outcome, blame=blame))

    def _tell_traits(self) -> None:
        """Report once what this run has learned of the gateway: it lets others settle unknown outcomes."""
        known = self.team.store.ledger.known(self.whose)
        if known != self._traits:
            self._traits = known
            there = self.team.whose_there(self.whose)
            self._say(lambda ledger: ledger.learn(there, known))

    def place(self, key: str) -> WorkerPlace | None:
        """Return a job's place in the queue for workers; None if only this build can buy it."""
        wanted = self.wanted.get(key)
        if wanted is None or not wanted.order:
            return None
        with _waited_for():
            ledger = self._ledger()
            found = ledger.place_of(key)
            if found is None:
                ledger.want([wanted])
                found = JobPlace(None, done=False, outcome="", blame=0)
        return WorkerPlace(found.worker, found.done, found.outcome, found.blame)

    def read(self, key: str) -> SharedPurchase | None:
        """Return what the ledger says about a key; whatever is decided next is based on it."""
        with _waited_for():
            entry = self._ledger().read(key)
        self._seen[key] = 0 if entry is None else entry.version
        return None if entry is None else self._shared(entry)

    def join(
        self, attempt: Attempt, caps: Iterable[Cap], *, resend: bool, retry: bool, rebuy: bool, looked_up: bool
    ) -> CapReached | SendersAlive | HistoryChanged | NotNow | None:
        """Reserve the price and add this process to `may`, in one transaction that enforces all rules."""
        shared = [self.team.cap_there(cap) for cap in caps if (cap.run or cap.story or cap.project) is not None]
        if resend and not self._seen.get(attempt.key, 0):
            return SendersAlive(("another machine, whose purchase the ledger does not have,",))
        with _waited_for():
            answer = self._ledger().join(
                self.team.there(attempt),
                shared,
                self._seen.get(attempt.key, 0),
                looked_up=looked_up,
                unique_ids=self.unique_ids,
                person=self.person,
            )
        match answer:
            case SendPermission():
                self._given[attempt.key] = answer
                self._seen[attempt.key] = answer.attempt.version
                return None
            case SlotsTaken(running, slots):
                return NotNow(f"the account runs {running} tasks, and may run {slots}", SLOT_SECONDS)
            case TooSoon(seconds):
                return NotNow("the account's rate does not allow another submit yet", seconds)
            case ClaimLost() | LookUpFirst():
                return HistoryChanged()
        return answer

    def may_send(self, key: str) -> bool:
        """Whether the permission is recent by both clocks, or the ledger is still as this process left it."""
        permission = self._given.get(key)
        if permission is None:
            return False
        ledger = self.team.postgres
        if ledger.may_send(permission):
            return True
        with suppress(StoryboardError):
            renewed = ledger.renew(permission)
            if renewed is not None and ledger.may_send(renewed):
                self._given[key] = renewed
                return True
        return False

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> None:
        """Record that this process sends no more under the id."""
        self._given.pop(attempt.key, None)
        there = self.team.there(attempt)
        self._say(lambda ledger: ledger.leave(there, nothing_created=nothing_created))

    def tell(self, attempt: Attempt) -> None:
        """Report what was heard of an attempt, or how it ended: the clip first, then the ledger."""
        if self.bucket is not None and attempt.clip is not None:
            try:
                self.bucket.clips.add(attempt.clip, self.team.store.clips)
            except (BucketAway, AccessError):  # it follows; until then others ask for its task
                Spool(self.team.store.folder, self.bucket.address).add_clip(attempt.clip)
        there = self.team.there(attempt)
        self._given.pop(attempt.key, None)
        self._say(lambda ledger: _tell(ledger, there))
        self._tell_traits()

    @property
    def claimed(self) -> Collection[str]:
        """Return the keys that this run has claimed, or is about to claim."""
        return set(self._claimed)

    @property
    def working(self) -> Collection[str]:
        """Return the keys that this run works on."""
        return self.wanted.keys() | set(self._seen)

    @property
    def sending(self) -> Collection[str]:
        """Return the keys that this run may be sending now."""
        return set(self._given)

    @property
    def has_unsaid(self) -> bool:
        """Whether something could not be reported yet."""
        return bool(self._untold)

    def first_look_waits(self) -> bool:
        """Whether the ledger has ever lost something: then there may be a task that only the full wait reveals."""
        with _waited_for():
            return self._ledger().waits_at_first_look

    def tell_all(self) -> None:
        """Report what could not be reported before; raises LedgerAway if the database is still out of reach."""
        ledger = self.team.connected()
        with self._telling:
            while self._untold:
                self._untold[0](ledger)
                self._untold.pop(0)

    def _say(self, what: Callable[[PostgresLedger], object]) -> None:
        """Report a fact that only adds, now or as soon as the database is back."""
        with self._telling:
            self._untold.append(what)
        with suppress(LedgerAway):
            self.tell_all()

    def fetch(self, clip: str) -> Path | None:
        """Copy a clip into the store; None if the team's bucket has no intact one."""
        clips = self.team.store.clips
        if self.bucket is not None and not clips.has(clip):
            with suppress(BucketAway, AccessError, DamagedInBucket):
                self.bucket.clips.fetch(clip, clips)
        return clips.path(clip)

    def _ledger(self) -> PostgresLedger:
        """Return the ledger, after reporting everything that this process knows."""
        self.tell_all()
        return self.team.postgres

    def _shared(self, entry: LedgerEntry) -> SharedPurchase:
        attempt = entry.attempt
        here = self.team.here(attempt)
        since = datetime.fromtimestamp(entry.joined_at, UTC)
        return SharedPurchase(
            number=attempt.number,
            external_id=attempt.external_id,
            state=PurchaseState.SUBMITTED if attempt.state is PurchaseState.FINISHED else attempt.state,
            others=tuple(f"{name} (since {since:%Y-%m-%d %H:%M} UTC)" for name in entry.others),
            only_mine=entry.only_mine,
            joins=entry.joins,
            begun_at=attempt.opened_at,
            task=attempt.task,
            clip=attempt.clip,
            cost=attempt.charged,
            error=attempt.error,
            writer=entry.person,
            own_account=here.whose == self.whose,
            row=here,
        )


@contextmanager
def _waited_for() -> Iterator[None]:
    """Turn an unreachable ledger into a wait: during a run it comes back, and until then nothing is sent."""
    try:
        yield
    except LedgerAway as trouble:
        raise RecordAway(trouble.message, help=trouble.help) from trouble


def _tell(ledger: PostgresLedger, attempt: Attempt) -> None:
    if attempt.state is PurchaseState.SUBMITTED:
        ledger.heard(attempt)
    else:
        ledger.settle(attempt)
