"""Check settings about the film: the used part of a shot, its source, how it begins, what is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.diagnostics.rules.film import CUT_MISFIT, LOCAL_SETTING, SAY_NOT_SPOKEN, TRANSITION_MISFIT
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot, draft_transition
from storyboard.story.findings import chain
from storyboard.story.settings import NOT_FOR_A_MODEL
from storyboard.story.story import Transition

_SOUND = "sound"


def cuts_fit(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a `.cut` that does not lie within its shot, or whose shot has no length to cut from."""
    for shot in draft.shots:
        part, seconds, related = shot.own.part, shot.seed.seconds, chain(shot.seed.scope.step)
        if part is None or seconds is None:
            continue
        if shot.own.local is not None:
            message = f"`.{shot.own.local.kind}` can have any length, so there is nothing to cut"
            help_ = f"write `{shot.seed.decl.name.text} {_plain(part.end - part.start)}s` in its header"
            yield CUT_MISFIT.at(part.span, message, help=help_, related=related)
        elif part.end > seconds:
            message = f"`.cut` ends at {_plain(part.end)} s; `{shot.seed.address}` lasts {_plain(seconds)} s"
            yield CUT_MISFIT.at(part.span, message, help="end it earlier, or make the shot longer", related=related)


def free_shots_take_no_model_settings(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report settings for a model on a shot that is not bought."""
    for shot in draft.shots:
        if shot.own.local is not None:
            yield from _for_a_model(shot, shot.own.local.kind)


def _for_a_model(shot: DraftShot, kind: str) -> Iterator[Diagnostic]:
    for setting in shot.seed.decl.body.settings:
        name = setting.name.text
        if name not in NOT_FOR_A_MODEL:
            message = f"`.{name}` is for a model, but a `.{kind}` shot is made without one"
            fix = Fix("remove the line", (Edit(_whole_line(setting.span), ""),))
            related = chain(shot.seed.scope.step)
            yield LOCAL_SETTING.at(setting.span, message, help="remove it", fix=fix, related=related)


def spoken_words_are_written_in(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a `.say` that is not in the prompt although sound is on: the model speaks only what its prompt says."""
    for shot in draft.shots:
        line, card = shot.own.say_line, draft.catalog.get(shot.look.model)
        if line is None or card is None or shot.own.local is not None or shot.damaged:
            continue
        rule = card.parameters.get(_SOUND)
        if rule is None or shot.look.parameters.get(rule.name, rule.default) not in ("on", True):
            continue
        if not all(each.text in shot.prompt.text for each in shot.own.beside.say):
            message = f"`{shot.seed.address}` has sound, but its prompt does not contain the words of its `.say`"
            help_ = "write `{{ shot.say }}` in its text to insert the words, or `.sound off` for a silent shot"
            yield SAY_NOT_SPOKEN.at(line.span, message, help=help_, related=chain(shot.seed.scope.step))


def transitions_fit(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a transition that has no shot before it, and a shot that is shorter than its two transitions together."""
    shots = [(shot, draft_transition(scene, shot)) for scene in draft.scenes for shot in scene.shots]
    follows = [transition for _, transition in shots[1:]]
    told: set[int] = set()
    for number, ((shot, begins), ends) in enumerate(zip(shots, [*follows, None], strict=False)):
        if number == 0 and begins is not None and begins.kind == "dissolve":
            message = f"no shot comes before `{shot.seed.address}`, so there is nothing to dissolve from"
            help_ = f"`.transition fade {_plain(begins.seconds)}s` begins the film in black"
            yield TRANSITION_MISFIT.at(begins.span, message, help=help_, related=chain(shot.seed.scope.step))
            continue
        line = begins or ends
        lasts = shot.own.part.end - shot.own.part.start if shot.own.part else shot.seed.seconds
        needs = (begins.seconds if number == 0 and begins else _share(begins)) + _share(ends)
        if line is not None and line.span.start not in told and lasts is not None and needs > lasts:
            told.add(line.span.start)
            what = "its transitions need" if begins and ends else "its transition needs"
            message = f"`{shot.seed.address}` lasts {_plain(lasts)} s; {what} {_plain(needs)} s of it"
            help_ = "make the transition shorter, or the shot longer"
            related = [Related("the shot", shot.seed.decl.span), *chain(shot.seed.scope.step)]
            yield TRANSITION_MISFIT.at(line.span, message, help=help_, related=related)


def _share(transition: Transition | None) -> Decimal:
    """Return how many seconds of each of its shots a transition takes."""
    if transition is None:
        return Decimal(0)
    return transition.seconds if transition.kind == "dissolve" else transition.seconds / 2


def _plain(seconds: object) -> str:
    return f"{seconds:f}".rstrip("0").rstrip(".") if "." in f"{seconds:f}" else f"{seconds:f}"


def _whole_line(span: Span) -> Span:
    text = span.source.text
    end = text.find("\n", span.end)
    return Span(span.source, text.rfind("\n", 0, span.start) + 1, len(text) if end < 0 else end + 1)
