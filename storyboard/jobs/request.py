"""A request for a clip, in no vendor's format: everything that is hashed and that a provider gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storyboard.cards.model_card import Json, ModelCard
from storyboard.cards.requirements import settle
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.story.story import Shot


class RequestedShot(NamedTuple):
    """A requested shot: its whole prompt, and its length in whole seconds."""

    prompt: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Request:
    """A requested job. `model` is the card's name. `negative` holds the shared negatives that travel as a field of
    their own. `settings` are the card's parameters, with defaults, without transport. `assets` are the SHA-256
    (hexadecimal) of files that the model is shown.
    """

    model: str
    shots: tuple[RequestedShot, ...]
    negative: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict, hash=False)
    assets: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """The ordered length of the clip, in seconds."""
        return sum([shot.seconds for shot in self.shots])

    @property
    def document(self) -> dict[str, Json]:
        """As JSON: what is hashed, and what the ledger keeps."""
        return {
            "assets": list(self.assets),
            "model": self.model,
            "negative": self.negative,
            "settings": dict(self.settings),
            "shots": [{"prompt": prompt, "seconds": seconds} for prompt, seconds in self.shots],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Request:
        """Parse a request; raises KeyError, TypeError or ValueError if the document is none."""
        shots = tuple(RequestedShot(str(shot["prompt"]), int(shot["seconds"])) for shot in document["shots"])
        assets = tuple(map(str, document["assets"]))
        return cls(document["model"], shots, document["negative"], dict(document["settings"]), assets)


def request_of(card: ModelCard, shots: Sequence[Shot], parameters: Mapping[str, Json], negative: str) -> Request:
    """Return the request of a job of these shots, whose lengths must be whole seconds; `parameters` are those that the
    story set."""
    wanted = tuple(RequestedShot(shot.prompt, int(shot.seconds)) for shot in shots)
    return Request(card.name, wanted, negative, settings_of(card, parameters))


def settings_of(card: ModelCard, parameters: Mapping[str, Json]) -> dict[str, Json]:
    """Return the story's parameters with the card's defaults, without transport."""
    settled = settle(card, parameters)
    return {name: value for name, value in settled.items() if name not in card.transports}
