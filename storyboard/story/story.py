"""The story as meant: names resolved, templates and loops expanded to addressed shots, text filled in and laid out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

from storyboard.cards.model_card import Json
from storyboard.diagnostics import Related
from storyboard.source import Span


class Share(NamedTuple):
    """What one contributor adds to a prompt or list, in code points, and where the author wrote it."""

    what: str
    length: int
    span: Span


class Origin(NamedTuple):
    """Where a shot stands: its header's span, and the chain of `use` and `for` that led there, innermost first."""

    span: Span
    chain: tuple[Related, ...] = ()


class Negatives(NamedTuple):
    """The shared negatives that travel in the job's `negative_prompt`, and the last `.negative` line that added."""

    items: tuple[str, ...]
    span: Span | None = None

    @property
    def joined(self) -> str:
        """As sent: "" when there are none."""
        return ", ".join(self.items)


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot as meant.

    `prompt` is what is sent: filled in, laid out, in NFC, with prefix, suffix and the negated sentence; "" only where
    an error said so. `parameters` holds what the story set of the card's parameters (checked, as JSON),
    `watermark_info` included; defaults are not filled in. `negative` is the field's part only (empty where negatives
    go inline). `setting_spans` tells, for each parameter, the line that set it. `own_negative` is the shot's own
    `.negative` line, if it has one.
    """

    address: str
    scene: str
    name: str
    seconds: Decimal
    prompt: str
    model: str
    parameters: Mapping[str, Json]
    negative: Negatives
    pack: Literal["auto", "shot"]
    take: int | None
    split_before: bool
    origin: Origin
    own_negative: Span | None = None
    take_span: Span | None = None
    setting_spans: Mapping[str, Span] = field(default_factory=dict)
    length_known: bool = True
    """False where an error was shown that leaves its length unknown; `seconds` is nought then."""
    damaged: bool = False
    """An error was shown that may have changed its settings, length or text: what would only follow is not shown."""
    shares: tuple[Share, ...] = ()
    """Who contributed what to `prompt`; filled only for a prompt over nine tenths of a limit of its model."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene in story order; `main` where shots stand before any scene (then `span` is the story line)."""

    name: str
    title: str
    text: str
    promise: Decimal | None
    span: Span


@dataclass(frozen=True, slots=True)
class Story:
    """A checked story. `shots` are in story order, scene after scene."""

    path: Path
    title: str
    logline: str
    promise: Decimal | None
    budget: Decimal | None
    span: Span
    scenes: tuple[Scene, ...]
    shots: tuple[Shot, ...]
    budget_span: Span | None = None

    @property
    def seconds(self) -> Decimal:
        """How long the film is."""
        return sum((shot.seconds for shot in self.shots), Decimal(0))
