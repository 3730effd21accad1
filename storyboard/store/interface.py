"""The interface of a store, the same for one user's folder and for what a team or a farm shares."""

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
    """The exclusive right, among all processes on this store, to send for a key. It ends with the process, never by
    time."""

    def release(self) -> None:
        """Let another process claim the key."""
        ...


class Clips(Protocol):
    """Clips by the SHA-256 of their bytes. Every method raises `StoreError` if the disk cannot be read or written."""

    def path(self, sha256: str) -> Path | None:
        """Return the verified file of a clip; None if it is missing. A damaged one is moved aside."""
        ...

    def add(self, file: Path) -> tuple[str, Path]:
        """Take over a finished file from `scratch`, durably; return its hash and path."""
        ...

    def scratch(self, name: str) -> Path:
        """Return the path of an unfinished file; always the same for the same name, in later processes too."""
        ...

    def all(self) -> Iterator[str]:
        """Return the hashes of all clips."""
        ...


class Ledger(Protocol):
    """Every attempt ever made. Each method is one transaction, durable when it returns; every method raises
    `StoreError`.

    No method overwrites what others wrote in the meantime; `attempt_changes` has the rules, the same for every ledger.
    """

    def together(self, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """Run functions that use this ledger in one transaction, in order; return the result of each, or the exception
        it raised.

        A function that raises leaves nothing behind and does not affect the others.
        """
        ...

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts at each key, by number; keys without any are left out."""
        ...

    def reserve(
        self, attempt: Attempt, caps: Iterable[Cap], seen: int
    ) -> Attempt | CapReached | HistoryChanged | SendersAlive:
        """Record the intent to send once more, with its price, and with this ledger's sender in `may`.

        `seen` is the version of the key's history (`version_of`) that the caller decided on: if it has changed since,
        nothing is written and `HistoryChanged` is returned. Only a returned row allows a send.
        """
        ...

    def narrowed(self, caps: Iterable[Cap]) -> tuple[Cap, ...]:
        """Return the caps without the outside spending that this ledger already counts: cheaper to reserve under."""
        ...

    def heard(self, attempt: Attempt) -> Attempt:
        """Record that `attempt.task` belongs to this attempt, whoever heard it, and take this sender out of `may`.

        Return the row as it is now. Its task differs if this is the second one that the gateway made of the id: the
        second one, with what it was charged, is kept in a row of its own.
        """
        ...

    def leave(self, attempt: Attempt, *, nothing_created: bool = False) -> Attempt | None:
        """Record that this sender will send no more under the id; return the row as it is now, None if there is none.

        If nothing can have been created and this sender alone sent at most once, the attempt is withdrawn.
        """
        ...

    def settle(self, attempt: Attempt) -> Attempt:
        """Record what became of an attempt; return the row as it is now. A state goes forward only, a cost is stated
        once.

        `done` is never overwritten by a caller that has not seen it.
        """
        ...

    def correct(self, attempt: Attempt) -> Attempt | HistoryChanged:
        """Write a whole row over that of `attempt.version` (0: none yet): a person's decision, or a copied row."""
        ...

    @property
    def rebuilt(self) -> bool:
        """Whether this ledger replaces a damaged one, and nobody has allowed buying with it yet."""
        ...

    def known(self, whose: Whose) -> GatewayTraits:
        """Return what was learned about a gateway."""
        ...

    def learn(self, whose: Whose, known: GatewayTraits) -> None:
        """Record what was learned about a gateway; what was proven before stays proven."""
        ...

    def keys_of(self, task: str, whose: Whose) -> tuple[str, ...]:
        """Return the keys of all attempts that have this task."""
        ...

    def dearest(self, rate: str) -> Decimal | None:
        """Return the highest price ever charged per second for a job of that rate, in US dollars; None if there was
        none."""
        ...

    def durations(self, rate: str) -> tuple[tuple[int, float], ...]:
        """Return how long jobs of that rate took, latest first: pairs of a job's length in the film and the time it
        took, both in seconds."""
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
        """Say why a claim cannot be trusted here; None if a second process was seen to respect one."""
        ...

    def claim(self, key: str) -> Claim | None:
        """Claim a key; return None while another living process holds it."""
        ...
