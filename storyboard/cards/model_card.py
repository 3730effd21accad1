"""The model card: limits and prices of a text-to-video model, as data. No limit of a model is defined anywhere else.

A card is in no vendor's format. What is specific to a vendor is in its `[providers.NAME]` table.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeAlias

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

ParameterKind: TypeAlias = Literal["choice", "number", "url", "object", "switch"]


class DurationRule(NamedTuple):
    """The allowed lengths of a job in whole seconds, ascending; the gateway assumes `default` if none is sent."""

    allowed: tuple[int, ...]
    default: int


class SharedJobRule(NamedTuple):
    """Several shots in one job: at most `max_shots`, each at least `min_seconds` and with at most `max_prompt`."""

    max_shots: int
    min_seconds: int
    max_prompt: int


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter that a story can set, by the name used in stories, without the dot.

    `kind` "choice" takes one of `choices`, "number" takes `minimum` to `maximum`, "url" an http(s) address, "object" a
    JSON object, "switch" is written on or off and is a boolean. The gateway assumes `default` if it is not sent (None:
    unknown or nothing).
    """

    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: Json = None
    transport: bool = False
    """Sent with a request without changing the picture: not part of the key or the shown payload."""


class Requirement(NamedTuple):
    """`parameter` (set to one of `values`, or to anything if that is empty) requires `needs`, which maps a parameter,
    or `duration`, to its allowed values.
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
    """A larger download is refused; None for a limit that follows from the clip's length."""
    floor: ModelCard | None = None
    """A card whose prices this one cannot undercut: the built-in card of the same name, or one with the user's own
    prices."""

    @cached_property
    def defaults(self) -> Mapping[str, Json]:
        """The known defaults of parameters that are not sent."""
        return {rule.name: rule.default for rule in self.parameters.values() if rule.default is not None}

    @cached_property
    def transports(self) -> frozenset[str]:
        """The parameters that are sent but not part of the key."""
        return frozenset(rule.name for rule in self.parameters.values() if rule.transport)

    @property
    def priced_by_project(self) -> bool:
        """Whether only the project states its price."""
        return not self.builtin and self.floor is None

    def price_per_second(self, parameters: Mapping[str, Json]) -> Decimal | None:
        """Return the price per second of such a job in US dollars, including defaults; None if unknown. The first
        matching entry of `prices` counts, unless the floor is higher.
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
