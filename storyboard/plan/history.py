"""What planning needs to know of the past: a narrow interface to the ledger and the clips, which the store
implements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from storyboard.store import Attempt, StoryRef


class PastLedger(Protocol):
    """Earlier attempts. All methods raise `StoreError` if the disk fails."""

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts at each key that has any."""
        ...

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        """Return all attempts whose price a build of this story reserved, oldest first."""
        ...

    def durations(self, rate: str, latest: int = 50) -> Sequence[tuple[int, float]]:
        """For jobs of one rate, latest first: the seconds of film, and the seconds that rendering took."""
        ...

    def charges(self, rate: str, latest: int = 50) -> Sequence[tuple[int, Decimal]]:
        """For jobs of one rate, latest first: the seconds of film, and the US dollars that were charged."""
        ...


class PastClips(Protocol):
    """The clips that are there."""

    def has(self, sha256: str) -> bool:
        """Whether the clip is there; it is verified when it is used."""
        ...


class Past(Protocol):
    """The ledger and the clips."""

    @property
    def ledger(self) -> PastLedger:
        """The ledger."""
        ...

    @property
    def clips(self) -> PastClips:
        """The clips."""
        ...
