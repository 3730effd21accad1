"""Collect the findings of a check, each with the chain that led to it."""

from __future__ import annotations

from storyboard.diagnostics import Diagnostic, Related
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.syntax.tree import Text

LONGEST_CHAIN = 60
"""Longest chain that is shown, in links."""


class Stretch(NamedTuple):
    """A place in a text; its span is computed only on demand."""

    text: Text
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The file's stretch."""
        return self.text.span(self.start, self.end)


class ChainLink(NamedTuple):
    """One link of the chain of uses, loops and calls that led to a place, the innermost outside."""

    message: str
    where: Stretch | Span
    outer: ChainLink | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.where.span if isinstance(self.where, Stretch) else self.where


def chain(step: ChainLink | None) -> tuple[Related, ...]:
    """Return the links as an author is shown them, innermost first."""
    links: list[Related] = []
    while step is not None and len(links) < LONGEST_CHAIN:
        links.append(Related(step.message, step.span))
        step = step.outer
    return tuple(links)


class Findings:
    """The findings so far. One that repeats another at its place, reached by another way, is dropped."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, int, int, str], Diagnostic] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a finding, unless the same one is there already."""
        span = diagnostic.span
        key = (diagnostic.code, id(span.source), span.start, span.end, diagnostic.message)
        self._found.setdefault(key, diagnostic)

    @property
    def all(self) -> tuple[Diagnostic, ...]:
        """All findings, in the order in which they were added."""
        return tuple(self._found.values())
