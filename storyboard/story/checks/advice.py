"""What a story loses or says otherwise than it looks: sentences that run on, shapes that do not match."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.cards.requirements import settle
from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.advice import MIXED_RATIOS, RUNS_ON
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot
from storyboard.story.findings import chain

_ENDS = ".!?…。！？؟।॥"
_CLOSING = "\"'”’»」』)）]】"
RATIO = "aspect_ratio"


def sentences_end(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Where a sentence of negatives follows, what stands before it ends with a full stop."""
    told: set[Span] = set()
    for shot in draft.shots:
        place = _before_the_sentence(shot) if shot.prompt.sentence and shot.prompt.own else None
        if place is not None and place not in told:
            told.add(place)
            message = f"this runs on into `{shot.prompt.sentence[:40]}`"
            help_ = "end it with a full stop"
            yield RUNS_ON.at(place, message, help=help_, related=chain(shot.seed.scope.step))


def _before_the_sentence(shot: DraftShot) -> Span | None:
    """The place of the text before the sentence, where that does not end; None where it does."""
    line, text = shot.look.suffix_line, shot.seed.decl.body.text
    if shot.look.suffix and line is not None:
        return None if _is_ended(shot.look.suffix) else line.value
    if text is None or shot.prompt.own is None or _is_ended(shot.prompt.own):
        return None
    return text.span(text.raw.rfind("\n") + 1, len(text.raw))


def _is_ended(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSING).endswith(tuple(_ENDS))


def shapes_match(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """All bought shots of a film have one shape; the first that has another is told."""
    first: tuple[object, DraftShot] | None = None
    for shot in draft.shots:
        card = draft.catalog.get(shot.look.model)
        if card is None or shot.own.local is not None or shot.damaged:
            continue
        shape = settle(card, shot.look.parameters).get(RATIO)
        if first is None:
            first = shape, shot
        elif shape != first[0] and shape is not None and first[0] is not None:
            line = shot.look.written.get(RATIO)
            span = line.span if line else shot.seed.decl.span
            message = (
                f"`{shot.seed.address}` is {shape}; `{first[1].seed.address}` is {first[0]}: it stands between bars"
            )
            related = (Related(f"{first[0]} here", first[1].seed.decl.span), *chain(shot.seed.scope.step))
            yield MIXED_RATIOS.at(span, message, help="a film has one shape; make the other a variant", related=related)
            return
