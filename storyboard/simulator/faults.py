"""Choose the faults of each request: staged rules, and repeatable chance."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.disk import read_file
from storyboard.simulator.fault_catalogue import KINDS, FaultKind, Stage
from storyboard.simulator.messages import DIALECTS, IncomingRequest, Operation
from storyboard.simulator.options import FORMS

ALWAYS = "always"
_SUBJECTS = 100_000


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A staged fault. It applies to `times` matching requests (None: all), from the `nth`, counted from 1. Empty fields
    match everything; `operations` defaults to those that the fault applies to. `prompt` is a part of a prompt.
    """

    do: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    operations: tuple[Operation, ...] = ()
    dialect: str = ""
    external_id: str = ""
    task: str = ""
    model: str = ""
    prompt: str = ""
    nth: int = 1
    times: int | None = 1

    def document(self) -> dict[str, Any]:
        """As JSON, to be staged again."""
        match = {name: getattr(self, name) for name in _MATCH if getattr(self, name)}
        times = ALWAYS if self.times is None else self.times
        operations = {"operation": list(self.operations)} if self.operations else {}
        return {"do": self.do, **operations, **match, "nth": self.nth, "times": times, **self.options}


_MATCH = ("dialect", "external_id", "task", "model", "prompt")
_FIELDS = ("do", "operation", "nth", "times", *_MATCH)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known about a request."""

    external_id: str = ""
    task: str = ""
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault applied to a request, with all its options."""

    kind: FaultKind
    options: Mapping[str, Any] = field(hash=False)


class FaultPlan:
    """Active rules and random faults. It counts requests, so each gateway has its own."""

    def __init__(self, rules: Iterable[FaultRule] = (), chaos: float = 0.0, seed: int = 0) -> None:
        self.chaos, self.seed = chaos, seed
        self._staged = [_Staged(rule) for rule in rules]
        self._met: OrderedDict[tuple[Operation, str], int] = OrderedDict()

    def stage(self, rules: Iterable[FaultRule]) -> None:
        """Add rules after the existing ones."""
        self._staged.extend(_Staged(rule) for rule in rules)

    def clear(self) -> None:
        """Remove all rules."""
        self._staged.clear()

    @property
    def left(self) -> tuple[FaultRule, ...]:
        """The rules that can still apply."""
        return tuple(staged.rule for staged in self._staged if staged.left)

    def strikes(self, ask: IncomingRequest, subject: Subject) -> tuple[Strike, ...]:
        """Return the faults of a request; each call counts as a request. A fault that replaces the gateway's reply is
        applied alone, and none is applied twice to one request: the rest waits for the next.
        """
        ready = {staged.rule.do: staged for staged in reversed(self._staged) if staged.meets(ask, subject)}
        in_order = [staged for staged in self._staged if ready.get(staged.rule.do) is staged]
        alone = [staged for staged in in_order if KINDS[staged.rule.do].stage is Stage.INSTEAD]
        struck = [staged.strike() for staged in alone[:1] or in_order]
        self._staged = [staged for staged in self._staged if staged.left]
        return tuple(struck) or (self._by_chance(ask, subject) if self.chaos else ())

    def _by_chance(self, ask: IncomingRequest, subject: Subject) -> tuple[Strike, ...]:
        """Choose by the seed, the subject and its count, not by what else happens at the same time."""
        name = (ask.operation, subject.prompt or subject.task)
        turn = self._met.pop(name, 0) + 1
        self._met[name] = turn
        if len(self._met) > _SUBJECTS:
            self._met.popitem(last=False)
        digest = hashlib.sha256(f"{self.seed}/{name[0]}/{name[1]}/{turn}".encode()).digest()
        dice = Random(digest)  # noqa: S311  chance that is to be repeated
        kinds = [kind for kind in KINDS.values() if kind.weight and ask.operation in kind.operations]
        if dice.random() >= self.chaos or not kinds:
            return ()
        (kind,) = dice.choices(kinds, [kind.weight for kind in kinds])
        return (Strike(kind, kind.options),)


