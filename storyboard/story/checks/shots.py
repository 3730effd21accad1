"""There are shots, and each says something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.limits import NEARLY_ALL_PERCENT
from storyboard.diagnostics.rules.limits import EMPTY_SCENE, NO_SHOTS
from storyboard.diagnostics.rules.text import EMPTY_PROMPT, NAME_MISSING
from storyboard.story.checked_draft import CheckedDraft, DraftScene
from storyboard.story.findings import chain

FEWEST_OTHERS = 4
"""Shots of a scene that must call a name before one that does not is worth a word."""


def story_has_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A story without any shot makes no film."""
    lost = not draft.whole or not all(scene.whole for scene in draft.scenes) or draft.broken.between(0, 1 << 62)
    if not draft.shots and not lost:
        help_ = "write one: `shot name 5s`, its text indented under it"
        yield NO_SHOTS.at(draft.decl.span, "this story has no shots", help=help_)


def scenes_have_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A scene without shots is a line too many, or shots too few."""
    for scene in draft.scenes:
        if scene.decl is not None and scene.whole and not scene.shots:
            message = f"scene `{scene.scene.name}` has no shots"
            yield EMPTY_SCENE.at(scene.decl.span, message, help="shots belong to the last `scene` line above them")


def prompts_say_something(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A shot's own text fills in to something."""
    for shot in draft.shots:
        own, decl = shot.prompt.own, shot.seed.decl
        if own is None or (own and not own.isspace()) or shot.own.local or draft.broken.holds(decl.span):
            continue
        has_text = decl.body.text is not None
        message = f"`{shot.seed.address}` has no prompt" + (": its text fills in to nothing" if has_text else "")
        help_ = "write what is seen, indented under it"
        yield EMPTY_PROMPT.at(decl.span, message, help=help_, related=chain(shot.seed.scope.step))


def names_run_through(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Where nearly all shots of a scene call a name, one that does not may have forgotten it."""
    for scene in draft.scenes:
        if scene.whole and len(scene.shots) > FEWEST_OTHERS:
            yield from _left_out(draft, scene)


def _left_out(draft: CheckedDraft, scene: DraftScene) -> Iterator[Diagnostic]:
    shots = [shot for shot in scene.shots if shot.own.local is None]
    called: list[Set[str]] = [draft.survey.called_by_shot.get(id(shot.seed.decl), frozenset()) for shot in shots]
    counts = Counter(name for names in called for name in names)
    least = max(FEWEST_OTHERS, len(called) * NEARLY_ALL_PERCENT / 100)
    nearly = {name: count for name, count in counts.items() if least <= count < len(called)}
    for shot, names in zip(shots, called, strict=True):
        missing = sorted(name for name in nearly if name not in names)
        if missing:
            listed = ", ".join(f"`{{{{ {name} }}}}`" for name in missing)
            others = f"{nearly[missing[0]]} of the other {len(called) - 1} shots of its scene"
            message = f"`{shot.seed.address}` does not call {listed}; {others} do"
            yield NAME_MISSING.at(shot.seed.decl.span, message, related=chain(shot.seed.scope.step))
