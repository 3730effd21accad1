"""The shapes of a finding: `Diagnostic`, the `Rule` it is an instance of, and `Outcome`, a value with its findings."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span

T_co = TypeVar("T_co", covariant=True)

LONGEST_QUOTE = 120
"""Longest quote of the author's text in a message, in characters."""

_LONG_QUOTE = lazy_pattern(rf"`([^`]{{{LONGEST_QUOTE}}})[^`]+`")


class Severity(StrEnum):
    """The severity of a finding; only an error stops a build."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Edit(NamedTuple):
    """Replace what `span` covers by `text`; an empty span inserts."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits, of one or more sources, that a tool can apply as one.

    Only a `safe` one is applied by `lint --fix`: it changes nothing but the mistake, keeps every text, comment and
    note, turns no text into a statement and no statement into text. All others are offered in an editor, to be chosen.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Related(NamedTuple):
    """A related place: a share of a limit, a link of the chain that led there, a first use."""

    message: str
    span: Span


class Diagnostic(NamedTuple):
    """One finding. `message` is one sentence in the author's words; `label` stands under the marked text."""

    rule: Rule
    message: str
    span: Span
    label: str = ""
    help: str | None = None
    fix: Fix | None = None
    related: tuple[Related, ...] = ()

    @property
    def code(self) -> str:
        """The stable code, such as `SB203`."""
        return self.rule.code

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.rule.severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: tests run its examples; `explain` and the docs print them.

    `bad` and `good` are stories. Where one needs more files, each further file follows a line `--- NAME` and the first
    is `main.story`. `explanation` is Markdown: why the rule exists, and how to fix it.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    explanation: str
    bad: str
    good: str
    when: Literal["check", "build"] = "check"
    """When it applies: when a story is checked, or only after a gateway has seen its jobs."""

    def at(
        self,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str | None = None,  # noqa: A002
        fix: Fix | None = None,
        related: Iterable[Related] = (),
    ) -> Diagnostic:
        """Return this rule's finding at a place; long quotes in its message are cut."""
        if len(message) > LONGEST_QUOTE:
            message = _LONG_QUOTE.sub(r"`\1…`", message)
        return Diagnostic(self, message, span, label, help, fix, tuple(related))


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T_co]):
    """A value, and the findings on the way to it. `value` is None only if an error left nothing to return."""

    value: T_co | None
    diagnostics: tuple[Diagnostic, ...] = field(default=())


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether anything among them stops a build."""
    error = Severity.ERROR
    return any(found.rule.severity is error for found in diagnostics)


def sort_by_place(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by file, place and code. Duplicates at one place are merged, with the longest chain."""
    unique: dict[tuple[str, int, int, str, str], Diagnostic] = {}
    for found in diagnostics:
        source, start, end = found.span
        key = (str(source.path), start, end, found.rule.code, found.message)
        known = unique.get(key)
        if known is None or len(found.related) > len(known.related):
            unique[key] = found
    return tuple(unique[key] for key in sorted(unique))
