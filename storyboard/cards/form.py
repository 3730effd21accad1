"""The form that a card's TOML must have. Imported only for a project's own cards: pydantic costs start-up time."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from storyboard.cards.build import parameter_from
from storyboard.cards.values import accepts
from storyboard.cards.vendor_words import written_by_storyboard
from storyboard.forms import LARGEST_COUNT, is_plain

LONGEST_CLIP = 600
"""The longest clip, in seconds, that a card may let a model make: no model makes ten minutes, and a typing error would
have this machine draw hours of film."""

MOST_CLIP_BYTES = 2**40
"""The largest clip that a card may allow."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ValueError("should be a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("should be a number") from None
    if not is_plain(number):
        raise ValueError("should be a number of at most 12 digits on either side of the point")
    return number


def _rising(values: list[int]) -> list[int]:
    if values != sorted(set(values)):
        raise ValueError("should be in ascending order")
    return values


Number = Annotated[Decimal, BeforeValidator(_number), Field(allow_inf_nan=False)]
Money = Annotated[Number, Field(ge=0)]
Seconds = Annotated[int, Field(gt=0, le=LONGEST_CLIP)]
Count = Annotated[int, Field(gt=0, le=LARGEST_COUNT)]
Bytes = Annotated[int, Field(gt=0, le=MOST_CLIP_BYTES)]


class Form(BaseModel):
    """Strict: what is not known here is a mistake, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DurationForm(Form):
    """`[duration]`."""

    allowed: Annotated[list[Seconds], Field(min_length=1), AfterValidator(_rising)]
    default: Seconds

    @model_validator(mode="after")
    def _default_is_allowed(self) -> DurationForm:
        if self.default not in self.allowed:
            raise ValueError("its default should be one of allowed")
        return self


class SharedJobForm(Form):
    """`[shared_job]`."""

    max_shots: Count
    min_seconds: Seconds
    max_prompt: Count


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
    max_prompt: Count
    max_negative: Count | None = None
    max_clip_bytes: Bytes | None = None
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
