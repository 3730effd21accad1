"""Evaluate text with `{{ }}`: our own evaluator walks the restricted tree. Every value is bounded before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from storyboard.diagnostics import Diagnostic, Rule
from storyboard.diagnostics.limits import (
    DEEPEST_CALL,
    DEEPEST_VALUE,
    LONGEST_TEXT,
    MOST_CHARACTERS,
    MOST_FAILURES,
    MOST_VALUES,
)
from storyboard.diagnostics.rules.names import CIRCLE, NOT_HERE, WRONG_ARGUMENTS, WRONG_KIND
from storyboard.diagnostics.rules.text import (
    CANNOT_COMPARE,
    FILTER_MISFIT,
    PRINTS_NOTHING,
    TOO_DEEP,
    TOO_LONG,
    TOO_MANY_CALLS,
)
from storyboard.fast_dataclasses import dataclass, field
from storyboard.source import Span
from storyboard.story.call_binding import fit
from storyboard.story.compare import compare
from storyboard.story.expression import (
    Call,
    Comparison,
    Conditional,
    Constant,
    Expression,
    Filtered,
    Junction,
    Negation,
    Parsed,
    Part,
    Path,
    Printed,
    Unnamed,
)
from storyboard.story.filters import FILTERS, Unfit
from storyboard.story.findings import ChainLink, Findings, Stretch, chain
from storyboard.story.limits import ExpansionWork
from storyboard.story.prompt_layout import TAG, as_it_is, keep_breaks, lay_out
from storyboard.story.scope import Gap, Scope
from storyboard.story.symbols import (
    A_PHRASE,
    Fact,
    Found,
    Let,
    Local,
    Miss,
    Phrase,
    is_sure,
    not_a_phrase,
    not_a_value,
    resolve,
)
from storyboard.story.template_parser import has_tags, parse_text
from storyboard.story.values import Duration, Number, Value, called, printed, size, truthy
from storyboard.syntax.tree import Argument, DurationValue, NameValue, NumberValue, Parameter, StringValue, Text


class Stop(Exception):
    """A value is not available; the error was reported."""


class Hopeless(Stop):
    """The text that needs the value can never be evaluated, wherever it is used."""


@dataclass(slots=True)
class _Filling:
    """A text during evaluation: the output so far, and whether all of it succeeded."""

    text: Text
    scope: Scope
    out: list[str] = field(default_factory=list)
    filled: int = 0
    whole: bool = True
    shares: list[tuple[Printed, int]] | None = None

    @property
    def is_full(self) -> bool:
        return self.filled > LONGEST_TEXT

    def at(self, base: int, node: Expression) -> Stretch:
        return Stretch(self.text, base + node.start, base + node.end)


class Evaluator:
    """Evaluates texts, and counts what that has cost so far."""

    def __init__(self, findings: Findings, title: str) -> None:
        self.findings = findings
        self.title = title
        self.lets: dict[Let, Value | Gap] = {}
        self.circular: set[Phrase] = set()
        self.exhausted = False
        self._parsed: dict[str, Parsed] = {}
        self._spent = ExpansionWork()
        self._call_depth = 0
        self._depth = 0
        self._told: set[tuple[str, int, int, int, str]] = set()
        self._failures: Counter[tuple[int, int]] = Counter()
        self._hopeless: set[tuple[int, int]] = set()

    def parsed(self, raw: str) -> Parsed:
        """Return a text with tags, cut into parts; cached."""
        found = self._parsed.get(raw)
        if found is None:
            found = self._parsed[raw] = parse_text(raw)
        return found

    def fill(self, text: Text, scope: Scope) -> str | None:
        """Evaluate and lay out a text; None if there was an error."""
        if not has_tags(text.raw):
            laid_out = lay_out(text.raw)
            return laid_out if scope.step is None else self._counted(laid_out, text, scope)
        stream = self._stream(text, scope)
        return None if stream is None else self._counted(lay_out(stream), text, scope)

    def fill_string(self, text: Text, scope: Scope) -> str | None:
        """Evaluate a string, its blanks and breaks unchanged; None if there was an error."""
        if not has_tags(text.raw):
            return as_it_is(text.raw)
        stream = self._stream(text, scope)
        return None if stream is None else self._counted(as_it_is(stream), text, scope)

    def shares(self, text: Text, scope: Scope) -> list[tuple[Printed, int]]:
        """Return what each `{{ }}` of a text contributes, in characters."""
        if not has_tags(text.raw):
            return []
        spent, self._spent = self._spent, ExpansionWork()
        filling = self._filling(text, scope, shares=[])
        self._spent = spent
        return filling.shares or []

    def spend(
        self, where: Stretch | Span, scope: Scope, *, calls: int = 0, values: int = 0, characters: int = 0
    ) -> None:
        """Count a cost. Raises Stop if a limit is exceeded, which is reported once and ends everything."""
        spent = self._spent
        spent.calls += calls
        spent.values += values
        spent.characters += characters
        passed = spent.passed
        if passed is None:
            return
        if not self.exhausted:
            self.exhausted = True
            rule = TOO_LONG if "characters" in passed else TOO_MANY_CALLS
            self.stop(
                rule,
                where,
                f"here the story exceeds {passed}",
                scope,
                "make it smaller, or split it into several stories",
            )
        raise Stop

    def call(self, phrase: Phrase, arguments: Sequence[Value], where: Stretch | Span, scope: Scope) -> str | None:
        """Call a phrase from outside a text; None if there was an error."""
        given = [(None, (lambda value=value: value)) for value in arguments]
        try:
            return self._enter(phrase, phrase.decl.name.text, given, where, scope)
        except Stop:
            return None

    def argument(self, argument: Argument, scope: Scope) -> Value:
        """Return the value of an argument or default in a scope; raises Stop if there is none."""
        match argument:
            case StringValue():
                text = self.fill_string(argument.text, scope)
                if text is None:
                    raise Stop
                return text
            case NumberValue():
                return Number(argument.value, argument.written)
            case DurationValue():
                return Duration(argument.seconds, argument.written)
            case NameValue():
                parts = tuple(argument.name.text.split("."))
                return self.value_of(resolve(parts, scope.names, scope.values), parts, argument.span, scope)

    def value_of(self, found: Found, parts: tuple[str, ...], where: Stretch | Span, scope: Scope) -> Value:
        """Return the value of a resolved name; raises Stop if there is none."""
        match found:
            case Local() | Let():
                return self._held(found, scope)
            case Fact():
                value = self._fact(found, where, scope)
            case Miss():
                self._miss(found, where, scope)
            case _:
                self._wrong_kind(found, parts, where, scope)
        if isinstance(value, Gap):
            raise Stop
        return value

    def _held(self, found: Local | Let, scope: Scope) -> Value:
        value = scope.values[found.name] if isinstance(found, Local) else self.lets.get(found, Gap.BROKEN)
        if isinstance(value, Gap):
            raise Stop
        return value

    def stop(
        self, rule: Rule, where: Stretch | Span, message: str, scope: Scope, advice: str | None = None
    ) -> NoReturn:
        """Report an error, with the chain that led to it, and give up on the value."""
        self._tell_wrong(rule, where, message, scope, advice)
        raise Stop

    def _tell_once(self, where: Stretch | Span, code: str, message: str, make: Callable[[Span], Diagnostic]) -> None:
        """Report an error that may occur a hundred thousand times; only the first gets its chain."""
        of = id(where.source) if isinstance(where, Span) else id(where.text)
        key = (code, of, where.start, where.end, message)
        if key not in self._told:
            self._told.add(key)
            self.findings.add(make(where.span if isinstance(where, Stretch) else where))

    def _stream(self, text: Text, scope: Scope) -> str | None:
        filling = self._filling(text, scope)
        return "".join(filling.out) if filling.whole else None

    def _filling(self, text: Text, scope: Scope, shares: list[tuple[Printed, int]] | None = None) -> _Filling:
        filling = _Filling(text, scope, shares=shares)
        if self.exhausted or (self._hopeless and _place_of(text) in self._hopeless):
            filling.whole = False
            return filling
        parsed = self.parsed(text.raw)
        for problem in parsed.problems:
            span = text.span(problem.start, problem.end)
            related = chain(scope.step)
            self.findings.add(problem.rule.at(span, problem.message, help=problem.help, related=related))
        if parsed.problems:
            self._give_up(filling, Hopeless())
        else:
            self._emit(parsed.parts, filling)
        return filling

    def _give_up(self, filling: _Filling, stop: Stop) -> None:
        filling.whole = False
        place = _place_of(filling.text)
        self._failures[place] += 1
        if isinstance(stop, Hopeless) or self._failures[place] == MOST_FAILURES:
            self._hopeless.add(place)

    def _counted(self, text: str, where: Text, scope: Scope) -> str | None:
        self._spent.characters += len(text)
        if self._spent.characters <= MOST_CHARACTERS:
            return text
        try:
            self.spend(Stretch(where, 0, len(where.raw)), scope)
        except Stop:
            return None
        return text

    def _emit(self, parts: Sequence[Part], filling: _Filling) -> None:
        for part in parts:
            if isinstance(part, str):
                filling.out.append(part)
                filling.filled += len(part)
            elif isinstance(part, Printed):
                self._print(part, filling)
            else:
                self._choose(part, filling)
            if self.exhausted or filling.is_full:
                filling.whole = False
                return

    def _print(self, part: Printed, filling: _Filling) -> None:
        filling.out.append(TAG)
        depth = self._depth
        try:
            value = self._value(part.value, filling, part.base)
            text = printed(value)
            if text is None:
                message = f"this is {called(value)} and cannot be inserted into text"
                help_ = "say what to write in each case: `{% if … %}…{% else %}…{% endif %}`"
                self.stop(PRINTS_NOTHING, filling.at(part.base, part.value), message, filling.scope, help_)
            filling.filled += len(text)
            if filling.is_full:
                message = f"with this, the text has more than {LONGEST_TEXT:,} characters once names are filled in"
                self.stop(TOO_LONG, filling.at(part.base, part.value), message, filling.scope)
        except Stop as stop:
            self._depth = depth
            self._give_up(filling, stop)
            return
        filling.out.append(keep_breaks(text))
        if filling.shares is not None:
            filling.shares.append((part, len(text)))

    def _choose(self, choice: Conditional, filling: _Filling) -> None:
        filling.out.append(TAG)
        depth = self._depth
        try:
            for branch in choice.branches:
                if branch.condition is None or truthy(self._value(branch.condition, filling, branch.base)):
                    self._depth += 1
                    self._emit(branch.parts, filling)
                    self._depth -= 1
                    break
        except Stop as stop:
            self._depth = depth
            self._give_up(filling, stop)
        filling.out.append(TAG)

    def _value(self, node: Expression, filling: _Filling, base: int) -> Value:
        self._spent.values += 1
        if self._spent.values > MOST_VALUES:
            self.spend(filling.at(base, node), filling.scope)
        if self._depth >= DEEPEST_VALUE:
            self.stop(TOO_DEEP, filling.at(base, node), "values are nested too deeply here", filling.scope)
        if isinstance(node, Path):
            return self._named(node, filling, base)
        self._depth += 1
        value = self._work(node, filling, base)
        self._depth -= 1
        return value

    def _named(self, node: Path, filling: _Filling, base: int) -> Value:
        scope = filling.scope
        found = resolve(node.parts, scope.names, scope.values)
        if isinstance(found, Local | Let):
            return self._held(found, scope)
        start, end = node.start, node.end
        if isinstance(found, Miss):
            start, end = node.starts[found.part], end_of_part(node, found.part)
        return self.value_of(found, node.parts, Stretch(filling.text, base + start, base + end), scope)

    def _work(self, node: Unnamed, filling: _Filling, base: int) -> Value:
        match node:
            case Constant():
                return node.value
            case Call():
                return self._phrase(node, filling, base)
            case Filtered():
                return self._filtered(node, filling, base)
            case Comparison():
                return self._compared(node, filling, base)
            case Negation():
                return not truthy(self._value(node.value, filling, base))
            case Junction():
                return self._joined(node, filling, base)

    def _joined(self, node: Junction, filling: _Filling, base: int) -> Value:
        value: Value = None
        for operand in node.operands:
            value = self._value(operand, filling, base)
            if truthy(value) is (node.word == "or"):
                break
        return value

    def _phrase(self, node: Call, filling: _Filling, base: int) -> Value:
        found = resolve(node.phrase.parts, filling.scope.names, filling.scope.values, A_PHRASE)
        where = Stretch(filling.text, base + node.start, base + node.end)
        if isinstance(found, Miss):
            part = found.part
            name = Stretch(filling.text, base + node.phrase.starts[part], base + end_of_part(node.phrase, part))
            self._miss(found, name, filling.scope)
        if not isinstance(found, Phrase):
            if is_sure(found):
                self._tell_wrong(WRONG_KIND, where, not_a_phrase(node.phrase.written, found), filling.scope)
            raise Hopeless
        given = [(each.name, (lambda each=each: self._value(each.value, filling, base))) for each in node.arguments]
        return self._enter(found, node.phrase.written, given, where, filling.scope)

    def _enter(
        self,
        phrase: Phrase,
        written: str,
        given: Sequence[tuple[str | None, Callable[[], Value]]],
        where: Stretch | Span,
        scope: Scope,
    ) -> str:
        self.spend(where, scope, calls=1, values=len(phrase.decl.parameters))
        if phrase in self.circular:
            raise Stop
        bound, wrong = fit(written, phrase.decl.parameters, given)
        if wrong is not None:
            if is_sure(phrase):
                self._tell_wrong(WRONG_ARGUMENTS, where, wrong, scope)
            raise Hopeless
        if self._call_depth == DEEPEST_CALL:
            self.stop(TOO_DEEP, where, f"phrases are nested more than {DEEPEST_CALL} deep here", scope)
        values = {name: value() for name, value in bound.items()}
        step = ChainLink(f"`{written}` is called here", where, scope.step)
        values |= self.defaults(phrase.decl.parameters, values, Scope(phrase.home, scope.place, {}, step))
        self._call_depth += 1
        text = self.fill(phrase.decl.text, Scope(phrase.home, scope.place, values, step))
        self._call_depth -= 1
        if text is None:
            raise Stop
        return text

    def defaults(self, parameters: Sequence[Parameter], given: Mapping[str, object], scope: Scope) -> dict[str, Value]:
        """Return the values of the parameters that were not passed, in the scope of their own file."""
        return {
            parameter.name.text: self.argument(parameter.default, scope)
            for parameter in parameters
            if parameter.default is not None and parameter.name.text not in given
        }

    def _filtered(self, node: Filtered, filling: _Filling, base: int) -> Value:
        value = self._value(node.value, filling, base)
        arguments = [self._value(each, filling, base) for each in node.arguments]
        made = FILTERS[node.name]
        where = filling.at(base, node)
        try:
            if made.grows(value, *arguments) > 3 * LONGEST_TEXT:
                self.stop(
                    TOO_LONG, where, f"`{node.name}` would make more than {LONGEST_TEXT:,} characters", filling.scope
                )
            result = made.work(value, *arguments)
        except Unfit as unfit:
            self.stop(FILTER_MISFIT, where, f"`{node.name}` {unfit}", filling.scope)
        if size(result) > LONGEST_TEXT:
            self.stop(TOO_LONG, where, f"`{node.name}` makes more than {LONGEST_TEXT:,} characters", filling.scope)
        return result

    def _compared(self, node: Comparison, filling: _Filling, base: int) -> bool:
        left = self._value(node.first, filling, base)
        for word, operand in node.others:
            right = self._value(operand, filling, base)
            holds = compare(word, left, right)
            if holds is None:
                message = f"{called(left)} and {called(right)} cannot be compared with `{word}`"
                if word in ("in", "not in"):
                    message = f"`in` cannot search in {called(right)}"
                self.stop(CANNOT_COMPARE, filling.at(base, node), message, filling.scope)
            if not holds:
                return False
            left = right
        return True

    def _fact(self, fact: Fact, where: Stretch | Span, scope: Scope) -> Value | Gap:
        place = scope.place
        if fact.of == "story":
            return self.title
        facts = place.scene if fact.of == "scene" else place.shot
        if facts is None:
            message = f"`{fact.of}` is not available here: {place.who} has none"
            self.stop(NOT_HERE, where, message, scope)
        value: Value | Gap = getattr(facts, fact.what)
        if value is Gap.PENDING and fact.of == "shot":
            message = "`shot.say` works only in the shot's text, because settings are read before it is known"
            self.stop(NOT_HERE, where, message, scope)
        if value is Gap.PENDING:
            self.stop(
                CIRCLE, where, f"the text of scene `{place.scene.name if place.scene else ''}` inserts itself", scope
            )
        return value

    def _miss(self, miss: Miss, where: Stretch | Span, scope: Scope) -> NoReturn:
        if not miss.known:
            self._tell_once(where, miss.rule.code, miss.message, lambda span: miss.at(span, chain(scope.step)))
        raise Hopeless

    def _wrong_kind(self, found: Found, parts: tuple[str, ...], where: Stretch | Span, scope: Scope) -> NoReturn:
        message, advice = not_a_value(".".join(parts), found)
        if is_sure(found):
            self._tell_wrong(WRONG_KIND, where, message, scope, advice)
        raise Hopeless

    def _tell_wrong(
        self, rule: Rule, where: Stretch | Span, message: str, scope: Scope, advice: str | None = None
    ) -> None:
        self._tell_once(
            where, rule.code, message, lambda span: rule.at(span, message, help=advice, related=chain(scope.step))
        )


def _place_of(text: Text) -> tuple[int, int]:
    return id(text.source), text.starts[0]


def end_of_part(path: Path, part: int) -> int:
    """Return where one part of a dotted name ends."""
    return path.starts[part] + len(path.parts[part]) if part + 1 < len(path.parts) else path.end
