"""Check that a story has shots, and that each has a prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.limits import EMPTY_SCENE, NO_SHOTS
from storyboard.diagnostics.rules.text import EMPTY_PROMPT
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.checks.misplaced import holds_shots
from storyboard.story.findings import chain
from storyboard.syntax.tree import SceneDecl

_WORD = lazy_pattern(r"[^\W\d]\w*")


def story_has_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a story without a shot."""
    lost = not draft.whole or not all(scene.whole for scene in draft.scenes) or draft.broken.between(0, 1 << 62)
    bodies = [draft.decl.body, *(scene.decl.body for scene in draft.scenes if scene.decl is not None)]
    lost = lost or any(map(holds_shots, bodies))
    if not draft.shots and not lost:
        help_ = "add one: `shot name 5s`, with its text indented under it"
        yield NO_SHOTS.at(draft.decl.span, "this story has no shots", help=help_)


def scenes_have_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a scene without a shot."""
    declared = Counter(
        statement.name.text for statement in draft.names.unit.file.statements if isinstance(statement, SceneDecl)
    )
    for scene in draft.scenes:
        is_told = declared[scene.scene.name] > 1  # reported as a scene that is declared twice
        is_told = is_told or (scene.decl is not None and holds_shots(scene.decl.body))
        if scene.decl is not None and scene.whole and not scene.shots and not is_told:
            message = f"scene `{scene.scene.name}` has no shots"
            yield EMPTY_SCENE.at(
                scene.decl.span, message, help="a scene consists of the shots below it, up to the next `scene`"
            )


def prompts_say_something(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a shot whose own text is empty."""
    for shot in draft.shots:
        own, decl = shot.prompt.own, shot.seed.decl
        if own is None or (own and not own.isspace()) or shot.own.local or draft.broken.holds(decl.span):
            continue
        has_text = decl.body.text is not None
        if any(setting.name.text == "prompt" for setting in decl.body.settings):
            continue  # reported already: its text follows a setting
        if decl.body.text is not None and draft.not_understood.intersection(_WORD.findall(decl.body.text.raw)):
            continue  # it fills in something that was not understood, which is reported
        message = f"`{shot.seed.address}` has no prompt" + (
            "; its text is empty once names are filled in" if has_text else ""
        )
        help_ = "describe what is seen, indented under it"
        yield EMPTY_PROMPT.at(decl.span, message, help=help_, related=chain(shot.seed.scope.step))
