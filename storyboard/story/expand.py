"""Expand templates and loops: every shot of a story in order, with its address and its scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.limits import DEEPEST_USE, MOST_SHOTS, MOST_STATEMENTS
from storyboard.diagnostics.rules.names import (
    ADDRESS_TWICE,
    NOT_A_DURATION,
    SCENE_TWICE,
    TOO_MANY,
    WRONG_ARGUMENTS,
    WRONG_KIND,
)
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.call_binding import fit
from storyboard.story.evaluate import Evaluator, Stop
from storyboard.story.findings import ChainLink, chain
from storyboard.story.prompt_layout import nfc
from storyboard.story.references import call_of
from storyboard.story.scope import Gap, Place, SceneFacts, Scope, ShotFacts
from storyboard.story.symbols import (
    A_TEMPLATE,
    FileNames,
    Found,
    Let,
    Local,
    Miss,
    Template,
    is_known,
    is_sure,
    not_a_template,
    resolve,
)
from storyboard.story.values import Duration, Number, Value, as_duration, called
from storyboard.syntax.tree import (
    DurationValue,
    ForDecl,
    LoopValue,
    NameValue,
    NumberValue,
    RangeValue,
    RunStatement,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    StringValue,
    UseDecl,
    WordsValue,
)

MAIN = "main"
"""The scene that shots form before any `scene`."""


@dataclass(slots=True)
class OpenScene:
    """A scene during expansion: its declaration, the facts that its texts can use, its shots."""

    name: str
    decl: SceneDecl | None
    facts: SceneFacts
    seeds: list[Seed] = field(default_factory=list)
    whole: bool = True
    is_second: bool = False
    """Its name was taken already, which was reported; that its addresses clash is only a consequence."""


class Seed(NamedTuple):
    """An expanded shot: its scope, and everything that its place decides. `seconds` is None if there was an error."""

    decl: ShotDecl
    address: str
    seconds: Decimal | None
    scope: Scope
    split_before: bool


class BindingOrigin(NamedTuple):
    """Where a parameter or loop variable got its value, and the chain that led there."""

    span: Span
    step: ChainLink | None


class _Here(NamedTuple):
    """The current position of the expansion. `prefix` and `loops` are the address so far: up to the last label, and the
    loop values since."""

    scope: Scope
    prefix: str
    loops: str = ""
    given: Mapping[str, BindingOrigin] = {}
    depth: int = 0


class _Enough(Exception):
    """A limit was exceeded and reported."""


class Expansion:
    """Expands a story's statements scene by scene."""

    def __init__(self, names: FileNames, evaluator: Evaluator, circular: frozenset[object]) -> None:
        self.names = names
        self.evaluator = evaluator
        self.findings = evaluator.findings
        self.circular = circular
        self.scenes: list[OpenScene] = []
        self.expanded: set[int] = set()
        self.whole = True
        self._by_name: dict[str, OpenScene] = {}
        self._addresses: dict[str, Seed] = {}
        self._shots = 0
        self._statements = 0
        self._split = False
        self._at_top: _Here | None = None

    def run(self) -> None:
        """Expand the file; the result is in `scenes`."""
        try:
            for statement in self.names.unit.file.statements:
                if isinstance(statement, SceneDecl):
                    self._begin(statement)
                elif isinstance(statement, SplitDecl):
                    self._split = True
                elif isinstance(statement, ShotDecl | UseDecl | ForDecl):
                    self._statement(statement, self._top())
        except _Enough:
            self.whole = False
            self._scene().whole = False

    def _begin(self, decl: SceneDecl) -> None:
        name = decl.name.text
        first = self._by_name.get(name)
        if first is not None:
            related = [Related("the first", first.decl.span)] if first.decl else []
            what = (
                "shots before the first `scene` belong to it"
                if first.decl is None
                else "a scene can be declared only once"
            )
            message = f"there is already a scene `{name}`; {what}"
            self.findings.add(SCENE_TWICE.at(decl.name.span, message, help="give it another name", related=related))
        facts = SceneFacts(name, decl.title.value if decl.title else "", span=decl.span)
        self._open(OpenScene(name, decl, facts, is_second=first is not None))
        text = decl.body.text
        filled = self.evaluator.fill(text, Scope(self.names, Place("a scene's text", facts))) if text else ""
        facts.text = Gap.BROKEN if filled is None else filled

    def _open(self, scene: OpenScene) -> None:
        self.scenes.append(scene)
        self._by_name.setdefault(scene.name, scene)

    def _scene(self) -> OpenScene:
        if not self.scenes:
            self._open(OpenScene(MAIN, None, SceneFacts(MAIN, "", "")))
        return self.scenes[-1]

    def _top(self) -> _Here:
        scene = self._scene()
        if self._at_top is None or self._at_top.scope.place.scene is not scene.facts:
            self._at_top = _Here(Scope(self.names, Place("a `use`", scene.facts)), scene.name)
        return self._at_top

    def _all(self, statements: Sequence[RunStatement], here: _Here) -> None:
        for statement in statements:
            self._statement(statement, here)

    def _statement(self, statement: RunStatement, here: _Here) -> None:
        self._count(statement, here)
        match statement:
            case ShotDecl():
                self._shot(statement, here)
            case UseDecl():
                self._use(statement, here)
            case ForDecl():
                self._loop(statement, here)
            case SplitDecl():
                self._split = True

    def _count(self, statement: RunStatement, here: _Here) -> None:
        self._statements += 1
        self._shots += isinstance(statement, ShotDecl)
        if here.depth == 0:
            return
        if self._shots > MOST_SHOTS:
            self._enough(statement.span, f"this story has more than {MOST_SHOTS:,} shots", here)
        if self._statements > MOST_STATEMENTS:
            self._enough(statement.span, f"this story has more than {MOST_STATEMENTS:,} statements", here)
        if here.depth > DEEPEST_USE:
            self._enough(statement.span, f"uses and loops are nested more than {DEEPEST_USE} deep here", here)
        if self.evaluator.exhausted:
            raise _Enough

    def _enough(self, span: Span, message: str, here: _Here) -> None:
        self.findings.add(TOO_MANY.at(span, message, related=chain(here.scope.step)))
        raise _Enough

    def _shot(self, decl: ShotDecl, here: _Here) -> None:
        scene = self._scene()
        address = f"{here.prefix}.{decl.name.text}{here.loops}"
        self._spend(decl.span, here, characters=len(address))
        length = self._length(decl, here)
        if length is None:
            scene.whole = False
        written = Number(length.seconds, length.written[:-1]) if length else Gap.BROKEN
        shot = ShotFacts(decl.name.text, written)
        outer = here.scope
        scope = Scope(outer.names, Place("this", scene.facts, shot), outer.values, outer.step)
        seed = Seed(decl, address, length.seconds if length else None, scope, self._split)
        self._split = False
        self._keep(seed, scene)

    def _spend(self, span: Span, here: _Here, *, values: int = 0, characters: int = 0) -> None:
        try:
            self.evaluator.spend(span, here.scope, values=values, characters=characters)
        except Stop:
            raise _Enough from None

    def _keep(self, seed: Seed, scene: OpenScene) -> None:
        first = self._addresses.setdefault(seed.address, seed)
        if first is not seed and not scene.is_second:
            self.findings.add(_address_twice(seed, first))
        scene.seeds.append(seed)

    def _length(self, decl: ShotDecl, here: _Here) -> Duration | None:
        length = decl.length
        if isinstance(length, DurationValue):
            return Duration(length.seconds, length.written)
        parts = tuple(length.name.text.split("."))
        found = resolve(parts, here.scope.names, here.scope.values)
        try:
            value = self.evaluator.value_of(found, parts, length.span, here.scope)
        except Stop:
            return None
        duration = as_duration(value)
        if duration is None:
            self._no_duration(
                decl, length.name.text, value, here.given.get(parts[0]) or BindingOrigin(length.span, here.scope.step)
            )
        return duration

    def _no_duration(self, decl: ShotDecl, name: str, value: Value, given: BindingOrigin) -> None:
        message = f"`{name}` is the length of `{decl.name.text}` and must be a duration, but this is {called(value)}"
        help_ = f"write it as seconds: `{value.written}s`" if isinstance(value, Number) else "write it as seconds: `4s`"
        related = [Related("the shot", decl.span), *chain(given.step)]
        self.findings.add(NOT_A_DURATION.at(given.span, message, help=help_, related=related))

    def _use(self, use: UseDecl, here: _Here) -> None:
        parts = tuple(use.template.text.split("."))
        found = resolve(parts, here.scope.names, {}, A_TEMPLATE)
        try:
            values, given = (
                self._bind(use, found, here) if isinstance(found, Template) else self._no_template(use, found, here)
            )
        except Stop:
            self._scene().whole = False
            return
        assert isinstance(found, Template)
        self.expanded.add(id(found.decl))
        self._spend(use.span, here, values=len(given))
        step = ChainLink(f"expanded by this `use {use.template.text}`", use.span, here.scope.step)
        scope = Scope(found.home, here.scope.place, values, step)
        prefix, loops = here.prefix, here.loops
        if use.label is not None:
            prefix, loops = f"{prefix}.{use.label.text}{loops}", ""
        self._all(found.decl.statements, _Here(scope, prefix, loops, given, here.depth + 1))

    def _no_template(
        self, use: UseDecl, found: Found, here: _Here
    ) -> tuple[dict[str, Value | Gap], dict[str, BindingOrigin]]:
        span, related = use.template.span, chain(here.scope.step)
        if not isinstance(found, Miss):
            if not is_sure(found):
                raise Stop
            self.findings.add(WRONG_KIND.at(span, not_a_template(use.template.text, found), related=related))
        elif not found.known:
            self.findings.add(found.at(span, related))
        raise Stop

    def _bind(
        self, use: UseDecl, template: Template, here: _Here
    ) -> tuple[dict[str, Value | Gap], dict[str, BindingOrigin]]:
        if template in self.circular:
            raise Stop
        pairs = [(each.name.text if each.name else None, each) for each in use.arguments]
        bound, wrong = fit(use.template.text, template.decl.parameters, pairs)
        if wrong is not None:
            related = chain(here.scope.step)
            if is_sure(template):
                self.findings.add(WRONG_ARGUMENTS.at(call_of(use), wrong, related=related))
            raise Stop
        values: dict[str, Value | Gap] = {}
        given: dict[str, BindingOrigin] = {}
        for name, argument in bound.items():
            values[name] = self._value_or_gap(argument.value, here.scope)
            passed_on = here.given.get(argument.value.name.text) if isinstance(argument.value, NameValue) else None
            given[name] = passed_on or BindingOrigin(call_of(use), here.scope.step)
        step = ChainLink(f"expanded by this `use {use.template.text}`", use.span, here.scope.step)
        inner = Scope(template.home, here.scope.place, {}, step)
        for parameter in template.decl.parameters:
            name = parameter.name.text
            if parameter.default is not None and name not in values:
                values[name] = self._value_or_gap(parameter.default, inner)
                given[name] = BindingOrigin(parameter.default.span, step)
        return values, given

    def _value_or_gap(self, argument: object, scope: Scope) -> Value | Gap:
        try:
            return self.evaluator.argument(argument, scope)  # type: ignore[arg-type]
        except Stop:
            return Gap.BROKEN

    def _loop(self, loop: ForDecl, here: _Here) -> None:
        if not loop.statements:
            return
        name = loop.variable.text
        for value, written, span in self._loop_values(loop, here):
            step = ChainLink(f"repeated by this `for {name}`, at `{written}`", loop.span, here.scope.step)
            scope = Scope(here.scope.names, here.scope.place, {**here.scope.values, name: value}, step)
            given = {**here.given, name: BindingOrigin(span, here.scope.step)}
            loops = f"{here.loops}[{_quoted(written)}]"
            self._all(loop.statements, _Here(scope, here.prefix, loops, given, here.depth + 1))

    def _loop_values(self, loop: ForDecl, here: _Here) -> Iterator[tuple[Value | Gap, str, Span]]:
        for value in loop.values:
            if isinstance(value, RangeValue):
                if value.first > value.last:
                    self._scene().whole = False
                for number in range(value.first, value.last + 1):
                    yield Number(Decimal(number), str(number)), str(number), value.span
            else:
                yield *self._loop_value(value, here), value.span

    def _loop_value(self, value: LoopValue, here: _Here) -> tuple[Value | Gap, str]:
        match value:
            case StringValue():
                return nfc(value.value), nfc(value.value)
            case NumberValue():
                return Number(value.value, value.written), value.written
            case DurationValue():
                return Duration(value.seconds, value.written), value.written
            case WordsValue():
                return self._words(value, here.scope), value.words
            case RangeValue():
                raise AssertionError

    def _words(self, value: WordsValue, scope: Scope) -> Value | Gap:
        parts = tuple(value.words.split("."))
        if not is_known(parts, scope.names, scope.values):
            return value.words
        found = resolve(parts, scope.names, scope.values)
        if isinstance(found, Local):
            return scope.values[found.name]
        if isinstance(found, Let):
            return self.evaluator.lets.get(found, Gap.BROKEN)
        return value.words


