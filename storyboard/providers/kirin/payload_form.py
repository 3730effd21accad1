"""The types of a payload, whatever the model: what must be text, what a list. The rules of a model are its card's."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue


class ShotForm(BaseModel):
    """One shot of a job of several."""

    model_config = ConfigDict(strict=True, extra="forbid")

    index: int
    prompt: str
    duration: str


class PayloadForm(BaseModel):
    """The parameters that storyboard writes itself; all others are the card's."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str
    multi_shot: bool | None = None
    shot_type: str | None = None
    prompt: str | None = None
    multi_prompt: list[ShotForm] | None = None
    negative_prompt: str | None = None
    duration: str | int | None = None
    external_task_id: str | None = None
    __pydantic_extra__: dict[str, JsonValue]

    @property
    def parameters(self) -> dict[str, JsonValue]:
        """What it sets of the card's parameters."""
        return self.__pydantic_extra__
