"""What a `scene` or `story` line promises, and what its shots add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.limits import BROKEN_PROMISE
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot
from storyboard.syntax.tree import DurationValue


def promises_are_kept(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """The shots of a scene, and of the story, add up to what its line says; not judged where some are not known."""
    for scene in draft.scenes:
        if scene.decl is not None and scene.decl.promise is not None and scene.whole:
            yield from _kept(f"scene `{scene.scene.name}`", scene.decl.span, scene.decl.promise, scene.shots)
    known = draft.whole and all(scene.whole for scene in draft.scenes) and not draft.broken.between(0, 1 << 62)
    if draft.decl.promise is not None and known and draft.shots:
        yield from _kept("the story", draft.decl.span, draft.decl.promise, draft.shots)


def _kept(who: str, span: Span, promise: DurationValue, shots: Sequence[DraftShot]) -> Iterator[Diagnostic]:
    total = sum((_in_film(shot) for shot in shots), Decimal(0))
    if total == promise.seconds:
        return
    apart = abs(total - promise.seconds)
    more = "more" if total > promise.seconds else "less"
    yield BROKEN_PROMISE.at(
        span,
        f"{who} promises {_seconds(promise.seconds)}; its shots add up to {_seconds(total)}",
        label=f"{_seconds(apart)} {more} than promised",
        help=f"change a shot, or change the promise to `{_plain(total)}s`",
        related=[Related(_listed(shot), shot.seed.decl.span) for shot in shots],
    )


def _listed(shot: DraftShot) -> str:
    return f"{_seconds(_in_film(shot))} `{shot.seed.address}`"


def _in_film(shot: DraftShot) -> Decimal:
    part = shot.own.part
    return part.end - part.start if part else shot.seed.seconds or Decimal(0)


def _seconds(seconds: Decimal) -> str:
    return f"{_plain(seconds)} s"


def _plain(seconds: Decimal) -> str:
    return f"{seconds.normalize():f}"
