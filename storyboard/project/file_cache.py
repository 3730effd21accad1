"""The results of a run for one file, as plain values that can be cached for the next run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.files.cache import digest
from storyboard.report.style import StyledText
from storyboard.report.views import BuildPart, PlanPart
from storyboard.source import Source, Span

Part: TypeAlias = PlanPart | BuildPart
Plain: TypeAlias = Any
"""Tuples, lists, dicts, texts, numbers, None."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The results of an earlier run for a file; the file and everything that it depends on are unchanged. `part` is the
    report of its story, None for a library or if there is no report per file. `trace` summarises the ledger's purchases
    for the story; None if the whole ledger must be unchanged.
    """

    is_library: bool
    settable: tuple[str, ...]
    found: tuple[Diagnostic, ...]
    part: Part | None = None
    trace: str | None = None


def to_plain(recalled: Recalled, rendered: Callable[[Part], str]) -> Plain:
    """Convert to plain values; `rendered` returns a part's lines as the terminal or file shows them."""
    texts = dict[Path, bytes]()
    found = [_finding(each, texts) for each in recalled.found]
    part = recalled.part and _part(recalled.part, rendered(recalled.part))
    return (
        recalled.is_library,
        recalled.settable,
        {str(path): text for path, text in texts.items()},
        found,
        part,
        recalled.trace,
    )


def from_plain(plain: Plain) -> Recalled | None:
    """Convert back; None if a text of a finding has changed. Raises OSError if a file is gone."""
    is_library, settable, texts, findings, part, trace = plain
    read = {name: _source(Path(name)) for name in texts}
    opened = {name: source for name, source in read.items() if source and _digest(source) == texts[name]}
    if len(opened) < len(texts):
        return None
    found = tuple(_as_finding(each, opened) for each in findings)
    return Recalled(is_library, settable, found, part and _as_part(part), trace)


def _source(path: Path) -> Source | None:
    from storyboard.files.disk import read_file
    from storyboard.syntax.decode import decode

    return decode(path, read_file(path)).value


def _digest(source: Source) -> bytes:
    return digest(source.text.encode("utf-8", "surrogatepass"))


def _finding(found: Diagnostic, texts: dict[Path, bytes]) -> Plain:
    def place(span: Span) -> tuple[str, int, int]:
        path = span.source.path
        if path not in texts:
            texts[path] = _digest(span.source)
        return str(path), span.start, span.end

    fix = found.fix and (found.fix.title, [(place(edit.span), edit.text) for edit in found.fix.edits], found.fix.safe)
    related = [(each.message, place(each.span)) for each in found.related]
    return found.code, found.message, place(found.span), found.label, found.help, fix, related


def _as_finding(plain: Plain, opened: dict[str, Source]) -> Diagnostic:
    from storyboard.diagnostics.rules import RULES

    def span(place: tuple[str, int, int]) -> Span:
        return Span(opened[place[0]], place[1], place[2])

    code, message, place, label, help_, fix, related = plain
    return Diagnostic(
        RULES[code],
        message,
        span(place),
        label,
        help_,
        fix and Fix(fix[0], tuple(Edit(span(where), text) for where, text in fix[1]), fix[2]),
        tuple(Related(said, span(where)) for said, where in related),
    )


def _part(part: Part, text: str) -> Plain:
    if isinstance(part, BuildPart):
        return "build", text, part.document, part.pays, part.renewed, part.whole, str(part.paid), str(part.reserved)
    bought = [(key, seconds, None if price is None else str(price)) for key, seconds, price in part.bought]
    return "plan", text, part.jobs, part.pays, bought, part.reused_seconds, str(part.reused_worth), part.budgets


def _as_part(plain: Plain) -> Part:
    kind, text, *rest = plain
    lines = tuple((StyledText(line),) if line else () for line in text.split("\n")[:-1])
    if kind == "build":
        document, pays, renewed, whole, paid, reserved = rest
        return BuildPart(lines, document, pays, renewed, whole, Decimal(paid), Decimal(reserved))
    jobs, pays, bought, seconds, worth, budgets = rest
    prices = tuple((key, length, None if price is None else Decimal(price)) for key, length, price in bought)
    return PlanPart(lines, jobs, pays, prices, seconds, Decimal(worth), budgets)
