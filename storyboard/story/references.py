"""Names used in a file, checked as written, even in branches that are never reached: unknown names, wrong calls,
dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.names import EMPTY_RANGE, NAME_TWICE, SHADOWED, WRONG_ARGUMENTS, WRONG_KIND
from storyboard.diagnostics.rules.text import PRINTS_NOTHING
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.call_binding import fit
from storyboard.story.evaluate import Evaluator, end_of_part
from storyboard.story.expression import (
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Filtered,
    Junction,
    Negation,
    Part,
    Path,
    Printed,
)
from storyboard.story.findings import Findings
from storyboard.story.symbols import (
    A_PHRASE,
    A_TEMPLATE,
    Declared,
    Fact,
    FileNames,
    Found,
    House,
    Let,
    Local,
    Miss,
    Phrase,
    Template,
    is_builtin,
    is_known,
    is_sure,
    not_a_phrase,
    not_a_template,
    not_a_value,
    resolve,
)
from storyboard.story.template_parser import has_tags
from storyboard.story.values import printed
from storyboard.syntax.tree import (
    Argument,
    Body,
    ForDecl,
    ImportDecl,
    LoopValue,
    Name,
    NameValue,
    Parameter,
    PhraseDecl,
    RangeValue,
    RunStatement,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    StoryDecl,
    StringValue,
    TemplateDecl,
    Text,
    UseDecl,
    WordsValue,
)

_WORD = lazy_pattern(r"[^\W\d]\w*")

Locals: TypeAlias = Mapping[str, Span]
"""The parameters and loop variables in scope at a place, and where they are declared."""


class Mention(NamedTuple):
    """A use of a name, and the place of its declaration: a `let`, a phrase, a template, an import's alias, a parameter
    or a loop variable. Each part of a dotted name is a mention of its own."""

    span: Span
    declared: Span


@dataclass(slots=True)
class Survey:
    """The result over the files of a run: dependencies, used names, and the names that a shot's own text calls. Words
    `in_the_dark` occur in parts that were not understood and may refer to anything.
    """

    findings: Findings = field(default_factory=Findings)
    needs: dict[Declared, list[tuple[Declared, Span]]] = field(default_factory=dict)
    used: set[Declared] = field(default_factory=set)
    used_imports: set[ImportDecl] = field(default_factory=set)
    in_the_dark: set[str] = field(default_factory=set)
    mentions: list[Mention] | None = None
    """Collected only on request: a check does not need it."""


def survey(files: Iterable[FileNames], main: FileNames, evaluator: Evaluator) -> Survey:
    """Check every text and name of the main file, and the declarations of the files it imports."""
    found = Survey()
    for names in files:
        _Surveyor(names, found, evaluator).file(whole=names is main)
    return found


def mentions_in(names: FileNames) -> tuple[Mention, ...]:
    """Return every use of a declared name in one file, in no particular order."""
    found = Survey(mentions=[])
    _Surveyor(names, found, Evaluator(Findings(), "")).file(whole=True)
    return tuple(found.mentions or ())


class _Context(NamedTuple):
    """The context of a text: what surrounds it, and what it belongs to."""

    local: Locals
    owner: Declared | None
    shot: ShotDecl | None = None


class _Surveyor:
    def __init__(self, names: FileNames, found: Survey, evaluator: Evaluator) -> None:
        self.names = names
        self.found = found
        self.add = found.findings.add
        self.evaluator = evaluator

    def file(self, *, whole: bool) -> None:
        for clash in self.names.clashes:
            self.add(clash)
        for symbol in self.names.declared:
            self.found.needs.setdefault(symbol, [])
            self.declaration(symbol)
        if whole:
            statements = self.names.unit.file.statements
            self.film([s for s in statements if isinstance(s, ShotDecl | UseDecl | ForDecl | SplitDecl)])
            for statement in statements:
                if isinstance(statement, StoryDecl | SceneDecl):
                    self.body(statement.body, _Context({}, None))

    def declaration(self, symbol: Declared) -> None:
        decl = symbol.decl
        outer = _Context({}, symbol)
        if isinstance(decl, PhraseDecl):
            self.text(decl.text, _Context(self.parameters(decl.parameters, outer), symbol))
        elif isinstance(decl, TemplateDecl):
            self.statements(decl.statements, _Context(self.parameters(decl.parameters, outer), symbol))
        else:
            self.text(decl.value, outer)

    def film(self, statements: Sequence[RunStatement]) -> None:
        self.statements(statements, _Context({}, None))

    def parameters(self, parameters: Sequence[Parameter], context: _Context) -> Locals:
        local: dict[str, Span] = {}
        for parameter in parameters:
            name = parameter.name
            if name.text in local:
                first = Related("the first", local[name.text])
                message = f"`{name.text}` is already a parameter"
                self.add(NAME_TWICE.at(name.span, message, help="rename one of the two", related=[first]))
            else:
                self.shadows(name, context.local)
            local[name.text] = name.span
            if parameter.default is not None:
                self.argument(parameter.default, context)
        return local

    def shadows(self, name: Name, local: Locals) -> None:
        outer = local.get(name.text) or self.names.declared_at.get(name.text)
        if outer is not None:
            first = Related("the name that it hides", outer)
            self.add(SHADOWED.at(name.span, f"`{name.text}` hides another `{name.text}` here", related=[first]))

    def statements(self, statements: Sequence[RunStatement], context: _Context) -> None:
        todo = [(statement, context) for statement in reversed(statements)]
        while todo:
            statement, here = todo.pop()
            match statement:
                case ShotDecl():
                    self.shot(statement, here)
                case UseDecl():
                    self.use(statement, here)
                case ForDecl():
                    inner = self.loop(statement, here)
                    todo.extend((each, inner) for each in reversed(statement.statements))

    def shot(self, shot: ShotDecl, context: _Context) -> None:
        if isinstance(shot.length, NameValue):
            self.argument(shot.length, context)
        self.body(shot.body, _Context(context.local, context.owner, shot))

    def body(self, body: Body, context: _Context) -> None:
        for setting in body.settings:
            self.text(setting.value, context)
        if body.text is not None:
            self.text(body.text, context)

    def loop(self, loop: ForDecl, context: _Context) -> _Context:
        for value in loop.values:
            self.loop_value(value, context)
        self.shadows(loop.variable, context.local)
        return _Context({**context.local, loop.variable.text: loop.variable.span}, context.owner)

    def loop_value(self, value: LoopValue, context: _Context) -> None:
        if isinstance(value, RangeValue) and value.first > value.last:
            message = f"the range from {value.first} up to {value.last} is empty"
            help_ = f"a range counts upwards: `{value.last}..{value.first}`"
            self.add(EMPTY_RANGE.at(value.span, message, help=help_))
        if isinstance(value, WordsValue):
            parts = tuple(value.words.split("."))
            found = resolve(parts, self.names, context.local) if is_known(parts, self.names, context.local) else None
            if isinstance(found, Let | Local):
                self.mention(found, parts, value.span, context)
            if isinstance(found, Let):
                self.refer(found, parts, value.span, context)

    def use(self, use: UseDecl, context: _Context) -> None:
        parts = tuple(use.template.text.split("."))
        found = resolve(parts, self.names, {}, A_TEMPLATE)
        self.mention(found, parts, use.template.span, context)
        for given in use.arguments:
            self.argument(given.value, context)
            if given.name is not None:
                self.mention_parameter(found, given.name.text, given.name.span)
        if isinstance(found, Miss):
            self.miss(found, use.template.text.partition(".")[0], use.template.span)
        elif not isinstance(found, Template):
            self.wrong(found, WRONG_KIND.at(use.template.span, not_a_template(use.template.text, found)))
        else:
            self.refer(found, parts, use.template.span, context)
            given_names = [(each.name.text if each.name else None, None) for each in use.arguments]
            _, wrong = fit(use.template.text, found.decl.parameters, given_names)
            if wrong is not None:
                self.wrong(found, WRONG_ARGUMENTS.at(call_of(use), wrong))

    def argument(self, argument: Argument, context: _Context) -> None:
        match argument:
            case StringValue():
                self.text(argument.text, context)
            case NameValue():
                parts = tuple(argument.name.text.split("."))
                self.mention(resolve(parts, self.names, context.local), parts, argument.span, context)
                self.value(resolve(parts, self.names, context.local), parts, argument.span, context)

    def text(self, text: Text, context: _Context) -> None:
        if not has_tags(text.raw):
            return
        parsed = self.evaluator.parsed(text.raw)
        if parsed.problems:
            self.found.in_the_dark.update(_WORD.findall(text.raw))
        for problem in parsed.problems:
            span = text.span(problem.start, problem.end)
            self.add(problem.rule.at(span, problem.message, help=problem.help))
        todo: list[Part] = list(parsed.parts)
        while todo:
            part = todo.pop()
            if isinstance(part, Printed):
                self.printed(part, text)
                self.expression(part.value, part.base, text, context)
            elif isinstance(part, Conditional):
                for branch in part.branches:
                    if branch.condition is not None:
                        self.expression(branch.condition, branch.base, text, context)
                    todo.extend(branch.parts)

    def printed(self, part: Printed, text: Text) -> None:
        node = part.value
        is_flag = isinstance(node, Comparison | Negation)
        if is_flag or (isinstance(node, Constant) and printed(node.value) is None):
            what = "none" if isinstance(node, Constant) and node.value is None else "true or false"
            span = text.span(part.base + node.start, part.base + node.end)
            help_ = "say what to write in each case: `{% if … %}…{% else %}…{% endif %}`"
            self.add(PRINTS_NOTHING.at(span, f"this is {what} and cannot be inserted into text", help=help_))

    def expression(self, node: Expression, base: int, text: Text, context: _Context) -> None:
        todo = [node]
        while todo:
            current = todo.pop()
            match current:
                case Path():
                    self.path(current, base, text, context)
                case Call():
                    self.call(current, base, text, context)
                    todo.extend(argument.value for argument in current.arguments)
                case Filtered():
                    todo += [current.value, *current.arguments]
                case Comparison():
                    todo += [current.first, *(operand for _, operand in current.others)]
                case Negation():
                    todo.append(current.value)
                case Junction():
                    todo += current.operands

    def path(self, path: Path, base: int, text: Text, context: _Context) -> None:
        found = resolve(path.parts, self.names, context.local)
        if self.found.mentions is not None:
            self.mention(found, path.parts, text.span(base + path.start, base + path.end), context)
        if isinstance(found, Local | Fact):
            return
        start, end = path.start, path.end
        if isinstance(found, Miss):
            start, end = path.starts[found.part], end_of_part(path, found.part)
        self.value(found, path.parts, text.span(base + start, base + end), context)

    def value(self, found: Found, parts: tuple[str, ...], span: Span, context: _Context) -> None:
        match found:
            case Local() | Fact():
                pass
            case Miss():
                self.miss(found, parts[0], span)
            case Let():
                self.refer(found, parts, span, context)
            case _:
                message, help_ = not_a_value(".".join(parts), found)
                self.wrong(found, WRONG_KIND.at(span, message, help=help_))
                self.refer(found, parts, span, context)

    def call(self, call: Call, base: int, text: Text, context: _Context) -> None:
        found = resolve(call.phrase.parts, self.names, context.local, A_PHRASE)
        span = text.span(base + call.start, base + call.end)
        if self.found.mentions is not None:
            called = text.span(base + call.phrase.start, base + call.phrase.end)
            self.mention(found, call.phrase.parts, called, context)
            for argument in call.arguments:
                if argument.name is not None:
                    at = base + argument.start
                    self.mention_parameter(found, argument.name, text.span(at, at + len(argument.name)))
        if isinstance(found, Miss):
            start = call.phrase.starts[found.part]
            head = call.phrase.written.partition(".")[0]
            self.miss(found, head, text.span(base + start, base + end_of_part(call.phrase, found.part)))
        elif not isinstance(found, Phrase):
            self.wrong(found, WRONG_KIND.at(span, not_a_phrase(call.phrase.written, found)))
        else:
            self.refer(found, call.phrase.parts, span, context)
            given = [(argument.name, None) for argument in call.arguments]
            _, wrong = fit(call.phrase.written, found.decl.parameters, given)
            if wrong is not None:
                self.wrong(found, WRONG_ARGUMENTS.at(span, wrong))

    def mention(self, found: Found, parts: tuple[str, ...], span: Span, context: _Context) -> None:
        """Record a use of a name, part by part, if requested."""
        mentions = self.found.mentions
        if mentions is None:
            return
        head = self.names.visible.get(parts[0])
        if isinstance(found, Local):
            if found.name in context.local:
                mentions.append(Mention(span, context.local[found.name]))
        elif isinstance(head, House) and head.decl.alias is not None:
            dot = span.text.find(".")
            behind = span.start + dot if dot >= 0 else span.end
            mentions.append(Mention(span._replace(end=behind), head.decl.alias.span))
            if dot >= 0 and isinstance(found, Let | Phrase | Template):
                mentions.append(Mention(span._replace(start=behind + 1), found.decl.name.span))
        elif isinstance(found, Let | Phrase | Template) and not is_builtin_symbol(found):
            mentions.append(Mention(span, found.decl.name.span))

    def mention_parameter(self, found: Found, name: str, span: Span) -> None:
        """Record an argument that is passed by name."""
        if self.found.mentions is None or not isinstance(found, Phrase | Template) or is_builtin_symbol(found):
            return
        declared = next((each.name.span for each in found.decl.parameters if each.name.text == name), None)
        if declared is not None:
            self.found.mentions.append(Mention(span, declared))

    def wrong(self, found: Found, diagnostic: Diagnostic) -> None:
        if is_sure(found):
            self.add(diagnostic)

    def miss(self, miss: Miss, head: str, span: Span) -> None:
        """Report a name that is not declared, and take what its first part names, such as an import, for used."""
        self.found.in_the_dark.add(head)
        if miss.near:
            self.found.in_the_dark.add(miss.near)
        if not miss.known:
            self.add(miss.at(span))

    def refer(self, found: Found, parts: tuple[str, ...], span: Span, context: _Context) -> None:
        head = self.names.visible.get(parts[0])
        if isinstance(head, House):
            self.found.used_imports.add(head.decl)
        elif parts[0] in self.names.imported_by:
            self.found.used_imports.add(self.names.imported_by[parts[0]])
        if not isinstance(found, Let | Phrase | Template) or is_builtin_symbol(found):
            return
        if context.owner is not found:
            self.found.used.add(found)
        if context.owner is not None:
            self.found.needs[context.owner].append((found, span))


def is_builtin_symbol(symbol: Declared) -> bool:
    """Whether it is built into the language."""
    return isinstance(symbol, Phrase) and is_builtin(symbol)


def call_of(use: UseDecl) -> Span:
    """Return the place of a `use` statement's call, from the template's name on."""
    return Span(use.span.source, use.template.span.start, use.span.end)
