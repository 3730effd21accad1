"""Declared names in the braces of other systems: `{mei}`, `${mei}`, `%mei%`, `@mei`."""

from __future__ import annotations

from collections.abc import Mapping
from unicodedata import normalize

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.symbols import FileNames, House
from storyboard.syntax.tree import ForDecl, PhraseDecl, RunStatement, TemplateDecl

_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)?"
PLACEHOLDER = lazy_pattern(
    rf"(?<!\{{)[$#]?\{{[ \t]*(?P<brace>{_NAME})[ \t]*\}}(?!\}})|<[ \t]*(?P<angle>{_NAME})[ \t]*>"
    rf"|%(?P<percent>{_NAME})%|\$(?P<dollar>{_NAME})"
    rf"|%\((?P<python>{_NAME})\)s?|\[[ \t]*(?P<bracket>{_NAME})[ \t]*\]"
    rf"|@(?P<mention>{_NAME})|(?<!\w):(?P<colons>{_NAME}):"
)
FOREIGN_BRACES = lazy_pattern(r"[$#]\{(?![{%])[^{}\n]*\}(?!\})|(?<!\{)\{[ \t]*[0-9]*[ \t]*\}(?!\})")
"""Braces of another template language, such as `${hero}` and `{0}`; words in plain braces are text."""
_FACTS = ("scene.title", "scene.text", "scene.name", "shot.name", "shot.seconds", "shot.say", "story.title")


def fillable_names(names: FileNames) -> Mapping[str, str]:
    """Return every name that a text of this file can insert, by its case-folded form."""
    found = list(_FACTS)
    for name, symbol in names.visible.items():
        if isinstance(symbol, House):
            found += [f"{name}.{inner}" for inner in symbol.names.own] if symbol.names else []
        else:
            found.append(name)
    todo: list[RunStatement] = []
    for statement in names.unit.file.statements:
        if isinstance(statement, TemplateDecl | PhraseDecl):
            found += [parameter.name.text for parameter in statement.parameters]
        if isinstance(statement, TemplateDecl):
            todo += statement.statements
        elif isinstance(statement, ForDecl):
            todo.append(statement)
    while todo:
        inside = todo.pop()
        if isinstance(inside, ForDecl):
            found.append(inside.variable.text)
            todo += inside.statements
    return {normalize("NFC", name).casefold(): name for name in reversed(found)}
