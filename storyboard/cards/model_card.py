"""The model card: all that is known of a text-to-video model, as data. No limit of a model stands anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

WRITTEN_BY_COMPILER = (
    "model",
    "multi_shot",
    "shot_type",
    "prompt",
    "multi_prompt",
    "duration",
    "negative_prompt",
    "external_task_id",
)
"""Parameters of the API that no card lists, because no story sets them as such."""

ParameterKind: TypeAlias = Literal["choice", "number", "url", "object", "switch"]


class DurationRule(NamedTuple):
    """What a job may last, in whole seconds: `allowed`, ascending. `wire` is how the payload carries it."""

    allowed: tuple[int, ...]
    default: int
    wire: Literal["string", "number"]


class MultiShotRule(NamedTuple):
    """Several shots in one job: at most `max_shots`, each at least `min_seconds` and with at most `max_prompt`."""

    max_shots: int
    min_seconds: int
    max_prompt: int
    shot_type: str


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """A parameter that a story may set; `name` is the API's own.

    `kind` "choice" takes one of `choices`, "number" takes `minimum` to `maximum`, "url" an http(s) address, "object" a
    JSON object, "switch" is written on or off and sent as `{"enabled": true}`. `default` is what the gateway assumes
    when it is not sent (None: not known, or nothing).
    """

    name: str
    kind: ParameterKind
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    default: Json = None
    transport: bool = False
    """Of the transport, not of the picture: enters no key and no payload that is shown."""
    setting: str = ""
    """How a story writes it, without the dot (`watermark` for `watermark_info`)."""


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
    max_clip_bytes: int = 1 << 30
    """A longer download is not this model's clip."""
    floor: ModelCard | None = None
    """A card whose prices this one may not undercut: the built-in of the same name under a project's."""

    @cached_property
    def settings(self) -> Mapping[str, ParameterRule]:
        """The parameters under the names that a story writes."""
        return {rule.setting: rule for rule in self.parameters.values()}

    @cached_property
    def defaults(self) -> Mapping[str, Json]:
        """What the gateway assumes of the parameters that are not sent, as far as it is known."""
        return {rule.name: rule.default for rule in self.parameters.values() if rule.default is not None}

    @cached_property
    def transports(self) -> frozenset[str]:
        """The parameters that are of the transport, not of the picture."""
        return frozenset(rule.name for rule in self.parameters.values() if rule.transport)

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
