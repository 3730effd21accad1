"""A checked story: names resolved, templates and loops expanded to shots with addresses, text evaluated and laid
out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from storyboard.cards.model_card import Json
from storyboard.diagnostics import Related
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span


class Share(NamedTuple):
    """How much one contributor adds to a prompt or list, in code points, and where the author wrote it."""

    what: str
    length: int
    span: Span


class PromptParts(NamedTuple):
    """The parts of a prompt, in order: `.prefix`, the shot's own text, `.suffix`, and the avoid sentence; "" for a
    missing part."""

    prefix: str
    own: str
    suffix: str
    avoided: str


class Spoken(NamedTuple):
    """Words that someone says in a shot; `speaker` is "" if nobody is named."""

    speaker: str
    text: str

    @property
    def written(self) -> str:
        """As a script has it: `Mei: We are late.`"""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


class WordsBeside(NamedTuple):
    """Words that go with a shot and into no prompt: spoken ones, those on the screen, notes for the crew."""

    say: tuple[Spoken, ...] = ()
    captions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING_BESIDE = WordsBeside()


class UsedPart(NamedTuple):
    """The part of a shot that the film uses, in seconds of the shot, and the `.cut` line."""

    start: Decimal
    end: Decimal
    span: Span


class Transition(NamedTuple):
    """How a shot follows the one before it: for `seconds` both are seen, or the picture goes through black.

    A `dissolve` makes the film shorter by its length, because both shots play at the same time. A `fade` takes half of
    its length from each shot. A `cut` has no length.
    """

    kind: Literal["cut", "fade", "dissolve"]
    seconds: Decimal
    span: Span

    @property
    def written(self) -> str:
        """As an author writes it: `dissolve 0.5s`."""
        return self.kind if self.kind == "cut" else f"{self.kind} {self.seconds.normalize():f}s"


class Music(NamedTuple):
    """The music under the film: a file from the second `start` on, `gain` decibels louder, and the `.music` line.

    `file` is as the author wrote it, relative to the file with the line.
    """

    file: str
    start: Decimal
    gain: Decimal
    span: Span

    @property
    def path(self) -> Path:
        """Where the file is, links not resolved."""
        return self.span.source.path.parent / self.file


class LocalSource(NamedTuple):
    """What a shot is made from that is not bought: footage from the second `start` on, a picture, or a title card.

    `file` is as the author wrote it, relative to the file with the line at `span`; "" for a card.
    """

    kind: Literal["clip", "still", "card"]
    file: str
    start: Decimal
    span: Span

    @property
    def path(self) -> Path:
        """Where the file is, links not resolved."""
        return self.span.source.path.parent / self.file


class Origin(NamedTuple):
    """Where a shot comes from: its header's span, and the chain of `use` and `for` that led there, innermost first."""

    span: Span
    chain: tuple[Related, ...] = ()


class Negatives(NamedTuple):
    """The shared negatives, sent in a field of their own, and the last `.negative` line that added to them."""

    items: tuple[str, ...]
    span: Span | None = None

    @property
    def joined(self) -> str:
        """As sent: "" when there are none."""
        return ", ".join(self.items)


@dataclass(frozen=True, slots=True)
class Shot:
    """A checked shot.

    `prompt` is what is sent: evaluated, laid out, in NFC, with prefix, suffix and avoid sentence; "" only after an
    error. `parameters` holds what the story set of the card's parameters (checked, as JSON), `watermark_info` included;
    defaults are not filled in. `negative` is the field's part only (empty where negatives go inline). `setting_spans`
    tells, for each parameter, the line that set it. `own_negative` is the shot's own `.negative` line, if it has one.
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
    """False if an error leaves its length unknown; `seconds` is 0 then."""
    damaged: bool = False
    """An error may have changed its settings, length or text, so follow-up errors are not shown."""
    shares: tuple[Share, ...] = ()
    """Who contributed what to `prompt`; filled only for a prompt over nine tenths of a limit of its model."""
    parts: PromptParts | None = None
    """What `prompt` was joined from; None if nothing was added to the shot's own text."""
    beside: WordsBeside = NOTHING_BESIDE
    part: UsedPart | None = None
    """The part that the film uses; None for all of it."""
    local: LocalSource | None = None
    """What it is made from, if it is not bought; `prompt` is its own text then and is sent nowhere."""
    transition: Transition | None = None
    """How it follows the shot before it; None for a cut."""

    @property
    def film_seconds(self) -> Decimal:
        """Its length in the film, in seconds."""
        return self.part.end - self.part.start if self.part else self.seconds

    @property
    def overlap(self) -> Decimal:
        """For how many seconds it is seen together with the shot before it."""
        return self.transition.seconds if self.transition and self.transition.kind == "dissolve" else Decimal(0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene in story order; `main` where shots stand before any scene (then `span` is the story line)."""

    name: str
    title: str
    text: str
    promise: Decimal | None
    span: Span
    notes: tuple[str, ...] = ()


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
    notes: tuple[str, ...] = ()
    music: Music | None = None
    language: str = ""
    """The language of the film's words, as a tag such as `en` or `zh-Hant`; "" where it is not said."""

    @property
    def seconds(self) -> Decimal:
        """How long the film is."""
        return sum((shot.film_seconds - shot.overlap for shot in self.shots), Decimal(0))

    @property
    def local_shots(self) -> tuple[Shot, ...]:
        """The shots that are not bought."""
        return tuple(shot for shot in self.shots if shot.local is not None)
