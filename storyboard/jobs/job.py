"""A job: one task of the API, which is what is paid for, kept and played."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyboard.cards.model_card import Json
from storyboard.jobs.request import Request
from storyboard.story.story import Shot


@dataclass(frozen=True, slots=True)
class Job:
    """Consecutive shots of one scene that share a task.

    `id` is the scene and the job's number in it (`arrival#1`), for people. `base` is the content without take,
    `content` with it; both are hexadecimal SHA-256. `written` names the settings that the story itself set: the others
    of the request are the card's defaults. `transport` is what the story set that travels with the request and enters
    no key. `max_clip_bytes` is what the model's card allows a clip, if it says.
    """

    id: str
    scene: str
    shots: tuple[Shot, ...]
    request: Request
    base: str
    take: int
    content: str
    written: frozenset[str] = frozenset()
    transport: Mapping[str, Json] = field(default_factory=dict)
    max_clip_bytes: int | None = None

    @property
    def model(self) -> str:
        """The name of the model's card."""
        return self.request.model

    @property
    def seconds(self) -> int:
        """How long its clip is to be."""
        return self.request.seconds

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its shots' addresses, in order."""
        return tuple(shot.address for shot in self.shots)
