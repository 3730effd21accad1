"""What is known of earlier purchases where a team shares a ledger: this machine's own, and the rest of the team's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from storyboard.fast_dataclasses import dataclass
from storyboard.plan.history import PastClips
from storyboard.project.team_ledger import TeamLedger
from storyboard.store import Attempt, LocalStore, StoryRef
from storyboard.store.attempt_changes import same_attempt


def only_in_team(theirs: Iterable[Attempt], own: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Return the team's attempts that this machine's own ledger does not have."""
    return tuple(attempt for attempt in theirs if same_attempt(own, attempt) is None)


@dataclass(frozen=True)
class TeamPast:
    """The past of a plan: clips of this store, attempts of both ledgers."""

    store: LocalStore
    team: TeamLedger

    @property
    def clips(self) -> PastClips:
        """The clips of this store."""
        return self.store.clips

    @property
    def ledger(self) -> TeamPast:
        """Both ledgers."""
        return self

    def history(self, keys: Iterable[str]) -> Mapping[str, tuple[Attempt, ...]]:
        """Return all attempts at each key that has any, by number."""
        wanted = list(keys)
        own, theirs = self.store.ledger.history(wanted), self.team.history(wanted)
        return {
            key: tuple(sorted((*own.get(key, ()), *only_in_team(theirs.get(key, ()), own.get(key, ()))), key=_number))
            for key in {**own, **theirs}
        }

    def of_story(self, story: StoryRef) -> tuple[Attempt, ...]:
        """Return all attempts whose price a build of this story reserved, oldest first."""
        own = self.store.ledger.of_story(story)
        both = (*own, *only_in_team(self.team.of_story(story), own))
        return tuple(sorted(both, key=lambda attempt: attempt.opened_at))

    def durations(self, rate: str, latest: int = 50) -> Sequence[tuple[int, float]]:
        """Return for jobs of one rate, latest first: the seconds of film, and the seconds that rendering took."""
        return self.store.ledger.durations(rate, latest) or self.team.connected().durations(rate, latest)

    def charges(self, rate: str, latest: int = 50) -> Sequence[tuple[int, Decimal]]:
        """Return for jobs of one rate, latest first: the seconds of film, and the US dollars that were charged."""
        return self.store.ledger.charges(rate, latest)


def _number(attempt: Attempt) -> int:
    return attempt.number
