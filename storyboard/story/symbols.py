"""Resolve names: those of a file, those of its imports, and the facts about the place of use."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path as FilePath
from typing import TypeAlias

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related, Rule
from storyboard.diagnostics.rules.names import NAME_TWICE, UNKNOWN_NAME, WRONG_KIND
from storyboard.diagnostics.suggest import is_one_slip, suggest
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Source, Span
from storyboard.syntax.tree import ImportDecl, LetDecl, Name, Parameter, PhraseDecl, TemplateDecl, Text, Unit

FACTS: Mapping[str, tuple[str, ...]] = {
    "story": ("title",),
    "scene": ("name", "title", "text"),
    "shot": ("name", "seconds", "say"),
}
"""The facts that a text can use about its place of use."""


MOST_GUESSES = 100_000
"""How many names are compared per file to find the intended one."""


_Groups: TypeAlias = Sequence[Collection[str]]
"""Known names, in groups: they are counted for every unknown name, but listed only while there are guesses left."""


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """A `let` or `param` of a file."""

    decl: LetDecl
    home: FileNames


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase of a file."""

    decl: PhraseDecl
    home: FileNames


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A template of a file."""

    decl: TemplateDecl
    home: FileNames


@dataclass(frozen=True, slots=True, eq=False)
class House:
    """An import `as` a name; `names` is None if it could not be loaded."""

    decl: ImportDecl
    names: FileNames | None


Declared: TypeAlias = Let | Phrase | Template
Symbol: TypeAlias = Declared | House


@dataclass(slots=True, eq=False)
class FileNames:
    """The names of one file.

    `declared` are all declarations in order, `own` what others may import, `visible` what its own texts may use.
    `imported_by` tells which import a visible name came with, `houses` are the visible imports themselves, by their
    names. `perhaps` are names that a broken statement would have declared, `unsure` are partly understood declarations;
    `leaky` is true if an unreadable import might have brought any name.
    """

    unit: Unit
    own: dict[str, Declared] = field(default_factory=dict)
    visible: dict[str, Symbol] = field(default_factory=dict)
    imported_by: dict[str, ImportDecl] = field(default_factory=dict)
    houses: dict[str, House] = field(default_factory=dict)
    perhaps: set[str] = field(default_factory=set)
    unsure: set[Declared] = field(default_factory=set)
    leaky: bool = False
    guesses: int = MOST_GUESSES
    resolved: dict[tuple[str, ...], Found] = field(default_factory=dict)
    declared: list[Declared] = field(default_factory=list)
    clashes: list[Diagnostic] = field(default_factory=list)
    declared_at: dict[str, Span] = field(default_factory=dict)


class Local(NamedTuple):
    """A parameter or loop variable."""

    name: str


class Fact(NamedTuple):
    """A fact about the place of use: `scene.title`."""

    of: str
    what: str


class Miss(NamedTuple):
    """A name that is not declared here. `part` is the wrong part of a dotted name; if `known` is true, a reported error
    explains it."""

    part: int
    rule: Rule = UNKNOWN_NAME
    message: str = ""
    help: str | None = None
    near: str | None = None
    known: bool = False

    def at(self, span: Span, related: Iterable[Related] = ()) -> Diagnostic:
        """The finding, at the wrong part."""
        safe = self.near is not None and is_one_slip(span.text, self.near)
        fix = Fix(f"write `{self.near}`", (Edit(span, self.near),), safe) if self.near else None
        help_ = f"did you mean `{self.near}`?" if self.near else self.help
        return self.rule.at(span, self.message, help=help_, fix=fix, related=related)


Found: TypeAlias = Local | Fact | Symbol | Miss


A_PHRASE, A_TEMPLATE = "phrase {}(…)", "template {}(…)"
"""How a name is declared that a call, or a `use`, asks for."""


def names_of(unit: Unit) -> dict[int, FileNames]:
    """The names of a file and of every file it imports, directly or not, by the identity of their units."""
    done: dict[int, FileNames] = {}
    todo = [unit]
    while todo:
        current = todo[-1]
        waiting = [other for _, other in current.imports if id(other) not in done]
        if id(current) in done or not waiting:
            todo.pop()
            if id(current) not in done:
                done[id(current)] = _declare(current, done)
        else:
            todo.extend(waiting)
    return done


def resolve(parts: tuple[str, ...], names: FileNames, local: Collection[str], declare: str = "let {} = …") -> Found:
    """Resolve a name, dotted or not, in a text of this file; `local` are its parameters. `declare` is how an unknown
    name would be declared, for the help line.
    """
    head = parts[0]
    if head in local:
        return _bare(Local(head), parts, "is a value")
    known = names.resolved.get(parts)
    if known is not None:
        return known
    found = _resolve(parts, names, local, declare)
    if not isinstance(found, Miss):
        names.resolved[parts] = found
    return found


def _resolve(parts: tuple[str, ...], names: FileNames, local: Collection[str], declare: str) -> Found:
    head = parts[0]
    if head in FACTS:
        return _fact(parts)
    symbol = names.visible.get(head)
    if symbol is None:
        help_ = f"declare it: `{declare.format(head)}`"
        imported = _in_imports(head, names) if len(parts) == 1 else []
        if len(imported) == 1:
            return Miss(0, UNKNOWN_NAME, f"`{head}` is not declared", help_, imported[0])
        return _unknown(parts, 0, names, (local, FACTS, names.visible), help_)
    if isinstance(symbol, House):
        return _in_house(symbol, parts, names)
    return _bare(symbol, parts, f"is {kind_of(symbol)}")


def is_known(parts: tuple[str, ...], names: FileNames, local: Container[str]) -> bool:
    """Whether the first part of a name is declared for a text of this file."""
    return parts[0] in local or parts[0] in FACTS or parts[0] in names.visible


def kind_of(symbol: Symbol) -> str:
    """Return its kind, in an author's words."""
    match symbol:
        case Let():
            return "a text"
        case Phrase():
            return "a phrase"
        case Template():
            return "a template"
        case House():
            return "an import"


