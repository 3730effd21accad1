"""What can be typed at a place, judged from the line and the headers above it, since half-typed text rarely parses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from storyboard.cards.model_card import ParameterRule
from storyboard.cards.values import SWITCH
from storyboard.diagnostics import Severity
from storyboard.diagnostics.rules import RULES
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import list_folder
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.lsp.hover import LANGUAGE_SETTINGS, cards_in_use
from storyboard.lsp.live_check import LiveReport
from storyboard.lsp.snippets import snippet_of
from storyboard.project.discovery import SUFFIX
from storyboard.story.filters import FILTERS
from storyboard.story.settings import may_stand_at
from storyboard.story.symbols import FACTS, Declared, House, Let, Phrase, Symbol, Template, names_of
from storyboard.syntax.keywords import FORMS, NESTED
from storyboard.syntax.tree import Parameter, TemplateDecl, Text

LANGUAGE_VALUES = {
    "negatives": ("field", "inline", "both"),
    "pack": ("auto", "shot"),
    "negative": ("none",),
    "transition": ("cut", "fade 0.5s", "dissolve 0.5s"),
}
"""The words that settings of the language take."""

_HEADER = lazy_pattern(r"([ \t]*)(\w+)")
_SETTING_NAME = lazy_pattern(r"[ \t]+(\.\w*)$")
_SETTING_VALUE = lazy_pattern(r"[ \t]+\.(\w+)[ \t]+(.*)$")
_KEYWORD = lazy_pattern(r"[ \t]*(\w*)$")
_SILENCE = lazy_pattern(r"[ \t]*#[ \t]*ok[ \t]+(?:SB[0-9]{3}[ \t]*,[ \t]*)*(\w*)$")
_IMPORT = lazy_pattern(r'import[ \t]+"([^"]*)$')
_USE = lazy_pattern(r"[ \t]*use[ \t]+([\w.]*)$")
_USE_ARGUMENTS = lazy_pattern(r"[ \t]*use[ \t]+([\w.]+)\((.*)$")
_LABEL = lazy_pattern(r"[ \t]*use[ \t]+[\w.]+\((?:[^\"()]|\"[^\"]*\")*\)[ \t]+(\w*)$")
_SHOT_LENGTH = lazy_pattern(r"[ \t]*shot[ \t]+\S+[ \t]+(\w*)$")
_CALL = lazy_pattern(r"([\w.]+)\(([^()]*)$")
_WORD = lazy_pattern(r"[\w.]*$")
_PARAMETERS = lazy_pattern(r"[ \t]*template[ \t]+\w+[ \t]*\(([^)]*)")
_FOR = lazy_pattern(r"[ \t]*for[ \t]+(\w+)")
_FOOTAGE = {
    "clip": (".mp4", ".mov", ".webm", ".mkv"),
    "still": (".png", ".jpg", ".jpeg", ".webp"),
    "music": (".mp3", ".m4a", ".wav", ".flac", ".ogg", ".aac"),
}

_Kind = types.CompletionItemKind


@dataclass(frozen=True)
class Proposal:
    """Something to type. `text` replaces the `typed` characters before the cursor; `snippet` is used if the client
    supports snippets."""

    label: str
    typed: int
    kind: types.CompletionItemKind
    detail: str = ""
    snippet: str = ""


@dataclass(frozen=True)
class _Place:
    """Where the cursor is: its line up to the cursor, and the headers around it, innermost first."""

    report: LiveReport
    line: str
    headers: Sequence[str]

    @property
    def keyword(self) -> str:
        """The keyword of the statement around the cursor; "" at the left margin."""
        return _word_of(self.headers[0]) if self.headers else ""

    @property
    def locals(self) -> Iterator[tuple[str, str]]:
        """The parameters and loop variables around the cursor, each with a description."""
        for header in self.headers:
            if loop := _FOR.match(header):
                yield loop[1], "loop variable"
            if given := _PARAMETERS.match(header):
                for each in given[1].split(","):
                    name = each.partition("=")[0].strip()
                    if name:
                        yield name, "parameter"


def proposals(report: LiveReport, text: str, offset: int) -> list[Proposal]:
    """Return what can be typed at an offset of a text."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset].lstrip("\ufeff")
    place = _Place(report, line, _headers_above(text, start, _indent_of(line)))
    seen: dict[str, Proposal] = {}
    for each in _proposals(place):
        seen.setdefault(each.label, each)
    return list(seen.values())


