"""A story while it is being checked: the input of the passes in `checks/`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from storyboard.cards.model_card import Catalog
from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.story.effective_settings import EffectiveSettings, Own
from storyboard.story.expand import OpenScene, Seed
from storyboard.story.prompt import Prompt
from storyboard.story.references import Survey
from storyboard.story.story import Transition
from storyboard.story.symbols import FileNames
from storyboard.syntax.tree import Lost, SceneDecl, Statement, StoryDecl, TemplateDecl

_WORD = lazy_pattern(r"[^\W\d]\w*")
_HOLD_SHOTS = (None, "shot", "use", "for", "scene")


class DraftShot(NamedTuple):
    """A shot with the settings that apply to it."""

    seed: Seed
    look: EffectiveSettings
    own: Own
    prompt: Prompt
    damaged: bool


class DraftScene(NamedTuple):
    """A scene with its shots; `whole` is false if an error hides some of them or their length."""

    scene: OpenScene
    look: EffectiveSettings
    own: Own
    shots: tuple[DraftShot, ...]
    whole: bool

    @property
    def decl(self) -> SceneDecl | None:
        """Its line; None for `main`."""
        return self.scene.decl


def draft_transition(scene: DraftScene, shot: DraftShot) -> Transition | None:
    """Return how a shot follows the one before it: its own transition, or the scene's for the first shot; None for a
    cut."""
    found = shot.own.transition
    if found is None and scene.own.transition is not None and shot is scene.shots[0]:
        found = scene.own.transition
    return found if found is not None and found.kind != "cut" else None


@dataclass(frozen=True)
class CheckedDraft:
    """Everything known of a story before the last passes."""

    decl: StoryDecl
    look: EffectiveSettings
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
    def looks(self) -> tuple[EffectiveSettings, ...]:
        """Each look that at least one bought shot has, once."""
        return tuple({id(shot.look): shot.look for shot in self.shots if shot.own.local is None}.values())

    @cached_property
    def not_understood(self) -> frozenset[str]:
        """The words in the parts of the story's own file that were not fully understood."""
        texts = [span.text for span in self.names.unit.file.broken]
        return frozenset(word for text in texts for word in _WORD.findall(text))

    @property
    def buys_nothing(self) -> bool:
        """Whether there are shots, but none of them is bought."""
        return bool(self.shots) and all(shot.own.local is not None for shot in self.shots)


class Broken:
    """The parts of the story's files that were not understood."""

    def __init__(self, files: Sequence[FileNames], main: FileNames) -> None:
        self._spans = {id(each.unit.file.source): sorted(each.unit.file.broken, key=_start) for each in files}
        self._starts = {source: [span.start for span in spans] for source, spans in self._spans.items()}
        lost = [loss for loss in main.unit.file.lost if loss.keyword in _HOLD_SHOTS]
        elsewhere = (loss for each in files if each is not main for loss in each.unit.file.lost)
        self.in_templates = _any_in_template(lost, main.unit.file.statements) or any(
            loss.keyword in _HOLD_SHOTS and _is_indented(loss.span) for loss in elsewhere
        )
        self.shots = sorted(loss.span.start for loss in lost)

    def holds(self, span: Span) -> bool:
        """Whether a statement's segment was not fully understood."""
        return self._at(span) is not None

    def text_at(self, span: Span) -> str:
        """Return the text of a statement's segment if it was not fully understood; otherwise ""."""
        segment = self._at(span)
        return segment.text if segment else ""

    def _at(self, span: Span) -> Span | None:
        spans = self._spans.get(id(span.source))
        if not spans:
            return None
        at = bisect_right(self._starts[id(span.source)], span.start) - 1
        return spans[at] if at >= 0 and span.start < spans[at].end else None

    def between(self, start: int, end: int) -> bool:
        """Whether a statement that contains shots was lost in this part of the story."""
        return self.in_templates or bisect_left(self.shots, start) < bisect_left(self.shots, end)


def _start(span: Span) -> int:
    return span.start


def _is_indented(span: Span) -> bool:
    source: Source = span.source
    return span.start > 0 and source.text[span.start - 1] in " \t"


def _any_in_template(lost: Sequence[Lost], statements: Sequence[Statement]) -> bool:
    starts = [statement.span.start for statement in statements]
    for loss in lost:
        at = bisect_right(starts, loss.span.start) - 1
        if _is_indented(loss.span) and at >= 0 and isinstance(statements[at], TemplateDecl):
            return True
    return False
