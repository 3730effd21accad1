"""Text that was perhaps meant to be something else: a setting, a statement, a value in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard.cards.model_card import Catalog, ModelCard
from storyboard.cards.values import ValueRefusal, read_value
from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.rules.text import QUOTED_VALUE, SETTING_WITHOUT_DOT, STATEMENT_IN_TEXT
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.symbols import FileNames, Let
from storyboard.syntax.tree import (
    Body,
    ForDecl,
    PhraseDecl,
    RunStatement,
    SceneDecl,
    ShotDecl,
    StoryDecl,
    TemplateDecl,
    Text,
)

_NAME = r"[^\W\d][\w-]*"
_STATEMENT = re.compile(
    rf"shot {_NAME} [0-9.]+s$"
    rf'|scene {_NAME}(?: "[^"]*")?(?: [0-9.]+s)?$'
    r'|story "[^"]*"(?: [0-9.]+s)?$'
    r'|import "[^"]*"(?: as \w+)?$'
    r"|(?:let|param) \w+ ?= "
    rf"|(?:phrase|template) \w+\([^()]*\)$"
    rf"|use [\w.]+\(.*\)(?: as {_NAME})?$"
    r"|for \w+ in (?:.+[,，、].+|[0-9]+\.\.[0-9]+)$"
    r"|split$|edition [0-9]+$"
)
_FIRST = re.compile(r"([a-z_]+)[ \t]*[:=]?[ \t]+(\S.*)$")
_WORDS = {
    "pack": re.compile("auto|shot"),
    "negatives": re.compile("field|inline|both"),
    "take": re.compile("[0-9]+"),
    "budget": re.compile(r"[0-9.]+ USD"),
}
_LISTS = frozenset(["negative", "avoid", "prefix", "suffix"])


def wording(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Goes through the texts of the story's own file."""
    yield from _file(draft.names, draft.catalog)


def library_wording(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    """Goes through the texts of a library."""
    yield from _file(names, catalog)


def _file(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    settings = _settings_of(catalog)
    for body in _bodies(names):
        if body.text is not None:
            yield from _lines(body.text, settings, names, is_body=True)
    for symbol in names.declared:
        decl = symbol.decl
        if isinstance(symbol, Let):
            yield from _quoted(symbol)
            yield from _lines(symbol.decl.value, settings, names, is_body=False)
        elif isinstance(decl, PhraseDecl):
            yield from _lines(decl.text, settings, names, is_body=False)


def _bodies(names: FileNames) -> Iterator[Body]:
    todo: list[object] = list(names.unit.file.statements)
    while todo:
        statement = todo.pop()
        if isinstance(statement, StoryDecl | SceneDecl | ShotDecl):
            yield statement.body
        elif isinstance(statement, TemplateDecl | ForDecl):
            inner: tuple[RunStatement, ...] = statement.statements
            todo += inner


def _settings_of(catalog: Catalog) -> dict[str, list[ModelCard]]:
    found: dict[str, list[ModelCard]] = {"model": list(catalog.values())}
    for card in catalog.values():
        for name in card.parameters:
            found.setdefault(name, []).append(card)
    return found


def _lines(
    text: Text, settings: dict[str, list[ModelCard]], names: FileNames, *, is_body: bool
) -> Iterator[Diagnostic]:
    at = 0
    for index, written in enumerate(text.raw.split("\n")):
        line = written.strip(" \t")
        if "a" <= line[:1] <= "z":
            start = at + written.index(line)
            if is_body and _is_setting(line, settings, first=index == 0):
                yield _without_dot(text.span(start, start + len(line)), line, first=index == 0)
            elif _STATEMENT.match(line):
                yield _indented(text.span(start, start + len(line)), line)
        at += len(written) + 1


def _is_setting(line: str, settings: dict[str, list[ModelCard]], *, first: bool) -> bool:
    match = _FIRST.match(line)
    if match is None:
        return False
    name, value = match[1], match[2].strip(" \t")
    if name in _WORDS:
        return _WORDS[name].fullmatch(value) is not None
    if name in _LISTS:
        return first and (":" in line or "," in value or name in ("prefix", "suffix"))
    cards = settings.get(name, [])
    if name == "model":
        return any(card.name == value for card in cards)
    return any(not isinstance(read_value(card.parameters[name], value), ValueRefusal) for card in cards)


def _without_dot(span: Span, line: str, *, first: bool) -> Diagnostic:
    match = _FIRST.match(line)
    assert match is not None
    right = f".{match[1]} {match[2].strip()}"
    fix = Fix(f"write `{right}`", (Edit(span, right),)) if first else None
    help_ = f"write `{right}`" + ("" if first else " above the text")
    return SETTING_WITHOUT_DOT.at(span, f"`{line}` looks like a setting, and is text", help=help_, fix=fix)


def _indented(span: Span, line: str) -> Diagnostic:
    keyword = line.split(None, 1)[0].split("(", maxsplit=1)[0]
    message = f"this looks like a `{keyword}` statement, and is text"
    text = span.source.text
    begin = text.rfind("\n", 0, span.start) + 1
    blank = text[begin : span.start]
    fix = None
    if not blank.strip(" \t") and blank:
        fix = Fix("move it to column 0", (Edit(Span(span.source, begin, span.start), ""),))
    return STATEMENT_IN_TEXT.at(span, message, help="move it to column 0", fix=fix)


def _quoted(symbol: Let) -> Iterator[Diagnostic]:
    value = symbol.decl.value
    raw = value.raw.strip(" \t")
    if (
        len(raw) > 2
        and (raw[0], raw[-1]) in (('"', '"'), ("'", "'"), ("“", "”"))
        and not set(raw[1:-1]) & {raw[0], raw[-1]}
    ):
        start = value.raw.index(raw)
        fix = Fix("take the quotes away", (Edit(value.span(start, start + len(raw)), raw[1:-1]),))
        keyword = "param" if symbol.decl.is_param else "let"
        message = f"the quotes are part of the text of {keyword} `{symbol.decl.name.text}`"
        yield QUOTED_VALUE.at(value.span(start, start + len(raw)), message, help="a text needs no quotes", fix=fix)
