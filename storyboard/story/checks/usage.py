"""Report names that are never used."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.names import UNUSED
from storyboard.story.checked_draft import CheckedDraft
from storyboard.story.symbols import Declared, FileNames, Let, Phrase, Template
from storyboard.syntax.tree import ImportDecl


def names_are_used(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report names that the story declares or imports and uses nowhere, not even in a line that was not understood."""
    names = draft.names
    in_the_dark = draft.not_understood | draft.survey.in_the_dark
    for symbol in names.declared:
        name = symbol.decl.name
        is_idle = symbol not in draft.survey.used and names.visible.get(name.text) is symbol
        if isinstance(symbol, Template) and not draft.shots:
            continue  # reported as a story without shots
        if is_idle and not _serves(symbol) and name.text not in in_the_dark:
            yield UNUSED.at(name.span, f"{_keyword(symbol)} `{name.text}` is never used", help=_way_out(symbol))
    for statement in names.unit.file.statements:
        if isinstance(statement, ImportDecl) and statement not in draft.survey.used_imports:
            yield from _idle_import(names, statement, in_the_dark)


def _idle_import(names: FileNames, decl: ImportDecl, in_the_dark: frozenset[str]) -> Iterator[Diagnostic]:
    loaded = next((unit for each, unit in names.unit.imports if each is decl), None)
    brought = [name for name, through in names.imported_by.items() if through is decl]
    words = [decl.alias.text] if decl.alias else brought
    if loaded is None or "avoid" in brought or in_the_dark.intersection(words):
        return
    what = f"`{decl.alias.text}`" if decl.alias else f'"{decl.path.value}"'
    yield UNUSED.at(decl.span, f"nothing of import {what} is used", help="take the line away, or use it")


def _serves(symbol: Declared) -> bool:
    return isinstance(symbol, Phrase) and symbol.decl.name.text == "avoid"


def _keyword(symbol: Declared) -> str:
    if isinstance(symbol, Let):
        return "param" if symbol.decl.is_param else "let"
    return "phrase" if isinstance(symbol, Phrase) else "template"


def _way_out(symbol: Declared) -> str:
    name = symbol.decl.name.text
    if isinstance(symbol, Let):
        return f"write `{{{{ {name} }}}}` where you want it, or remove it"
    if isinstance(symbol, Phrase):
        return f"call it with `{{{{ {name}(…) }}}}`, or remove it"
    return f"write `use {name}(…)`, or remove it"
