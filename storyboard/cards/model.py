"""The model card: all that is known of a text-to-video model, as data. No limit of a model stands anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class DurationRule:
    """What a job may last, in whole seconds: `allowed`, ascending. `wire` is how the payload carries it."""

    allowed: tuple[int, ...]
    default: int
    wire: Literal["string", "number"]


@dataclass(frozen=True, slots=True)
class MultiShotRule:
    """Several shots in one job: at most `max_shots`, each at least `min_seconds` and with at most `max_prompt`."""

    max_shots: int
    min_seconds: int
    max_prompt: int
    shot_type: str


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter that a story may set, under the API's own name.

    `kind` "choice" takes one of `choices`, "number" takes `minimum` to `maximum`, "url" an http(s) address, "object" a
    JSON object, "switch" on or off. `default` is what the gateway assumes when it is not sent (None: nothing).
    """

    name: str
    kind: Literal["choice", "number", "url", "object", "switch"]
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: Json = None
    transport: bool = False
    """Of the transport, not of the picture: enters no key."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """`parameter` (set to one of `values`, or to anything where that is empty) only goes with what `needs` says.

    `needs` maps a parameter, or `duration`, to the values that it may then have.
    """

    parameter: str
    values: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per second of a job whose parameters equal `when` (defaults filled in)."""

    when: Mapping[str, str]
    per_second: Decimal


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Limits, defaults and prices of one model. Lengths count Unicode code points in NFC."""

    name: str
    title: str
    source: str
    checked: str
    duration: DurationRule
    max_prompt: int
    max_negative: int | None
    multi_shot: MultiShotRule | None
    parameters: Mapping[str, ParameterRule]
    requirements: tuple[Requirement, ...] = ()
    prices: tuple[Price, ...] = ()
    builtin: bool = True

    def price_per_second(self, parameters: Mapping[str, Json]) -> Decimal | None:
        """What a second of such a job costs in US dollars, defaults filled in; None when the card does not say."""
        for price in self.prices:
            if all(self._value(name, parameters) == value for name, value in price.when.items()):
                return price.per_second
        return None

    def _value(self, name: str, parameters: Mapping[str, Json]) -> Json:
        if name in parameters:
            return parameters[name]
        rule = self.parameters.get(name)
        return rule.default if rule else None


Catalog: TypeAlias = Mapping[str, ModelCard]
"""Every known model by its name: the built-in cards and the project's."""
