"""The form that a card's TOML must have. Imported only for a project's own cards: pydantic costs start-up time."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from storyboard.cards.build import parameter_from
from storyboard.cards.values import accepts
from storyboard.cards.vendor_words import written_by_storyboard

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("should be a number")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError("should be a number") from None


def _rising(values: list[int]) -> list[int]:
    if values != sorted(set(values)):
        raise ValueError("should be in ascending order")
    return values


Number = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False)]
Money = Annotated[Number, Field(ge=0)]


class Form(BaseModel):
    """Strict: what is not known here is a mistake, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DurationForm(Form):
    """`[duration]`."""

    allowed: Annotated[list[PositiveInt], Field(min_length=1), AfterValidator(_rising)]
    default: PositiveInt

    @model_validator(mode="after")
    def _default_is_allowed(self) -> DurationForm:
        if self.default not in self.allowed:
            raise ValueError("its default should be one of allowed")
        return self


class SharedJobForm(Form):
    """`[shared_job]`."""

    max_shots: PositiveInt
    min_seconds: PositiveInt
    max_prompt: PositiveInt


class ParameterForm(Form):
    """`[parameters.NAME]`."""

    kind: Literal["choice", "number", "url", "object", "switch"]
    choices: list[str] = []
    minimum: Number | None = None
    maximum: Number | None = None
    default: Any = None
    transport: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> ParameterForm:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("choices are required for kind choice, and allowed only there")
        if self.kind != "number" and (self.minimum is not None or self.maximum is not None):
            raise ValueError("minimum and maximum are allowed only for kind number")
        if self.default is not None and not accepts(parameter_from("", self.model_dump()), self.plain_default):
            raise ValueError("its default should be one of its allowed values")
        return self

    @property
    def plain_default(self) -> Any:
        """As JSON has it."""
        return float(self.default) if isinstance(self.default, Decimal) else self.default


class RequirementForm(Form):
    """`[[requirements]]`."""

    parameter: str
    values: list[str] = []
    needs: Annotated[dict[str, list[str]], Field(min_length=1)]


class PriceForm(Form):
    """`[[providers.NAME.prices]]`."""

    when: dict[str, str] = {}
    per_second: Money


class ProviderForm(BaseModel):
    """`[providers.NAME]`: what every vendor has; the rest is the vendor's own, and judged by its provider."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    prices: list[PriceForm] = []


class CardForm(Form):
    """A whole card."""

    name: Name
    title: str = ""
    source: str = ""
    checked: str = ""
    max_prompt: PositiveInt
    max_negative: PositiveInt | None = None
    max_clip_bytes: PositiveInt | None = None
    duration: DurationForm
    shared_job: SharedJobForm | None = None
    parameters: dict[Name, ParameterForm] = {}
    requirements: list[RequirementForm] = []
    providers: Annotated[dict[Name, ProviderForm], Field(min_length=1)]

    @model_validator(mode="after")
    def _speaks_of_its_own_parameters(self) -> CardForm:
        prices = [price for each in self.providers.values() for price in each.prices]
        named = {r.parameter for r in self.requirements} | {name for price in prices for name in price.when}
        needed = {name for r in self.requirements for name in r.needs} - {"duration"}
        for name in sorted(written_by_storyboard().keys() & self.parameters.keys()):
            raise ValueError(f"`parameters.{name}` is filled in by storyboard itself and cannot be in a card")
        for name in sorted(named | needed):
            if name not in self.parameters:
                raise ValueError(f"requirements and prices name `{name}`, which is not a parameter of this card")
        return self
