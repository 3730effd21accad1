"""Names that refer to themselves, and the order in which the others can be computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules.names import CIRCLE
from storyboard.fast_named_tuples import NamedTuple
from storyboard.source import Span
from storyboard.story.symbols import Declared

Needs = Mapping[Declared, Sequence[tuple[Declared, Span]]]


class DeclarationOrder(NamedTuple):
    """All declarations, each after those it needs; and those on a cycle."""

    sequence: tuple[Declared, ...]
    circular: frozenset[Declared]
    findings: tuple[Diagnostic, ...]


def order(needs: Needs) -> DeclarationOrder:
    """Return the order of computation; each cycle is one finding at its first declaration."""
    sequence: list[Declared] = []
    circular: set[Declared] = set()
    findings: list[Diagnostic] = []
    for group in _groups(needs):
        sequence += group
        if len(group) > 1 or any(other is group[0] for other, _ in needs.get(group[0], ())):
            circular.update(group)
            findings.append(_circle(group, needs))
    return DeclarationOrder(tuple(sequence), frozenset(circular), tuple(findings))


def _circle(group: Sequence[Declared], needs: Needs) -> Diagnostic:
    first = min(group, key=lambda symbol: symbol.decl.name.span.start)
    links = _way_back(first, set(group), needs)
    names = [first.decl.name.text, *(symbol.decl.name.text for symbol, _ in links)]
    related = [
        Related(f"`{name}` needs `{symbol.decl.name.text}` here", span)
        for name, (symbol, span) in zip(names, links, strict=False)
    ]
    message = f"`{names[0]}` refers to itself: " + " → ".join(names)
    return CIRCLE.at(first.decl.name.span, message, help="break the cycle at one of these places", related=related)


def _way_back(first: Declared, group: set[Declared], needs: Needs) -> list[tuple[Declared, Span]]:
    """Return the shortest path from a declaration back to itself."""
    came: dict[Declared, tuple[Declared, Span]] = {}
    todo = [first]
    for symbol in todo:
        for other, span in needs.get(symbol, ()):
            if other in group and other not in came:
                came[other] = (symbol, span)
                if other is first:
                    return _walk_back(first, came)
                todo.append(other)
    return []


def _walk_back(first: Declared, came: Mapping[Declared, tuple[Declared, Span]]) -> list[tuple[Declared, Span]]:
    links: list[tuple[Declared, Span]] = []
    current = first
    while True:
        before, span = came[current]
        links.append((current, span))
        if before is first:
            return links[::-1]
        current = before


def _groups(needs: Needs) -> list[list[Declared]]:
    """Strongly connected groups, needed ones first (Tarjan's algorithm, without recursion)."""
    index: dict[Declared, int] = {}
    low: dict[Declared, int] = {}
    open_: list[Declared] = []
    is_open: set[Declared] = set()
    groups: list[list[Declared]] = []
    for root in needs:
        if root in index:
            continue
        work = [(root, 0)]
        while work:
            symbol, at = work.pop()
            if at == 0:
                index[symbol] = low[symbol] = len(index)
                open_.append(symbol)
                is_open.add(symbol)
            others = needs.get(symbol, ())
            if at > 0:
                low[symbol] = min(low[symbol], low[others[at - 1][0]])
            while at < len(others):
                other = others[at][0]
                at += 1
                if other not in index:
                    work += [(symbol, at), (other, 0)]
                    break
                if other in is_open:
                    low[symbol] = min(low[symbol], index[other])
            else:
                if low[symbol] == index[symbol]:
                    groups.append(_close(symbol, open_, is_open))
    return groups


def _close(symbol: Declared, open_: list[Declared], is_open: set[Declared]) -> list[Declared]:
    group: list[Declared] = []
    while True:
        other = open_.pop()
        is_open.discard(other)
        group.append(other)
        if other is symbol:
            return group
