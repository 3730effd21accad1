"""A story while it is checked: what the passes of `checks` look at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from storyboard.cards.model import Catalog
from storyboard.source import Source, Span
from storyboard.story.expand import OpenScene, Seed
from storyboard.story.look import Look, Own
from storyboard.story.names import FileNames
from storyboard.story.prompt import Prompt
from storyboard.story.survey import Survey
from storyboard.syntax.tree import ForDecl, SceneDecl, Statement, StoryDecl, TemplateDecl

_HOLD_SHOTS = (None, "shot", "use", "for", "scene")


@dataclass(frozen=True, slots=True)
class DraftShot:
    """A shot with what holds for it."""

    seed: Seed
    look: Look
    own: Own
    prompt: Prompt
    damaged: bool


@dataclass(frozen=True, slots=True)
class DraftScene:
    """A scene with its shots; `whole` is false where an error was told that hides some of them or their length."""

    scene: OpenScene
    look: Look
    shots: tuple[DraftShot, ...]
    whole: bool

    @property
    def decl(self) -> SceneDecl | None:
        """Its line; None for `main`."""
        return self.scene.decl


@dataclass(frozen=True)
class Draft:
    """Everything known of a story before the last passes."""

    decl: StoryDecl
    look: Look
    own: Own
    names: FileNames
    files: tuple[FileNames, ...]
    survey: Survey
    catalog: Catalog
    scenes: tuple[DraftScene, ...]
    expanded: frozenset[int]
    whole: bool
    broken: Broken

    @cached_property
    def shots(self) -> tuple[DraftShot, ...]:
        """All shots in story order."""
        return tuple(shot for scene in self.scenes for shot in scene.shots)

    @cached_property
    def looks(self) -> tuple[Look, ...]:
        """Each look that holds for some shot, once."""
        return tuple({id(shot.look): shot.look for shot in self.shots}.values())


class Broken:
    """What of the story's files was not understood."""

    def __init__(self, files: Iterable[FileNames], main: FileNames) -> None:
        self._spans = {id(each.unit.file.source): sorted(each.unit.file.broken, key=_start) for each in files}
        self._starts = {source: [span.start for span in spans] for source, spans in self._spans.items()}
        lost = [loss for loss in main.unit.file.lost if loss.keyword in _HOLD_SHOTS]
        statements = main.unit.file.statements
        self.in_templates = any(_lies_in_template(loss.span, statements) for loss in lost) or any(
            loss.keyword in _HOLD_SHOTS and _is_indented(loss.span)
            for each in files
            if each is not main
            for loss in each.unit.file.lost
        )
        self.shots = [loss.span.start for loss in lost]

    def holds(self, span: Span) -> bool:
        """Whether a statement's own segment was not wholly understood."""
        return bool(self.text_at(span))

    def text_at(self, span: Span) -> str:
        """The statement's own segment, where it was not wholly understood; else nothing."""
        spans = self._spans.get(id(span.source), [])
        at = bisect_right(self._starts.get(id(span.source), []), span.start) - 1
        return spans[at].text if at >= 0 and span.start < spans[at].end else ""

    def between(self, start: int, end: int) -> bool:
        """Whether a statement that holds shots is lost in this part of the story."""
        return self.in_templates or any(start <= at < end for at in self.shots)


def _start(span: Span) -> int:
    return span.start


def _is_indented(span: Span) -> bool:
    source: Source = span.source
    return span.start > 0 and source.text[span.start - 1] in " \t"


def _lies_in_template(span: Span, statements: Sequence[Statement]) -> bool:
    if not _is_indented(span):
        return False
    before = [each for each in statements if each.span.start < span.start]
    outer = next((each for each in reversed(before) if isinstance(each, TemplateDecl | ForDecl)), None)
    return isinstance(outer, TemplateDecl)