def _proposals(place: _Place) -> Iterator[Proposal]:
    line = place.line
    if (tag := _open_tag(line)) is not None:
        yield from _in_tag(place, tag)
    elif found := _IMPORT.match(line):
        yield from _files(place.report.path.parent, found[1], (SUFFIX,), besides=place.report.path)
    elif found := _SILENCE.match(line):
        yield from _codes(place, found[1])
    elif found := _USE.match(line):
        yield from _templates(place, found[1])
    elif found := _LABEL.match(line):
        yield Proposal("as ", len(found[1]), _Kind.Keyword, "a label for these shots in addresses")
    elif found := _USE_ARGUMENTS.match(line):
        yield from _arguments(place, found[1], found[2], Template)
    elif found := _SETTING_VALUE.match(line):
        yield from _values(place, found[1], found[2])
    elif found := _SETTING_NAME.match(line):
        yield from _settings(place, found[1])
    elif found := _SHOT_LENGTH.match(line):
        yield from _lengths(place, found[1])
    elif found := _KEYWORD.match(line):
        yield from _keywords(place, found[1])


def _keywords(place: _Place, typed: str) -> Iterator[Proposal]:
    if not _indent_of(place.line):
        forms = FORMS
    elif place.keyword in ("template", "for"):
        forms = NESTED
    else:
        return
    for keyword, form in forms.items():
        yield Proposal(keyword, len(typed), _Kind.Keyword, form.example, snippet_of(keyword))


def _settings(place: _Place, typed: str) -> Iterator[Proposal]:
    level = place.keyword
    if level not in ("story", "scene", "shot"):
        return
    for name, about in LANGUAGE_SETTINGS.items():
        if may_stand_at(name, level):
            yield Proposal(f".{name}", len(typed), _Kind.Property, about)
    for card in cards_in_use(place.report):
        for name in card.parameters:
            yield Proposal(f".{name}", len(typed), _Kind.Property, card.name)


def _values(place: _Place, name: str, typed: str) -> Iterator[Proposal]:
    if name == "model":
        for card in place.report.project.catalog.values() if place.report.project else ():
            yield Proposal(card.name, len(typed), _Kind.EnumMember, card.title)
    elif name in _FOOTAGE:
        yield from _files(place.report.path.parent, typed, _FOOTAGE[name])
    elif name in LANGUAGE_VALUES:
        for value in LANGUAGE_VALUES[name]:
            yield Proposal(value, len(typed), _Kind.EnumMember)
    elif name not in LANGUAGE_SETTINGS:
        for card in cards_in_use(place.report):
            if name in card.parameters:
                for value in _choices(card.parameters[name]):
                    yield Proposal(value, len(typed), _Kind.EnumMember, card.name)


def _choices(rule: ParameterRule) -> Iterable[str]:
    return SWITCH if rule.kind == "switch" else rule.choices


def _codes(place: _Place, typed: str) -> Iterator[Proposal]:
    """Yield the codes that a comment can silence: those found in this file first, then all others."""
    here = {found.code for found in place.report.found}
    silenced = [rule for rule in RULES.values() if rule.severity is not Severity.ERROR]
    for rule in sorted(silenced, key=lambda rule: (rule.code not in here, rule.code)):
        yield Proposal(rule.code, len(typed), _Kind.EnumMember, rule.summary)


def _lengths(place: _Place, typed: str) -> Iterator[Proposal]:
    lengths = {seconds for card in cards_in_use(place.report) for seconds in card.duration.allowed}
    for seconds in sorted(lengths):
        yield Proposal(f"{seconds}s", len(typed), _Kind.Value)
    for name, what in place.locals:
        yield Proposal(name, len(typed), _Kind.Variable, what)


def _templates(place: _Place, typed: str) -> Iterator[Proposal]:
    yield from _named(place, typed, (Template,))


def _in_tag(place: _Place, tag: str) -> Iterator[Proposal]:
    """Yield what can be typed inside `{{ }}` or `{% %}`."""
    typed = _typed(tag)
    before = tag[: len(tag) - len(typed)].rstrip()
    if before.endswith("|"):
        for name in FILTERS:
            yield Proposal(name, len(typed), _Kind.Function, "filter")
        return
    if call := _CALL.search(tag):
        yield from _parameters(place, call[1], _typed(call[2]), Phrase)
    if tag.startswith("{%") and before == "{%":
        for word in ("if", "elif", "else", "endif"):
            yield Proposal(word, len(typed), _Kind.Keyword)
        return
    yield from _values_in_scope(place, typed, (Let, Phrase))
    for of, facts in FACTS.items():
        for what in facts:
            yield Proposal(f"{of}.{what}", len(typed), _Kind.Field, f"of the {of}")


