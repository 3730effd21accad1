"""Stretches: runs of shots that only the limits of a job can separate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from storyboard.cards.model_card import Catalog, Json, ModelCard, Requirement
from storyboard.cards.requirements import broken, lengths, settle
from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.canonical import canonical
from storyboard.jobs.packing import PackedShot, Room
from storyboard.story.story import Shot


@dataclass(frozen=True)
class PackableRun:
    """Consecutive shots of one scene whose jobs would be equal in everything but shots, with no `split` between them. A
    shot that must have its own job (`.pack shot`, a model with one shot per job) is its own stretch.
    """

    card: ModelCard
    shots: tuple[Shot, ...]
    after_free: bool = False
    """Whether a shot that is not bought comes between it and the stretch before."""

    @cached_property
    def places(self) -> Mapping[int, int]:
        """The position of each shot in the run, by its identity."""
        return {id(shot): at for at, shot in enumerate(self.shots)}

    @cached_property
    def parameters(self) -> dict[str, Json]:
        """The parameters that a job of all its shots would send: those that any of them has."""
        return parameters_of(self.shots)

    @property
    def negative(self) -> str:
        """The shared negatives that its jobs carry."""
        return self.shots[0].negative.joined

    @cached_property
    def room(self) -> Room:
        """The limits of its jobs."""
        shared = self.card.shared_job
        allowed = frozenset(lengths(self.card, self.parameters))
        return Room(allowed, shared.max_shots, shared.min_seconds) if shared else Room(allowed, 1)

    def piece(self, shot: Shot) -> PackedShot:
        """Return the shot as packing sees it."""
        return PackedShot(int(shot.seconds), shares(self.card, shot))

    def refuses_length(self, seconds: int) -> Requirement | None:
        """Return the card's requirement that its parameters break in a job of that length."""
        lengths = (need for need in broken(self.card, self.parameters, seconds) if need[1] == "duration")
        return next((requirement for requirement, _ in lengths), None)


def parameters_of(shots: Sequence[Shot]) -> dict[str, Json]:
    """Return the parameters that a job of these shots sends: those that any of them has, with the first value."""
    merged: dict[str, Json] = {}
    for shot in reversed(shots):
        merged |= shot.parameters
    return merged


def shares(card: ModelCard, shot: Shot) -> bool:
    """Whether a shot's prompt fits into a job of several shots."""
    return card.shared_job is not None and len(shot.prompt) <= card.shared_job.max_prompt


def stretches(shots: Sequence[Shot], catalog: Catalog) -> Iterator[PackableRun]:
    """Return the stretches of a story, in order, without shots that are not bought or have an unknown model."""
    run: list[Shot] = []
    last: _Whole | None = None
    after_free = False
    for shot in shots:
        card = catalog.get(shot.model) if shot.local is None else None
        whole = _Whole.of(card, shot, last) if card else None
        if run and last and not (whole and _follows(shot, run[-1], whole, last)):
            yield PackableRun(last.card, tuple(run), after_free)
            run, after_free = [], False
        after_free = after_free or shot.local is not None
        if whole:
            run.append(shot)
        last = whole
    if run and last:
        yield PackableRun(last.card, tuple(run), after_free)


class _Whole(NamedTuple):
    """What a shot's job would carry as a whole: `written` as the story has it, `text` in one form per meaning."""

    card: ModelCard
    written: str
    text: str

    @classmethod
    def of(cls, card: ModelCard, shot: Shot, before: _Whole | None) -> _Whole:
        written = repr(shot.parameters)
        if before and before.card is card and before.written == written:
            return before
        return cls(card, written, canonical(settle(card, shot.parameters)))


def _follows(shot: Shot, before: Shot, whole: _Whole, last: _Whole) -> bool:
    """Whether a shot can share the job of the one before it, apart from limits."""
    return (
        shot.scene == before.scene
        and not shot.split_before
        and shot.pack == before.pack == "auto"
        and whole.card is last.card
        and whole.card.shared_job is not None
        and whole.text == last.text
        and shot.negative.items == before.negative.items
    )
