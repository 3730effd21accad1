"""Build a card from validated TOML, without pydantic, because built-in cards load at every start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from storyboard.cards.model_card import (
    DurationRule,
    Json,
    ModelCard,
    ParameterRule,
    Price,
    Requirement,
    SharedJobRule,
)

Raw = Mapping[str, Any]


PRICES = "prices"
"""The key of a `[providers.NAME]` table that is the same for every vendor."""


def card_from(raw: Raw, provider: str, *, builtin: bool) -> ModelCard | None:
    """Build the card for a model as `provider` sells it; None if it does not.

    The file must fit `CardForm`.
    """
    vendor = raw["providers"].get(provider)
    if vendor is None:
        return None
    shared = raw.get("shared_job")
    return ModelCard(
        name=raw["name"],
        title=raw.get("title", raw["name"]),
        source=raw.get("source", ""),
        checked=raw.get("checked", ""),
        duration=_duration(raw["duration"]),
        max_prompt=raw["max_prompt"],
        max_negative=raw.get("max_negative"),
        shared_job=SharedJobRule(**shared) if shared else None,
        parameters={name: parameter_from(name, rule) for name, rule in raw.get("parameters", {}).items()},
        requirements=tuple(_requirement(r) for r in raw.get("requirements", ())),
        prices=prices_from(vendor.get(PRICES, ())),
        vendor={name: value for name, value in vendor.items() if name != PRICES},
        builtin=builtin,
        max_clip_bytes=raw.get("max_clip_bytes"),
    )


def prices_from(raw: Any) -> tuple[Price, ...]:
    """Build prices from a table of a card or the configuration."""
    return tuple(Price(dict(p.get("when", {})), Decimal(str(p["per_second"]))) for p in raw)


def _duration(raw: Raw) -> DurationRule:
    return DurationRule(tuple(raw["allowed"]), raw["default"])


def parameter_from(name: str, raw: Raw) -> ParameterRule:
    return ParameterRule(
        name=name,
        kind=raw["kind"],
        choices=tuple(raw.get("choices", ())),
        minimum=_decimal(raw.get("minimum")),
        maximum=_decimal(raw.get("maximum")),
        default=_json(raw.get("default")),
        transport=raw.get("transport", False),
    )


def _requirement(raw: Raw) -> Requirement:
    needs = {name: tuple(values) for name, values in raw["needs"].items()}
    return Requirement(raw["parameter"], tuple(raw.get("values", ())), needs)


def _decimal(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _json(value: Any) -> Json:
    """Convert TOML's exact decimals to JSON numbers."""
    return float(value) if isinstance(value, Decimal) else value
