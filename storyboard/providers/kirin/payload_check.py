"""Check a payload by its model's card alone: what the gateway would refuse, and what has no effect. It is independent
of how payloads are built, so it stands for the gateway in tests and in the simulator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storyboard.cards.model_card import Json, ModelCard, ParameterRule, SharedJobRule
from storyboard.cards.requirements import broken
from storyboard.cards.values import accepts, expected
from storyboard.fast_named_tuples import NamedTuple
from storyboard.providers.kirin.payload import kirin_card, wire_name
from storyboard.providers.kirin.payload_form import PayloadForm, ShotForm


class PayloadProblem(NamedTuple):
    """What is wrong with a parameter. `refused` is False if the gateway would only ignore it."""

    parameter: str
    message: str
    refused: bool = True


def check_payload(card: ModelCard, payload: Mapping[str, object]) -> tuple[PayloadProblem, ...]:
    """Return everything wrong with a payload of flat parameters, including `model`."""
    from pydantic import ValidationError

    try:
        form = PayloadForm.model_validate(dict(payload))
    except ValidationError as wrong:
        return tuple(PayloadProblem(".".join(map(str, error["loc"])), error["msg"]) for error in wrong.errors())
    return tuple(_problems(card, form))


def _problems(card: ModelCard, form: PayloadForm) -> Iterator[PayloadProblem]:
    if form.model != kirin_card(card).model:
        yield PayloadProblem("model", f"is not {kirin_card(card).model}")
    yield from _duration(card, form)
    yield from _shots(card, form)
    yield from _negative(card, form)
    yield from _parameters(card, form)
    if form.external_task_id == "":
        yield PayloadProblem("external_task_id", "is empty")


def seconds_of(card: ModelCard, form: PayloadForm) -> int | None:
    """Return the ordered length of the job; None if it is malformed."""
    duration, written = form.duration, kirin_card(card).duration
    if duration is None:
        return card.duration.default
    if isinstance(duration, str):
        plain = duration.isascii() and duration.isdecimal() and len(duration) < 10
        return int(duration) if plain and written == "string" else None
    return duration if written == "number" else None


def _duration(card: ModelCard, form: PayloadForm) -> Iterator[PayloadProblem]:
    seconds = seconds_of(card, form)
    if seconds is None:
        yield PayloadProblem("duration", f"is not whole seconds as a {kirin_card(card).duration}")
    elif seconds not in card.duration.allowed:
        yield PayloadProblem("duration", f"is {seconds}, not one of {', '.join(map(str, card.duration.allowed))}")


def _shots(card: ModelCard, form: PayloadForm) -> Iterator[PayloadProblem]:
    if card.shared_job is None:
        for name in ("multi_shot", "shot_type", "multi_prompt"):
            if getattr(form, name) is not None:
                yield PayloadProblem(name, f"is not a parameter of {card.name}")
    elif form.multi_shot:
        yield from _several(card, card.shared_job, form)
        return
    else:
        for name in ("shot_type", "multi_prompt"):
            if getattr(form, name) is not None:
                yield PayloadProblem(name, "has no effect without multi_shot", refused=False)
    if not form.prompt:
        yield PayloadProblem("prompt", "is empty")
    elif len(form.prompt) > card.max_prompt:
        yield PayloadProblem("prompt", f"has {len(form.prompt)} characters, over {card.max_prompt}")


def _several(card: ModelCard, rule: SharedJobRule, form: PayloadForm) -> Iterator[PayloadProblem]:
    if form.prompt is not None:
        yield PayloadProblem("prompt", "has no effect with multi_shot", refused=False)
    shot_type = kirin_card(card).shot_type
    if form.shot_type != shot_type:
        yield PayloadProblem("shot_type", f"is not {shot_type}")
    shots = form.multi_prompt or []
    if not 1 <= len(shots) <= rule.max_shots:
        yield PayloadProblem("multi_prompt", f"has {len(shots)} shots, not 1 to {rule.max_shots}")
    for number, shot in enumerate(shots, start=1):
        yield from _shot(rule, number, shot)
    total = sum(_length(shot) or 0 for shot in shots)
    if total != seconds_of(card, form):
        yield PayloadProblem("multi_prompt", f"its durations add up to {total}, not to the job's {form.duration}")


def _shot(rule: SharedJobRule, number: int, shot: ShotForm) -> Iterator[PayloadProblem]:
    place = f"multi_prompt.{number - 1}"
    if shot.index != number:
        yield PayloadProblem(f"{place}.index", f"is {shot.index}, not {number}")
    if not shot.prompt:
        yield PayloadProblem(f"{place}.prompt", "is empty")
    elif len(shot.prompt) > rule.max_prompt:
        yield PayloadProblem(f"{place}.prompt", f"has {len(shot.prompt)} characters, over {rule.max_prompt}")
    seconds = _length(shot)
    if seconds is None or seconds < rule.min_seconds:
        yield PayloadProblem(f"{place}.duration", f"is not whole seconds of at least {rule.min_seconds}")


def _length(shot: ShotForm) -> int | None:
    plain = shot.duration.isascii() and shot.duration.isdecimal() and len(shot.duration) < 10
    return int(shot.duration) if plain else None


def _negative(card: ModelCard, form: PayloadForm) -> Iterator[PayloadProblem]:
    if form.negative_prompt is None:
        return
    if card.max_negative is None:
        yield PayloadProblem("negative_prompt", f"is not a parameter of {card.name}")
    elif len(form.negative_prompt) > card.max_negative:
        yield PayloadProblem("negative_prompt", f"has {len(form.negative_prompt)} characters, over {card.max_negative}")
    elif not form.negative_prompt:
        yield PayloadProblem("negative_prompt", "is empty and has no effect", refused=False)


def _parameters(card: ModelCard, form: PayloadForm) -> Iterator[PayloadProblem]:
    known: dict[str, Json] = {}
    settings = {wire_name(name): rule for name, rule in card.parameters.items()}
    for name, value in form.parameters.items():
        rule = settings.get(name)
        if rule is None:
            yield PayloadProblem(name, f"is not a parameter of {card.name}")
        elif not _accepts(rule, value):
            yield PayloadProblem(name, f"is not {_expected(rule)}")
        else:
            known[rule.name] = value
    for requirement, needed in broken(card, known, seconds_of(card, form)):
        values = " or ".join(requirement.needs[needed])
        yield PayloadProblem(wire_name(requirement.parameter), f"goes only with {needed} {values}")


def _accepts(rule: ParameterRule, value: Json) -> bool:
    if rule.kind == "switch":
        return isinstance(value, dict) and value.keys() == {"enabled"} and isinstance(value["enabled"], bool)
    return accepts(rule, value)


def _expected(rule: ParameterRule) -> str:
    return '{"enabled": true or false}' if rule.kind == "switch" else expected(rule)
