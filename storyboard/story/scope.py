"""What a text sees while it is filled in: its file's names, its parameters, and the place where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from storyboard.source import Span
from storyboard.story.findings import ChainLink
from storyboard.story.symbols import FileNames
from storyboard.story.values import Number, Value


class Gap(Enum):
    """What stands where a value is missing because of an error that was told, or because it is being worked out."""

    BROKEN = auto()
    PENDING = auto()


@dataclass(slots=True)
class SceneFacts:
    """What a text may ask of the scene it is used in."""

    name: str
    title: str
    text: str | Gap = Gap.PENDING
    span: Span | None = None


class ShotFacts(NamedTuple):
    """What a text may ask of the shot it is used in."""

    name: str
    seconds: Number | Gap
    say: str | Gap = ""


class Place(NamedTuple):
    """The place of use. `who` names it where something is not to be had there: «a setting of `story`»."""

    who: str
    scene: SceneFacts | None = None
    shot: ShotFacts | None = None


class Scope(NamedTuple):
    """What a text sees: its file's names, the place of use, its parameters; and how it was reached."""

    names: FileNames
    place: Place
    values: Mapping[str, Value | Gap] = {}
    step: ChainLink | None = None
