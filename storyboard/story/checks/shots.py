"""There are shots, and each says something."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.limits import EMPTY_SCENE, NO_SHOTS
from storyboard.diagnostics.rules.text import EMPTY_PROMPT
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.findings import chain


def story_has_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A story without any shot makes no film."""
    lost = not draft.whole or not all(scene.whole for scene in draft.scenes) or draft.broken.between(0, 1 << 62)
    if not draft.shots and not lost:
        help_ = "add one: `shot name 5s`, with its text indented under it"
        yield NO_SHOTS.at(draft.decl.span, "this story has no shots", help=help_)


def scenes_have_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A scene without shots is a line too many, or shots too few."""
    for scene in draft.scenes:
        if scene.decl is not None and scene.whole and not scene.shots:
            message = f"scene `{scene.scene.name}` has no shots"
            yield EMPTY_SCENE.at(
                scene.decl.span, message, help="a scene consists of the shots below it, up to the next `scene`"
            )


def prompts_say_something(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A shot's own text fills in to something."""
    for shot in draft.shots:
        own, decl = shot.prompt.own, shot.seed.decl
        if own is None or (own and not own.isspace()) or shot.own.local or draft.broken.holds(decl.span):
            continue
        has_text = decl.body.text is not None
        message = f"`{shot.seed.address}` has no prompt" + (
            "; its text is empty once names are filled in" if has_text else ""
        )
        help_ = "describe what is seen, indented under it"
        yield EMPTY_PROMPT.at(decl.span, message, help=help_, related=chain(shot.seed.scope.step))
