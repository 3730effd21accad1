"""A job: one task of the API, which is what is paid for, kept and played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyboard.cards.model_card import Json
from storyboard.story.story import Shot


@dataclass(frozen=True, slots=True)
class Job:
    """Consecutive shots of one scene that share a task.

    `id` is the scene and the job's number in it (`arrival#1`), for people. `payload` holds the reference's flat
    parameters with `model`, nothing without effect, nothing of transport. `base` is the content without take,
    `content` with it; both are hexadecimal SHA-256. `picture` is what they are made from besides model and take: the
    payload without `model`, with the card's defaults filled in. `transport` is what the story set that goes with the
    payload and enters no key (`callback_url`).
    """

    id: str
    scene: str
    shots: tuple[Shot, ...]
    seconds: int
    model: str
    payload: Mapping[str, Json]
    base: str
    take: int
    content: str
    picture: Mapping[str, Json] = field(default_factory=dict, repr=False)
    transport: Mapping[str, Json] = field(default_factory=dict)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its shots' addresses, in order."""
        return tuple(shot.address for shot in self.shots)
