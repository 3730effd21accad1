"""The payload of a job: the reference's flat parameters, nothing without effect, nothing of transport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from storyboard.cards.model_card import Json, ModelCard
from storyboard.story.story import Shot

_AFTER_DURATION = frozenset({"watermark_info"})


class Part(NamedTuple):
    """What a job carries of one shot."""

    prompt: str
    seconds: int


def part_of(shot: Shot) -> Part:
    """A shot's part; its length must be whole seconds."""
    return Part(shot.prompt, int(shot.seconds))


def payload_of(
    card: ModelCard, parts: Sequence[Part], parameters: Mapping[str, Json], negative: str
) -> dict[str, Json]:
    """The payload in the reference's order. `parameters` is what the story set, of transport or not."""
    seconds = sum(part.seconds for part in parts)
    sent = [name for name, rule in card.parameters.items() if name in parameters and not rule.transport]
    return (
        {"model": card.name, **shots_of(card, parts)}
        | ({"negative_prompt": negative} if negative else {})
        | {name: parameters[name] for name in sent if name not in _AFTER_DURATION}
        | {"duration": duration_of(card, seconds)}
        | {name: parameters[name] for name in sent if name in _AFTER_DURATION}
    )


def transport_of(card: ModelCard, parameters: Mapping[str, Json]) -> dict[str, Json]:
    """What the story set that travels with the payload and is none of it."""
    return {name: parameters[name] for name, rule in card.parameters.items() if name in parameters and rule.transport}


def shots_of(card: ModelCard, parts: Sequence[Part]) -> dict[str, Json]:
    """The prompt, or the shots with theirs, and what tells the model which of both it is."""
    if card.multi_shot is None:
        return {"prompt": parts[0].prompt}
    if len(parts) == 1:
        return {"multi_shot": False, "prompt": parts[0].prompt}
    shots: list[Json] = [
        {"index": index, "prompt": part.prompt, "duration": str(part.seconds)} for index, part in enumerate(parts, 1)
    ]
    return {"multi_shot": True, "shot_type": card.multi_shot.shot_type, "multi_prompt": shots}


def duration_of(card: ModelCard, seconds: int) -> Json:
    """A job's length as the model wants it written."""
    return str(seconds) if card.duration.wire == "string" else seconds