class _Staged:
    """A rule, with how often it matched and applied."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self._met = self._struck = 0

    @property
    def left(self) -> bool:
        """Whether it can still apply."""
        return self.rule.times is None or self._struck < self.rule.times

    def meets(self, ask: IncomingRequest, subject: Subject) -> bool:
        """Whether it applies to this request, which is counted if it matches."""
        if not _fits(self.rule, ask, subject):
            return False
        self._met += 1
        return self._met >= self.rule.nth

    def strike(self) -> Strike:
        """Apply the rule once."""
        self._struck += 1
        kind = KINDS[self.rule.do]
        return Strike(kind, {**kind.options, **self.rule.options})


def _fits(rule: FaultRule, ask: IncomingRequest, subject: Subject) -> bool:
    return (
        ask.operation in (rule.operations or KINDS[rule.do].operations)
        and rule.dialect in ("", ask.dialect)
        and rule.external_id in ("", subject.external_id)
        and rule.task in ("", subject.task)
        and rule.model in ("", subject.model)
        and rule.prompt in subject.prompt
    )


def read_rules(file: Path) -> tuple[FaultRule, ...]:
    """Read rules from a JSON file. Raises `UsageError` if that is not possible."""
    try:
        return rules_from(json.loads(read_file(file)))
    except OSError as trouble:
        raise UsageError(f"{file} cannot be read: {trouble.strerror}") from trouble
    except (ValueError, RecursionError) as wrong:
        raise UsageError(f"{file} is not JSON: {wrong}") from None


def rules_from(document: object) -> tuple[FaultRule, ...]:
    """Parse rules from a JSON document (one object, or a list). Raises `UsageError` that names the wrong rule and the
    reason.
    """
    listed = document if isinstance(document, list) else [document]
    return tuple(_rule(number, raw) for number, raw in enumerate(listed, 1))


def _rule(number: int, raw: object) -> FaultRule:
    if not isinstance(raw, dict):
        raise UsageError(f"rule {number} is not an object", help='such as {"do": "lost-reply", "nth": 2}')
    name = raw.get("do")
    if not isinstance(name, str) or name not in KINDS:
        nearest = did_you_mean(name, KINDS) if isinstance(name, str) else None
        raise UsageError(f"rule {number}: there is no fault `{name}`", help=nearest or ", ".join(KINDS))
    kind = KINDS[name]
    options = {key: value for key, value in raw.items() if key not in _FIELDS}
    for option, value in options.items():
        _known(number, "option", option, kind.options)
        if value is not None or kind.options[option] is not None:
            _fits_form(number, option, value)
    return FaultRule(
        name,
        options,
        _operations(number, raw.get("operation"), kind),
        nth=_count(number, "nth", raw.get("nth", 1)),
        times=None if raw.get("times") == ALWAYS else _count(number, "times", raw.get("times", 1)),
        **{each: _text(number, each, raw.get(each, "")) for each in _MATCH},
    )


def _fits_form(number: int, name: str, value: object) -> None:
    if not FORMS[name].fits(value):
        raise UsageError(f"rule {number}: `{name}` is {FORMS[name].words}")


def _operations(number: int, value: object, kind: FaultKind) -> tuple[Operation, ...]:
    named = value if isinstance(value, list) else [] if value is None else [value]
    for each in named:
        _known(number, "operation of this fault", each, kind.operations)
    return tuple(Operation(str(each)) for each in named)


def _count(number: int, name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"rule {number}: `{name}` is a number from 1 on", help=f'or "{ALWAYS}" for `times`')
    return value


def _text(number: int, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"rule {number}: `{name}` is a text")
    if name == "dialect" and value:
        _known(number, name, value, DIALECTS)
    return value


def _known(number: int, what: str, value: object, known: Iterable[str]) -> None:
    names = list(known)
    if value not in names:
        wrong = str(value)
        raise UsageError(
            f"rule {number}: there is no {what} `{wrong}`", help=did_you_mean(wrong, names) or ", ".join(names) or None
        )
