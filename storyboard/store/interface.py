"""What a store is, so that one folder of one user and one shared by a team are the same to those who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from storyboard.store.attempt import Attempt, Whose
from storyboard.store.attempt_changes import HistoryChanged, SendersAlive
from storyboard.store.gateway_traits import GatewayTraits
from storyboard.store.spending_caps import Cap, CapReached


class Claim(Protocol):
    """The sole right, among all processes on this store, to send for a key. It ends with the process, never by time."""

    def release(self) -> None:
        """Let the next one have it."""
        ...


class Clips(Protocol):
    """Clips by the SHA-256 of their bytes. All methods raise `StoreError` when the disk is in the way."""

    def path(self, sha256: str) -> Path | None:
        """The clip's file, verified; None when it is not there. A damaged one is set aside."""
        ...

    def add(self, file: Path) -> tuple[str, Path]:
        """Takes over a finished file of `scratch`, durably; gives its hash and its place."""
        ...

    def scratch(self, name: str) -> Path:
        """A place for the unfinished file of that name; the same for the same name, in later processes too."""
        ...

    def all(self) -> Iterator[str]:
        """The hashes of all clips."""
        ...


class Ledger(Protocol):
    """Every attempt ever made. Each method is one transaction, durable when it returns; all raise `StoreError`.

    No method overwrites what others wrote in the meantime; `attempt_changes` has the rules, the same for every ledger.
    """

    def together(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Does works that use this ledger in one transaction, in order; gives what each gives, or its trouble.

        One with trouble leaves nothing behind and takes no other with it.
        """
        ...

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """All attempts at each key that has any, by number."""
        ...

    def reserve(
        self, attempt: Attempt, caps: Iterable[Cap], seen: int
    ) -> Attempt | CapReached | HistoryChanged | SendersAlive:
        """Writes the intent to send once more, with its price, and with this ledger's sender in `may`.

        `seen` is the version of the key's history (`version_of`) that the caller decided on: where it is another one
        now, nothing is written and the answer is `HistoryChanged`. Only the row that is answered allows a send.
        """
        ...

    def narrowed(self, caps: Iterable[Cap]) -> tuple[Cap, ...]:
        """The caps without what this ledger has anyway of what was spent elsewhere: cheaper to reserve under."""
        ...

    def heard(self, attempt: Attempt) -> Attempt:
        """Writes that `attempt.task` is this attempt's, whoever heard it, and takes this sender out of `may`.

        Gives the row as it is now. Its task is another one where this is the second that the gateway made of the id:
        the second one, with what it was charged, is kept in a row of its own.
        """
        ...

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> Attempt | None:
        """Writes that this sender will send no more under the id; gives the row as it is now, None where there is none.

        Where nothing can have been created and it alone sent at most once, the attempt is withdrawn.
        """
        ...

    def settle(self, attempt: Attempt) -> Attempt:
        """Writes how the attempt has gone on; gives the row as it is now. A state goes forward, a cost is stated once.

        `done` is never overwritten by who has not seen it.
        """
        ...

    def correct(self, attempt: Attempt) -> Attempt | HistoryChanged:
        """Writes a row whole, over the row of `attempt.version` (0: over none): a person's word, or a copied row."""
        ...

    @property
    def rebuilt(self) -> bool:
        """Whether this ledger stands in for a damaged one, and nobody has said yet that one may buy by it."""
        ...

    def known(self, whose: Whose) -> GatewayTraits:
        """What has been learned of a gateway."""
        ...

    def learn(self, whose: Whose, known: GatewayTraits) -> None:
        """Writes what has been learned; what was proven before stays so."""
        ...

    def keys_of(self, task: str, whose: Whose) -> tuple[str, ...]:
        """Return the keys of all attempts that have this task."""
        ...

    def dearest(self, rate: str) -> Decimal | None:
        """The most that a second of a job of that rate was ever charged, in US dollars; None when none was."""
        ...

    def durations(self, rate: str) -> tuple[tuple[int, float], ...]:
        """How long jobs of that rate took, latest first: the job's seconds of film and the seconds it took."""
        ...


class Store(Protocol):
    """Clips, the ledger, and claims."""

    @property
    def clips(self) -> Clips:
        """The clips."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        ...

    def unproven(self) -> str | None:
        """Say why a claim cannot be trusted here; None where a second process was seen to respect one."""
        ...

    def claim(self, key: str) -> Claim | None:
        """The claim on a key; None while a living process has it."""
        ...