def not_a_value(written: str, found: Found) -> tuple[str, str | None]:
    """Return message and help for a name that is used as a text but is none."""
    match found:
        case Phrase():
            return f"`{written}` is a phrase and must be called", f"write `{{{{ {written}(…) }}}}`"
        case Miss() | Local() | Fact():
            return f"`{written}` is not available here", None
        case _:
            return f"`{written}` is {kind_of(found)} and cannot be inserted into text", None


def not_a_phrase(written: str, found: Found) -> str:
    """Return message and help for a call of a name that is not a phrase."""
    what = "a value" if isinstance(found, Local | Fact | Miss) else kind_of(found)
    return f"`{written}` is {what}, not a phrase, and cannot be called"


def not_a_template(written: str, found: Found) -> str:
    """Return message and help for a `use` of a name that is not a template."""
    what = "a value" if isinstance(found, Local | Fact | Miss) else kind_of(found)
    return f"`{written}` is {what}, not a template, and cannot be used"


def _bare(found: Local | Declared, parts: tuple[str, ...], what: str) -> Found:
    if len(parts) == 1:
        return found
    return Miss(1, WRONG_KIND, f"`{parts[0]}` {what} and has no `.{parts[1]}`")


def _fact(parts: tuple[str, ...]) -> Found:
    head, offered = parts[0], FACTS[parts[0]]
    ways = " or ".join(f"`{head}.{what}`" for what in offered)
    if len(parts) == 1:
        return Miss(0, WRONG_KIND, f"`{head}` alone is not a text", f"write {ways}")
    if parts[1] not in offered:
        near = suggest(parts[1], offered)
        return Miss(1, UNKNOWN_NAME, f"`{head}` has no `{parts[1]}`", f"write {ways}", near)
    if len(parts) > 2:
        return Miss(2, WRONG_KIND, f"`{head}.{parts[1]}` is a value and has no `.{parts[2]}`")
    return Fact(head, parts[1])


def _in_imports(name: str, names: FileNames) -> list[str]:
    """Return the dotted names under which imports offer a name: `cast.mei`."""
    houses = ((alias, house.names) for alias, house in names.houses.items())
    return [f"{alias}.{name}" for alias, inside in houses if inside is not None and name in inside.own]


def _elsewhere(name: str, names: FileNames) -> str | None:
    """Return the help for a name that is not in this import, but in the file or in another import."""
    found = [name] if name in names.own else _in_imports(name, names)
    return f"did you mean `{found[0]}`?" if len(found) == 1 else None


def _in_house(house: House, parts: tuple[str, ...], names: FileNames) -> Found:
    inside = house.names
    if inside is None:
        return Miss(0, known=True)
    if len(parts) == 1:
        near = ", ".join(f"`{parts[0]}.{name}`" for name in list(inside.own)[:3])
        return Miss(0, WRONG_KIND, f"`{parts[0]}` is an import and has no text of its own", near and f"there is {near}")
    symbol = inside.own.get(parts[1])
    if symbol is None:
        return _unknown(parts, 1, inside, (inside.own,), _elsewhere(parts[1], names))
    if len(parts) > 2:
        return Miss(2, WRONG_KIND, f"`{parts[0]}.{parts[1]}` is {kind_of(symbol)} and has no `.{parts[2]}`")
    return symbol


