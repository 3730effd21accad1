"""The names that a text can insert: those of its file, its parameters, and the place where it is used."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.findings import ChainLink
from storyboard.story.symbols import FileNames
from storyboard.story.values import Number, Value


class Gap(Enum):
    """A placeholder for a value that is missing because of a reported error, or because it is still being computed."""

    BROKEN = auto()
    PENDING = auto()


@dataclass(slots=True)
class SceneFacts:
    """Facts about the scene that a text is used in."""

    name: str
    title: str
    text: str | Gap = Gap.PENDING
    span: Span | None = None


class ShotFacts(NamedTuple):
    """Facts about the shot that a text is used in."""

    name: str
    seconds: Number | Gap
    say: str | Gap = ""


class Place(NamedTuple):
    """The place of use. `who` names it in messages about something unavailable there: "a setting of `story`"."""

    who: str
    scene: SceneFacts | None = None
    shot: ShotFacts | None = None


class Scope(NamedTuple):
    """The names in scope of a text: those of its file, the place of use, its parameters; and the chain that led to
    it."""

    names: FileNames
    place: Place
    values: Mapping[str, Value | Gap] = {}
    step: ChainLink | None = None