def _arguments(place: _Place, name: str, given: str, kind: type[Template]) -> Iterator[Proposal]:
    """Yield what can be typed between the parentheses of a `use`."""
    if given.count('"') % 2:
        return
    typed = _typed(given)
    yield from _parameters(place, name, typed, kind)
    yield from _values_in_scope(place, typed, (Let,))


def _parameters(place: _Place, name: str, typed: str, kind: type[Template] | type[Phrase]) -> Iterator[Proposal]:
    found = _lookup(place, name)
    if isinstance(found, kind):
        for parameter in found.decl.parameters:
            yield Proposal(f"{parameter.name.text} = ", len(typed), _Kind.Field, f"parameter of {name}")


def _values_in_scope(place: _Place, typed: str, kinds: tuple[type[Declared], ...]) -> Iterator[Proposal]:
    for name, what in place.locals:
        yield Proposal(name, len(typed), _Kind.Variable, what)
    yield from _named(place, typed, kinds)


def _named(place: _Place, typed: str, kinds: tuple[type[Declared], ...]) -> Iterator[Proposal]:
    """Return the declarations of some kinds; those of an import are preceded by the import's name."""
    for name, symbol in _visible(place).items():
        if isinstance(symbol, House):
            inside: Mapping[str, Declared] = symbol.names.own if symbol.names else {}
            found = {f"{name}.{each}": declared for each, declared in inside.items()}
        else:
            found = {name: symbol}
        for written, declared in found.items():
            if isinstance(declared, kinds):
                yield _proposal(written, declared, len(typed))


def _proposal(written: str, symbol: Declared, typed: int) -> Proposal:
    if isinstance(symbol, Let):
        return Proposal(written, typed, _Kind.Variable, _first_line(symbol.decl.value))
    kind = _Kind.Class if isinstance(symbol.decl, TemplateDecl) else _Kind.Function
    parameters = symbol.decl.parameters
    places = ", ".join(f"${{{at}:{each.name.text}}}" for at, each in enumerate(_required(parameters), 1))
    detail = f"({', '.join(each.name.text for each in parameters)})"
    return Proposal(written, typed, kind, detail, f"{written}({places})")


def _required(parameters: Sequence[Parameter]) -> list[Parameter]:
    return [parameter for parameter in parameters if parameter.default is None]


def _first_line(text: Text) -> str:
    return text.raw.partition("\n")[0][:80]


def _visible(place: _Place) -> Mapping[str, Symbol]:
    unit = place.report.unit
    return names_of(unit)[id(unit)].visible if unit else {}


def _lookup(place: _Place, name: str) -> Symbol | None:
    head, _, rest = name.partition(".")
    found = _visible(place).get(head)
    if isinstance(found, House) and rest:
        return found.names.own.get(rest) if found.names else None
    return found


def _files(folder: Path, typed: str, suffixes: Sequence[str], besides: Path | None = None) -> Iterator[Proposal]:
    """Yield files and folders below a folder, as paths relative to it."""
    inner, _, name = typed.rpartition("/")
    try:
        entries = list_folder(folder / inner)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield Proposal(f"{entry.name}/", len(name), _Kind.Folder)
        elif entry.name.lower().endswith(tuple(suffixes)) and Path(entry.path) != besides:
            yield Proposal(entry.name, len(name), _Kind.File)


def _open_tag(line: str) -> str | None:
    """Return the unclosed tag at the end of a line, including its braces."""
    at = max(line.rfind("{{"), line.rfind("{%"))
    if at < 0 or "}}" in line[at:] or "%}" in line[at:]:
        return None
    return line[at:]


def _typed(text: str) -> str:
    found = _WORD.search(text)
    return found[0] if found else ""


def _headers_above(text: str, start: int, indent: int) -> list[str]:
    """Return the headers of the statements around a line: each line above it that is indented less than those below."""
    headers: list[str] = []
    for line in reversed(text[:start].split("\n")):
        if not indent:
            break
        if line.strip() and _indent_of(line) < indent:
            indent = _indent_of(line)
            if _word_of(line) in FORMS:
                headers.append(line)
    return headers


def _word_of(line: str) -> str:
    found = _HEADER.match(line)
    return found[2] if found else ""


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
