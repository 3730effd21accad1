"""The settings in effect at a place, inherited from story to scene to shot."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

from storyboard.cards.model_card import Json
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.story import NOTHING_BESIDE, LocalSource, Music, Transition, UsedPart, WordsBeside

Level: TypeAlias = Literal["story", "scene", "shot"]


class SettingLine(NamedTuple):
    """A setting's value, with names replaced, and its line."""

    text: str
    span: Span
    level: Level
    value: Span


class EffectiveSettings(NamedTuple):
    """The settings in effect at a place. `written` are the model's parameters as the story has them, `parameters` their
    JSON values; `damaged` is true if a setting in effect had an error."""

    model: str = ""
    model_line: SettingLine | None = None
    written: Mapping[str, SettingLine] = {}
    parameters: Mapping[str, Json] = {}
    negative: tuple[str, ...] = ()
    negative_line: SettingLine | None = None
    negatives: str = "field"
    negatives_line: SettingLine | None = None
    prefix: str = ""
    prefix_line: SettingLine | None = None
    suffix: str = ""
    suffix_line: SettingLine | None = None
    pack: Literal["auto", "shot"] = "auto"
    pack_line: SettingLine | None = None
    damaged: bool = False


class Own(NamedTuple):
    """Settings of one body that are not inherited."""

    avoid: tuple[str, ...] = ()
    avoid_line: SettingLine | None = None
    negative_line: SettingLine | None = None
    take: int | None = None
    take_line: SettingLine | None = None
    budget: Decimal | None = None
    budget_line: SettingLine | None = None
    beside: WordsBeside = NOTHING_BESIDE
    say_line: SettingLine | None = None
    part: UsedPart | None = None
    local: LocalSource | None = None
    transition: Transition | None = None
    music: Music | None = None
    language: str = ""


NOTHING_OWN = Own()
