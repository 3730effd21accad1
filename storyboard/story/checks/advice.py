"""Advice where a story does not do what it looks like: sentences that run on, shots of different shapes."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.cards.requirements import settle
from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.advice import MIXED_RATIOS, RUNS_ON
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot
from storyboard.story.findings import chain

_ENDS = ".!?…。！？؟।॥"
_CLOSING = "\"'”’»」』)）]】*"
_JOINS = ",;:，、；：،؛—–-"
"""Characters at the end or start of a text that join it to its neighbour on purpose."""
RATIO = "aspect_ratio"
LONGEST_QUOTED = 40
"""How many characters of the following text a message quotes."""


class _Seam(NamedTuple):
    """A place where one text ends and another continues: where it ends, what follows, and the line that adds it."""

    ends: Span
    follows: str
    line: Span


def sentences_end(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report texts in a prompt that do not end their sentence before the next one begins. Each following text is
    reported once, at the first text that runs on into it."""
    told: dict[tuple[Span, bool], list[tuple[DraftShot, _Seam]]] = {}
    for shot in draft.shots:
        if shot.own.local is None and not shot.damaged:
            for seam in _run_on(shot):
                told.setdefault((seam.line, seam.ends == seam.line), []).append((shot, seam))
    for seams in told.values():
        shot, seam = seams[0]
        others = len({each.ends for _, each in seams}) - 1
        more = f"; {others} more {'texts have' if others > 1 else 'text has'} none either" if others else ""
        related = (Related("this follows", seam.line), *chain(shot.seed.scope.step)) if seam.line != seam.ends else ()
        message = f"this has no full stop before `{_short(seam.follows)}`"
        yield RUNS_ON.at(seam.ends, message, help=f"end it with a full stop or a comma{more}", related=related)


def _run_on(shot: DraftShot) -> Iterator[_Seam]:
    """Find where the parts of a shot's prompt run on."""
    look, text, own = shot.look, shot.seed.decl.body.text, shot.prompt.own
    if text is None or not own:
        return
    if look.prefix_line is not None and _runs_on(look.prefix, own) and _begins_sentence(own):
        yield _Seam(look.prefix_line.value, own, look.prefix_line.value)
    last = text.span(text.raw.rfind("\n") + 1, len(text.raw))
    if look.suffix_line is not None and _runs_on(own, look.suffix):
        yield _Seam(last, look.suffix, look.suffix_line.value)
    sentence = shot.prompt.sentence
    if look.suffix and look.suffix_line is not None and _runs_on(look.suffix, sentence):
        yield _Seam(look.suffix_line.value, sentence, look.suffix_line.value)
    elif not look.suffix and _runs_on(own, sentence):
        items = shot.own.avoid_line or look.negative_line or look.negatives_line
        yield _Seam(last, sentence, items.value if items else last)


def _runs_on(text: str, follows: str) -> bool:
    """Whether a text does not end its sentence, and what follows does not continue it on purpose."""
    if not text or not follows:
        return False
    bare = text.rstrip().rstrip(_CLOSING)
    return not bare.endswith(tuple(_ENDS + _JOINS)) and follows[0] not in _JOINS


def _begins_sentence(text: str) -> bool:
    """Whether a text begins like a sentence, so that the text before it belongs to another one."""
    return text[0].isupper()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else f"{text[: LONGEST_QUOTED - 1]}…"


def shapes_match(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report the first bought shot of a film that has another shape than the others."""
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
                f"`{shot.seed.address}` is {shape}; `{first[1].seed.address}` is {first[0]}: it will get black bars"
            )
            related = (Related(f"{first[0]} here", first[1].seed.decl.span), *chain(shot.seed.scope.step))
            yield MIXED_RATIOS.at(
                span, message, help="a film has one aspect ratio; build the other as a variant", related=related
            )
            return
