"""Turn a request into Kirin's payload: the reference's flat parameters, nothing without effect, no transport."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from storyboard.cards.model_card import Json, ModelCard, ParameterRule
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.request import Request, RequestedShot

CALLBACK = "callback_url"
"""The parameter that the queue does not take, and that is not part of a payload."""
EXTERNAL_ID = "external_task_id"
"""The parameter for the caller's own id, which is not part of a payload either."""

_DURATIONS = Literal["string", "number"]
_NAMES = {"watermark": "watermark_info"}
_LAST = frozenset({"watermark_info"})


@dataclass(frozen=True, slots=True)
class KirinCard:
    """The card's `[providers.kirin]` table: the model's name on the wire, how a duration is written (the
    reference's models want a string, one of the public ones a number), and the `shot_type` of several shots."""

    model: str
    duration: _DURATIONS
    shot_type: str | None


def kirin_card(card: ModelCard) -> KirinCard:
    """Return Kirin's part of a card; raises UsageError naming the key that cannot be used."""
    known = {"model": card.name, "duration": "string", "shot_type": None, **card.vendor}
    for name in known.keys() - {"model", "duration", "shot_type"}:
        raise UsageError(f"the card of {card.name}: `providers.kirin.{name}` is not a key for Kirin")
    model, duration, shot_type = known["model"], known["duration"], known["shot_type"]
    if not isinstance(model, str) or not model:
        raise UsageError(f"the card of {card.name}: `providers.kirin.model` should be text")
    if duration not in get_args(_DURATIONS):
        raise UsageError(f'the card of {card.name}: `providers.kirin.duration` should be "string" or "number"')
    if card.shared_job is not None and not isinstance(shot_type, str):
        raise UsageError(f"the card of {card.name}: `providers.kirin.shot_type` should be text")
    return KirinCard(model, duration, shot_type if isinstance(shot_type, str) else None)  # type: ignore[arg-type]


def payload_of(card: ModelCard, request: Request, written: Collection[str]) -> dict[str, Json]:
    """Return the payload in the reference's order. Only settings that the story has `written` are sent; the gateway
    assumes the card's defaults for others."""
    kirin = kirin_card(card)
    sent = {
        wire_name(name): wire_value(rule, request.settings[name])
        for name, rule in card.parameters.items()
        if name in written and name in request.settings
    }
    return (
        {"model": kirin.model, **_shots(card, kirin, request.shots)}
        | ({"negative_prompt": request.negative} if request.negative else {})
        | {name: value for name, value in sent.items() if name not in _LAST}
        | {"duration": str(request.seconds) if kirin.duration == "string" else request.seconds}
        | {name: value for name, value in sent.items() if name in _LAST}
    )


def wire_name(setting: str) -> str:
    """Kirin's own name of a setting."""
    return _NAMES.get(setting, setting)


def wire_value(rule: ParameterRule, value: Json) -> Json:
    """Return a setting's value in Kirin's form: a switch is an object (the reference's table says array, its example is
    an object)."""
    return {"enabled": value} if rule.kind == "switch" else value


def settings_in(card: ModelCard, payload: Mapping[str, Json]) -> dict[str, Json]:
    """Return the settings in a payload, by their neutral names; malformed ones are left out."""
    found: dict[str, Json] = {}
    for name, rule in card.parameters.items():
        value = payload.get(wire_name(name))
        if rule.kind == "switch":
            value = value.get("enabled") if isinstance(value, dict) else None
        if value is not None:
            found[name] = value
    return found


def _shots(card: ModelCard, kirin: KirinCard, shots: tuple[RequestedShot, ...]) -> dict[str, Json]:
    """Return the prompt, or the shots with their prompts, and the fields that tell them apart."""
    if card.shared_job is None:
        return {"prompt": shots[0].prompt}
    if len(shots) == 1:
        return {"multi_shot": False, "prompt": shots[0].prompt}
    several: list[Json] = [
        {"index": index, "prompt": shot.prompt, "duration": str(shot.seconds)} for index, shot in enumerate(shots, 1)
    ]
    return {"multi_shot": True, "shot_type": kirin.shot_type, "multi_prompt": several}
