"""Compare the length that a `scene` or `story` line promises with the sum of its shots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.limits import BROKEN_PROMISE
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftScene, DraftShot, draft_transition
from storyboard.story.checks.misplaced import holds_shots
from storyboard.story.effective_settings import Own
from storyboard.syntax.tree import DurationValue, SceneDecl, ShotDecl


def promises_are_kept(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a scene or a story whose shots do not add up to the promised length; not checked if some lengths are
    unknown."""
    for scene in draft.scenes:
        is_known = scene.decl is not None and scene.whole and not holds_shots(scene.decl.body)
        if scene.decl is not None and scene.decl.promise is not None and is_known:
            yield from _kept(f"scene `{scene.scene.name}`", scene.decl.span, scene.decl.promise, [scene])
    known = draft.whole and all(scene.whole for scene in draft.scenes) and not draft.broken.between(0, 1 << 62)
    bodies = [draft.decl.body, *(scene.decl.body for scene in draft.scenes if scene.decl is not None)]
    if draft.decl.promise is not None and known and draft.shots and not any(map(holds_shots, bodies)):
        yield from _kept("the story", draft.decl.span, draft.decl.promise, draft.scenes)


def _kept(who: str, span: Span, promise: DurationValue, scenes: Sequence[DraftScene]) -> Iterator[Diagnostic]:
    if any(_is_misread(scene.decl, scene.own) for scene in scenes):
        return
    if any(_is_misread(shot.seed.decl, shot.own) for scene in scenes for shot in scene.shots):
        return
    lengths = [(shot, _in_film(scene, shot)) for scene in scenes for shot in scene.shots]
    total = sum((seconds for _, seconds in lengths), Decimal(0))
    if total == promise.seconds:
        return
    apart = abs(total - promise.seconds)
    more = "more" if total > promise.seconds else "less"
    yield BROKEN_PROMISE.at(
        span,
        f"{who} promises {_seconds(promise.seconds)}; its shots add up to {_seconds(total)}",
        label=f"{_seconds(apart)} {more} than promised",
        help=f"change a shot, or change the promise to `{_plain(total)}s`",
        related=[
            Related(f"{_seconds(seconds)} `{shot.seed.address}`", shot.seed.decl.span) for shot, seconds in lengths
        ],
    )


def _is_misread(decl: SceneDecl | ShotDecl | None, own: Own) -> bool:
    """Whether its cut or transition could not be read, which is reported already and leaves its length unknown."""
    named = {setting.name.text for setting in decl.body.settings} if decl is not None else frozenset()
    return ("cut" in named and own.part is None) or ("transition" in named and own.transition is None)


def _in_film(scene: DraftScene, shot: DraftShot) -> Decimal:
    """Return by how much a shot makes the film longer: an overlap with the shot before it counts once."""
    part, begins = shot.own.part, draft_transition(scene, shot)
    lasts = part.end - part.start if part else shot.seed.seconds or Decimal(0)
    return lasts - begins.seconds if begins and begins.kind == "dissolve" else lasts


def _seconds(seconds: Decimal) -> str:
    return f"{_plain(seconds)} s"


def _plain(seconds: Decimal) -> str:
    return f"{seconds.normalize():f}"
