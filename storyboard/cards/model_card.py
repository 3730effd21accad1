"""The model card: what a text-to-video model may be asked, and what it costs, as data. No limit stands anywhere else.

A card is in nobody's wire format. What belongs to a vendor stands in the card's `[providers.NAME]` table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

ParameterKind: TypeAlias = Literal["choice", "number", "url", "object", "switch"]


class DurationRule(NamedTuple):
    """What a job may last, in whole seconds: `allowed`, ascending; `default` is assumed where nobody says."""

    allowed: tuple[int, ...]
    default: int


class SharedJobRule(NamedTuple):
    """Several shots in one job: at most `max_shots`, each at least `min_seconds` and with at most `max_prompt`."""

    max_shots: int
    min_seconds: int
    max_prompt: int


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter that a story may set, under the name that a story writes, without the dot.

    `kind` "choice" takes one of `choices`, "number" takes `minimum` to `maximum`, "url" an http(s) address, "object" a
    JSON object, "switch" is written on or off and is a boolean. `default` is what the gateway assumes when it is not
    sent (None: not known, or nothing).
    """

    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: Json = None
    transport: bool = False
    """Travels with a request and changes nothing that is seen: enters no key and no payload that is shown."""


class Requirement(NamedTuple):
    """`parameter` (set to one of `values`, or to anything where that is empty) only goes with what `needs` says.

    `needs` maps a parameter, or `duration`, to the values that it may then have.
    """

    parameter: str
    values: tuple[str, ...]
    needs: Mapping[str, tuple[str, ...]]


class Price(NamedTuple):
    """US dollars per second of a job whose parameters equal `when` (defaults filled in)."""

    when: Mapping[str, str]
    per_second: Decimal


@dataclass(frozen=True)
class ModelCard:
    """Limits, defaults and prices of one model. Lengths count Unicode code points in NFC.

    `prices`, and `vendor` (what only the vendor's own code reads), come from the table of the provider that the
    catalogue was loaded for.
    """

    name: str
    title: str
    source: str
    checked: str
    duration: DurationRule
    max_prompt: int
    max_negative: int | None
    shared_job: SharedJobRule | None
    parameters: Mapping[str, ParameterRule]
    requirements: tuple[Requirement, ...] = ()
    prices: tuple[Price, ...] = ()
    vendor: Mapping[str, Json] = field(default_factory=dict)
    builtin: bool = True
    max_clip_bytes: int | None = None
    """A larger download is not this model's clip; None: a limit that follows from the clip's length."""
    floor: ModelCard | None = None
    """A card whose prices this one may not undercut: the built-in of the same name under a project's, or one with the
    user's own prices."""

    @cached_property
    def defaults(self) -> Mapping[str, Json]:
        """What the gateway assumes of the parameters that are not sent, as far as it is known."""
        return {rule.name: rule.default for rule in self.parameters.values() if rule.default is not None}

    @cached_property
    def transports(self) -> frozenset[str]:
        """The parameters that travel with a request and enter no key."""
        return frozenset(rule.name for rule in self.parameters.values() if rule.transport)

    @property
    def priced_by_project(self) -> bool:
        """Whether nobody but the project says what it costs."""
        return not self.builtin and self.floor is None

    def price_per_second(self, parameters: Mapping[str, Json]) -> Decimal | None:
        """What a second of such a job costs in US dollars, defaults filled in; None when nobody says.

        The first of `prices` that fits counts, unless the floor asks more.
        """
        fits = (p.per_second for p in self.prices if self._fits(p, parameters))
        own = next(fits, None)
        least = self.floor.price_per_second(parameters) if self.floor else None
        return max((price for price in (own, least) if price is not None), default=None)

    def _fits(self, price: Price, parameters: Mapping[str, Json]) -> bool:
        return all(self._value(name, parameters) == value for name, value in price.when.items())

    def _value(self, name: str, parameters: Mapping[str, Json]) -> Json:
        if name in parameters:
            return parameters[name]
        rule = self.parameters.get(name)
        return rule.default if rule else None


Catalog: TypeAlias = Mapping[str, ModelCard]
"""Every known model by its name: the built-in cards and the project's."""
