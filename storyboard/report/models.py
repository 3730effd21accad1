"""Model cards as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storyboard.cards.model_card import ModelCard, ParameterRule, Requirement
from storyboard.money import exact
from storyboard.report.record_document_types import ModelDocument, ModelsDocument
from storyboard.report.style import Line, line, plain
from storyboard.report.tables import Column, table


def models_table(cards: Sequence[ModelCard]) -> list[Line]:
    """Return every model in one line."""
    rows = [
        (card.name, _seconds(card), _shots(card), _prices(card), "" if card.builtin else "project") for card in cards
    ]
    return table(
        [Column("model", "bold"), Column("seconds"), Column("shots"), Column("US$ a second"), Column("")], rows
    )


def card_page(card: ModelCard) -> list[Line]:
    """Return one model: its limits and parameters, prices, and source."""
    facts = [
        ("seconds", _seconds(card)),
        ("prompt", f"{card.max_prompt} characters"),
        ("negatives", f"{card.max_negative} characters" if card.max_negative else "none; use `.negatives inline`"),
        ("shots in a job", _shared_job(card)),
        ("source", f"{card.source} ({card.checked})" if card.checked else card.source),
    ]
    return [
        line((card.name, "bold"), f"  {card.title}" if card.title != card.name else ""),
        (),
        *table([Column("", "dim"), Column("")], [fact for fact in facts if fact[1]]),
        (),
        *table(
            [Column("setting", "bold"), Column("takes"), Column("default")], map(_parameter, card.parameters.values())
        ),
        *(line("  only together: ", _requirement(requirement)) for requirement in card.requirements),
        (),
        *table([Column("US$ a second", "bold"), Column("with")], _price_rows(card)),
    ]


def setting_in_models(name: str, cards: Sequence[ModelCard]) -> list[Line]:
    """Return a setting that only some models have: what each accepts, and its default."""
    having = [card for card in cards if name in card.parameters]
    rows = [(card.name, *_parameter(card.parameters[name])[1:]) for card in having]
    return [
        line((f".{name}", "bold"), "  a setting of these models:"),
        (),
        *table([Column("model", "bold"), Column("takes"), Column("default")], rows),
    ]


def pages_about(name: str, catalog: Mapping[str, ModelCard]) -> Iterator[tuple[str, str]]:
    """Yield the pages about a name, each with its subject: of the model, and of the setting in all models."""
    if name in catalog:
        yield name, plain(card_page(catalog[name]))
    setting = name.removeprefix(".")
    if any(setting in card.parameters for card in catalog.values()):
        yield f".{setting}", plain(setting_in_models(setting, list(catalog.values())))


def models_document(cards: Sequence[ModelCard]) -> ModelsDocument:
    """Return the document of `models --json`."""
    return {"models": [_card(card) for card in cards]}


def _card(card: ModelCard) -> ModelDocument:
    shared = card.shared_job
    return {
        "name": card.name,
        "title": card.title,
        "builtin": card.builtin,
        "source": card.source,
        "checked": card.checked,
        "seconds": list(card.duration.allowed),
        "default_seconds": card.duration.default,
        "max_prompt": card.max_prompt,
        "max_negative": card.max_negative,
        "shared_job": {
            "max_shots": shared.max_shots,
            "min_seconds": shared.min_seconds,
            "max_prompt": shared.max_prompt,
        }
        if shared
        else None,
        "parameters": [
            {"setting": rule.name, "takes": _takes(rule), "default": rule.default} for rule in card.parameters.values()
        ],
        "requirements": [_requirement(requirement) for requirement in card.requirements],
        "prices": [{"when": dict(price.when), "per_second": exact(price.per_second)} for price in card.prices],
    }


def _seconds(card: ModelCard) -> str:
    allowed = card.duration.allowed
    if len(allowed) > 2 and allowed == tuple(range(allowed[0], allowed[-1] + 1)):
        return f"{allowed[0]} to {allowed[-1]}"
    return ", ".join(map(str, allowed))


def _shots(card: ModelCard) -> str:
    return f"1 to {card.shared_job.max_shots}" if card.shared_job else "1"


def _shared_job(card: ModelCard) -> str:
    shared = card.shared_job
    if not shared:
        return "one"
    return f"up to {shared.max_shots}, each at least {shared.min_seconds} s and at most {shared.max_prompt} characters"


def _prices(card: ModelCard) -> str:
    amounts = sorted(price.per_second for price in card.prices)
    if not amounts:
        return "not known"
    return " to ".join(dict.fromkeys(f"{exact(amount)}" for amount in (amounts[0], amounts[-1])))


def _price_rows(card: ModelCard) -> list[tuple[str, str]]:
    rows = [(str(exact(price.per_second)), _together(price.when)) for price in card.prices]
    return rows or [("not known", "set one under [prices] in storyboard.toml")]


def _together(values: Any) -> str:
    return ", ".join(f".{name} {value}" for name, value in values.items()) or "anything"


def _parameter(rule: ParameterRule) -> tuple[str, str, str]:
    default = "" if rule.default is None else str(rule.default)
    return (f".{rule.name}", _takes(rule), default)


def _takes(rule: ParameterRule) -> str:
    if rule.kind == "choice":
        return ", ".join(rule.choices)
    if rule.kind == "number":
        return f"a number from {rule.minimum} to {rule.maximum}"
    return {"switch": "on, off", "url": "an address, http:// or https://", "object": "a JSON object"}[rule.kind]


def _requirement(requirement: Requirement) -> str:
    values = " or ".join(requirement.values)
    needs = " and ".join(f"{name} {' or '.join(allowed)}" for name, allowed in requirement.needs.items())
    return f"{requirement.parameter}{' ' + values if values else ''} with {needs}"
