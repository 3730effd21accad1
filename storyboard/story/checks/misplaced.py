"""Find lines of text that look like a setting without its dot, or like an indented statement."""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyboard.cards.model_card import Catalog, ModelCard
from storyboard.cards.values import ValueRefusal, read_value
from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.rules.text import SETTING_WITHOUT_DOT, STATEMENT_IN_TEXT
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.setting_words import setting_for
from storyboard.syntax.tree import Body

_NAME = r"[^\W\d][\w-]*"
_STATEMENT = lazy_pattern(
    rf"shot {_NAME}(?: [0-9.:~(\[-][0-9.:~()\[\]-]*(?: ?(?:s|secs?|seconds?))?)?[ \t]*[:{{]?$"
    rf'|scene {_NAME}(?: "[^"]*")?(?: [0-9.]+s)?[ \t]*[:{{]?$'
    rf'|(?:story|scene(?: {_NAME})?|shot(?: {_NAME})?) "[^"]*"[^.!?]*[:{{]$'
    r"|(?:shot|scene|story|for|template|phrase)\b[^{}]*\{$"
    r'|story "[^"]*"(?: [0-9.]+s)?$'
    r'|import "[^"]*"(?: as \w+)?$'
    r"|(?:let|param) \w+ ?= "
    rf"|(?:phrase|template) \w+\([^()]*\)$"
    r"|use [\w.]+\(.*$"
    r"|for \w+ in (?:.+[,，、].+|[0-9]+\.\.[0-9]+)$"
    r"|split$|edition [0-9]+$"
)
_TAKES_TEXT = ("shot ", "scene ")
"""Statements whose body can be text."""
_HOLD_SHOTS = ("shot ", "use ", "for ")
_MODEL = lazy_pattern(r"^[ \t]*model[ \t]*[:= \t][ \t]*\"?\w+\"?[ \t]*$", re.MULTILINE)
_FIRST = lazy_pattern(r"([a-z_]+)[ \t]*[:=]?[ \t]+(\S.*)$")
_WORDS = {
    "pack": lazy_pattern("auto|shot"),
    "negatives": lazy_pattern("field|inline|both"),
    "say": lazy_pattern(r"[^\W\d_a-z][^:：]{0,30}[:：].+"),
    "caption": lazy_pattern(r"[\"“A-Z].*"),
    "note": lazy_pattern(r"[\"“A-Z].*"),
    "take": lazy_pattern("[0-9]+"),
    "budget": lazy_pattern(r"[0-9.]+ USD"),
}
_ASSIGNED = lazy_pattern(r"[a-z_]+[ \t]*=[ \t]*\S")
_LISTS = frozenset(["negative", "avoid", "prefix", "suffix"])


def settings_of(catalog: Catalog) -> dict[str, list[ModelCard]]:
    """Return the models that have each setting, by its name; `model` itself is one that all have."""
    found: dict[str, list[ModelCard]] = {"model": list(catalog.values())}
    for card in catalog.values():
        for name in card.parameters:
            found.setdefault(name, []).append(card)
    return found


def holds_shots(body: Body) -> bool:
    """Whether lines of a text are shots that were indented: they are reported as such, and not reported again
    elsewhere."""
    lines = map(str.strip, body.text.raw.split("\n")) if body.text is not None else ()
    return any(line.startswith(_HOLD_SHOTS) and _STATEMENT.match(line) is not None for line in lines)


def names_model(body: Body) -> bool:
    """Whether a line of a text names the model without the dot, which is reported as such."""
    return body.text is not None and _MODEL.search(body.text.raw) is not None


def misplaced(
    span: Span, line: str, settings: Mapping[str, list[ModelCard]], *, first: bool, last: bool, is_body: bool
) -> Diagnostic | None:
    """Report a line that was meant as a setting or a statement; None if it was not. `first` and `last` tell whether it
    begins or ends its text; `settings` are those of `settings_of`."""
    if not "a" <= line[:1] <= "z":
        return None
    if is_body and _is_setting(line, settings, first=first):
        return _without_dot(span, line, first=first)
    return _indented(span, line, last=last) if _STATEMENT.match(line) else None


def _is_setting(line: str, settings: Mapping[str, list[ModelCard]], *, first: bool) -> bool:
    match = _FIRST.match(line)
    if match is None:
        return False
    name, value = match[1], _unquoted(match[2].strip(" \t"))
    known = name in settings or name in _WORDS or name in _LISTS or setting_for(name) is not None
    if known and _ASSIGNED.match(line):
        return True
    if name in _WORDS:
        return _WORDS[name].fullmatch(value) is not None
    if name in _LISTS:
        return name in ("prefix", "suffix") or line[len(name)] in ":=" or (first and (":" in line or "," in value))
    cards = settings.get(name, [])
    if name == "model":
        return any(card.name == value for card in cards)
    return any(not isinstance(read_value(card.parameters[name], value), ValueRefusal) for card in cards)


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _without_dot(span: Span, line: str, *, first: bool) -> Diagnostic:
    match = _FIRST.match(line)
    assert match is not None
    right = f".{setting_for(match[1]) or match[1]} {_unquoted(match[2].strip())}"
    fix = Fix(f"write `{right}`", (Edit(span, right),)) if first else None
    help_ = f"write `{right}`" + ("" if first else " above the text")
    return SETTING_WITHOUT_DOT.at(span, f"`{line}` looks like a setting, but is text", help=help_, fix=fix)


def _indented(span: Span, line: str, *, last: bool) -> Diagnostic:
    """Report a statement inside a text. The fix moves it to column 0 if it takes the lines below along, or if there are
    none."""
    keyword = line.split(None, 1)[0].split("(", maxsplit=1)[0]
    message = f"this looks like a `{keyword}` statement, but is text"
    text = span.source.text
    begin = text.rfind("\n", 0, span.start) + 1
    blank = text[begin : span.start]
    fix = None
    if not blank.strip(" \t") and blank and (last or line.startswith(_TAKES_TEXT)):
        fix = Fix("move it to column 0", (Edit(Span(span.source, begin, span.start), ""),))
    return STATEMENT_IN_TEXT.at(span, message, help="move it to column 0", fix=fix)