def _unknown(parts: tuple[str, ...], index: int, names: FileNames, known: _Groups, advice: str | None) -> Miss:
    name = parts[index]
    if name in names.perhaps or (names.leaky and index == 0):
        return Miss(index, known=True)
    where = f" in `{parts[0]}`" if index else ""
    return Miss(index, UNKNOWN_NAME, f"`{name}` is not declared{where}", advice, _meant(name, known, names))


def _meant(name: str, known: _Groups, names: FileNames) -> str | None:
    """Return the intended name, until a file has used up its budget for guesses."""
    names.guesses -= sum(map(len, known))
    return suggest(name, chain.from_iterable(known)) if names.guesses >= 0 else None


def _declare(unit: Unit, done: Mapping[int, FileNames]) -> FileNames:
    names = FileNames(unit)
    loaded = {id(decl): done[id(other)] for decl, other in unit.imports}
    for statement in unit.file.statements:
        match statement:
            case LetDecl():
                _add_own(names, statement.name, Let(statement, names))
            case PhraseDecl():
                _add_own(names, statement.name, Phrase(statement, names))
            case TemplateDecl():
                _add_own(names, statement.name, Template(statement, names))
            case ImportDecl():
                _add_import(names, statement, loaded.get(id(statement)))
    for lost in unit.file.lost:
        if lost.name:
            names.perhaps.add(lost.name)
        elif lost.keyword in ("import", "let", "param", "phrase", "template"):
            names.leaky = True
    broken = sorted((span.start, span.end) for span in unit.file.broken)
    names.unsure = {symbol for symbol in names.declared if _lies_in(symbol.decl.span.start, broken)}
    names.visible.setdefault("avoid", builtin_avoid())
    return names


def _lies_in(offset: int, stretches: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(stretches, offset, key=lambda stretch: stretch[0]) - 1
    return at >= 0 and offset < stretches[at][1]


def is_sure(found: Found) -> bool:
    """Whether its declaration was fully understood, so that a wrong use is a separate mistake."""
    return not isinstance(found, Let | Phrase | Template) or found not in found.home.unsure


def _add_own(names: FileNames, name: Name, symbol: Declared) -> None:
    names.declared.append(symbol)
    names.own.setdefault(name.text, symbol)
    _add(names, name.text, name.span, symbol)


def _add(names: FileNames, name: str, span: Span, symbol: Symbol, through: ImportDecl | None = None) -> None:
    if name in names.visible:
        first = Related(f"`{name}` is first declared here", names.declared_at[name])
        what = f"this import brings `{name}`, which" if through else f"`{name}`"
        help_ = "import it `as` a name of its own" if through or name in names.imported_by else "rename one of the two"
        names.clashes.append(NAME_TWICE.at(span, f"{what} is already declared", help=help_, related=[first]))
        return
    names.visible[name] = symbol
    if isinstance(symbol, House):
        names.houses[name] = symbol
    names.declared_at[name] = span
    if through:
        names.imported_by[name] = through


def _add_import(names: FileNames, decl: ImportDecl, other: FileNames | None) -> None:
    if decl.alias is not None:
        _add(names, decl.alias.text, decl.alias.span, House(decl, other))
    elif other is None:
        names.leaky = True
    else:
        names.perhaps |= other.perhaps
        for name, symbol in other.own.items():
            _add(names, name, decl.path.span, symbol, decl)


AVOID = 'No {{ items | join(", no ") }}.'
"""The negated sentence, unless a story declares its own `phrase avoid(items)`."""


def _make_builtin() -> Phrase:
    from storyboard.syntax.tree import StoryFile

    header = "phrase avoid(items)\n  "
    source = Source(FilePath("(built in)"), header + AVOID + "\n")
    parameter = Parameter(Name("items", Span(source, 13, 18)), None)
    text = Text(source, AVOID, (len(header),))
    decl = PhraseDecl(Span(source, 0, 19), Name("avoid", Span(source, 7, 12)), (parameter,), text)
    return Phrase(decl, FileNames(Unit(StoryFile(source, ()))))


_BUILTIN = _make_builtin()


def builtin_avoid() -> Phrase:
    """Return the built-in `phrase avoid(items)`."""
    return _BUILTIN


def is_builtin(phrase: Phrase) -> bool:
    """Whether it is the built-in `avoid`."""
    return phrase is _BUILTIN
