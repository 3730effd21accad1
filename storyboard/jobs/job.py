"""A job: one task of the API, the unit that is paid for, stored and played."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass, field
from storyboard.jobs.request import Request
from storyboard.story.story import Shot


@dataclass(frozen=True, slots=True)
class Job:
    """Consecutive shots of one scene that share a task.

    `id` is the scene and the job's number in it (`arrival#1`), for people. `base` is the content without take,
    `content` with it; both are hexadecimal SHA-256. `written` names the settings that the story itself set: the others
    of the request are the card's defaults. `transport` are parameters that are sent along but are not part of the key.
    `max_clip_bytes` is the card's limit for a clip, if it has one.
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
        """The ordered length of its clip, in seconds."""
        return self.request.seconds

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its shots' addresses, in order."""
        return tuple(shot.address for shot in self.shots)
