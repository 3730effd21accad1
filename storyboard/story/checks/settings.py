"""Check settings that depend on others, and settings of templates that no `use` expands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.cards.model_card import Catalog, ModelCard, Requirement
from storyboard.cards.requirements import broken, settle
from storyboard.cards.values import either
from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.diagnostics.rules.limits import NEEDS, NO_MODEL, NO_NEGATIVE_FIELD
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.checks.misplaced import names_model
from storyboard.story.effective_settings import EffectiveSettings, SettingLine
from storyboard.story.evaluate import Evaluator
from storyboard.story.findings import Findings
from storyboard.story.scope import Gap, Place, Scope
from storyboard.story.settings import Looks
from storyboard.story.symbols import FileNames, Template
from storyboard.syntax.tree import ForDecl, RunStatement, ShotDecl

_OUTWARD = ("story", "scene", "shot")


def model_is_named(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report shots without a model once, at the story."""
    if draft.buys_nothing:
        return
    looks = draft.looks or (draft.look,)
    nameless = any(not look.model and look.model_line is None for look in looks)
    if nameless and "model" not in draft.broken.text_at(draft.decl.span) and not names_model(draft.decl.body):
        known = "kirin_v3_t2v" if "kirin_v3_t2v" in draft.catalog else next(iter(draft.catalog), "")
        line = f".model {known}"
        fix = Fix(f"add `{line}`", (_line_behind(draft.decl.span, line, "  "),)) if known else None
        help_ = f"add `{line}` under the `story` line; `storyboard models` lists all models"
        yield NO_MODEL.at(draft.decl.span, "this story names no model", help=help_, fix=fix)


def requirements_hold(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a parameter that needs another one which is not set."""
    for look in draft.looks:
        card = draft.catalog.get(look.model)
        if card is not None and not look.damaged:
            for requirement, needed in broken(card, look.parameters):
                yield _missing(card, look, requirement, needed)


def negatives_have_a_field(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report shared negatives that are to go into a field that the model does not have."""
    for look in draft.looks:
        card = draft.catalog.get(look.model)
        line = look.negative_line
        if card is None or card.max_negative is not None or not look.negative or look.negatives == "inline" or not line:
            continue
        yield NO_NEGATIVE_FIELD.at(
            line.span,
            f"{card.name} has no negative prompt",
            help="with `.negatives inline` they are added to every prompt",
            fix=_inline(look, line),
        )


def settings_of_idle_templates(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Check the settings of templates that no `use` expands, as written."""
    for names in draft.files:
        for symbol in names.declared:
            if isinstance(symbol, Template) and id(symbol.decl) not in draft.expanded:
                yield from _settings_in(symbol, draft.catalog)


def settings_of_library_templates(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    """Check the settings of a library's templates, as written."""
    for symbol in names.declared:
        if isinstance(symbol, Template):
            yield from _settings_in(symbol, catalog)


def _settings_in(template: Template, catalog: Catalog) -> Iterator[Diagnostic]:
    """Read each shot's settings without the values that a `use` would pass."""
    findings = Findings()
    looks = Looks(Evaluator(findings, ""), catalog)
    values = {parameter.name.text: Gap.BROKEN for parameter in template.decl.parameters}
    for shot, loops in _shots(template.decl.statements):
        scope = Scope(template.home, Place("this"), {**values, **dict.fromkeys(loops, Gap.BROKEN)})
        standing_alone = [each for each in shot.body.settings if each.name.text != "negative"]
        looks.read(standing_alone, "shot", EffectiveSettings(), scope)
    yield from findings.all


def _shots(statements: Sequence[RunStatement]) -> Iterator[tuple[ShotDecl, tuple[str, ...]]]:
    todo: list[tuple[RunStatement, tuple[str, ...]]] = [(each, ()) for each in statements]
    while todo:
        statement, loops = todo.pop()
        if isinstance(statement, ShotDecl):
            yield statement, loops
        elif isinstance(statement, ForDecl):
            todo += [(each, (*loops, statement.variable.text)) for each in statement.statements]


def _missing(card: ModelCard, look: EffectiveSettings, requirement: Requirement, needed: str) -> Diagnostic:
    settled = settle(card, look.parameters)
    cause, other = _line_of(card, look, requirement.parameter), _line_of(card, look, needed)
    line = _innermost(cause, other)
    assert line is not None
    says = either([f"`{_said(needed, value)}`" for value in requirement.needs[needed]])
    has = f"{needed} is `{settled.get(needed)}`" if needed in settled else f"there is no {needed}"
    by_default = "" if other else " by default"
    parameter = requirement.parameter
    value = f" {settled[parameter]}" if requirement.values else ""
    first = requirement.needs[needed][0]
    fix = None
    if other is None and cause is not None:
        fix = Fix(f"add `{_said(needed, first)}`", (_line_behind(cause.span, _said(needed, first)),))
    related = [Related("set here", each.span) for each in (cause, other) if each is not None and each is not line]
    return NEEDS.at(
        line.span,
        f"in {card.name} `.{parameter}{value}` requires {says}; {has}{by_default}",
        help=f"write {says}, or remove `.{parameter}`",
        fix=fix,
        related=related,
    )


def _said(parameter: str, value: str) -> str:
    return f".{parameter} {value}"


def _line_of(card: ModelCard, look: EffectiveSettings, parameter: str) -> SettingLine | None:
    return look.written.get(parameter) if parameter in card.parameters else None


def _innermost(cause: SettingLine | None, other: SettingLine | None) -> SettingLine | None:
    if cause is None or other is None:
        return cause or other
    return other if _OUTWARD.index(other.level) > _OUTWARD.index(cause.level) else cause


def _inline(look: EffectiveSettings, line: SettingLine) -> Fix:
    if look.negatives_line is not None:
        return Fix("write `.negatives inline`", (Edit(look.negatives_line.value, "inline"),))
    return Fix("add `.negatives inline`", (_line_behind(line.span, ".negatives inline"),))


def _line_behind(span: Span, line: str, indent: str | None = None) -> Edit:
    """Return an edit that adds a line after the one that `span` ends, indented like it unless `indent` is given."""
    text = span.source.text
    if indent is None:
        begin = text.rfind("\n", 0, span.start) + 1
        indent = text[begin : span.start]
    end = text.find("\n", span.end)
    end = len(text) if end < 0 else end
    line_end = "\n"
    if text[end - 1 : end] == "\r":
        end, line_end = end - 1, "\r\n"
    return Edit(Span(span.source, end, end), f"{line_end}{indent}{line}")