def _address_twice(seed: Seed, first: Seed) -> Diagnostic:
    """Report two shots with one address: at the second `use` if they come from two, otherwise at the second shot."""
    related = [Related("the first", first.decl.span), *chain(first.scope.step)]
    steps = zip_longest(_way(first), _way(seed))
    parted = next((here for there, here in steps if here and (there is None or there.span != here.span)), None)
    if parted is not None and parted.span.text.startswith("use"):
        message = "the shots of this `use` have the same addresses as others"
        help_ = "give it a label: `use … as label`"
        related = [Related(f"such as `{seed.address}`", seed.decl.span), *related]
        return ADDRESS_TWICE.at(parted.span, message, help=help_, related=related)
    message = f"two shots have the address `{seed.address}`"
    help_ = "rename one of them"
    if any(step.span.text.startswith("use") for step in (*_way(first), *_way(seed))):
        help_ += ", or give a `use` a label: `use … as label`"
    return ADDRESS_TWICE.at(seed.decl.span, message, help=help_, related=(*chain(seed.scope.step), *related))


def _way(seed: Seed) -> list[ChainLink]:
    """Return the chain of uses and loops that led to a shot, outermost first."""
    links, step = list[ChainLink](), seed.scope.step
    while step is not None:
        links.append(step)
        step = step.outer
    return links[::-1]


def _quoted(written: str) -> str:
    escaped = written.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
