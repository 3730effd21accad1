"""The results of a run for one file, as plain values that can be cached for the next run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related
from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.cache import digest
from storyboard.files.transcript import recording
from storyboard.source import Source, Span

if TYPE_CHECKING:
    from storyboard.report.views import BuildPart, PlanPart

Part: TypeAlias = "PlanPart | BuildPart"
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


def from_plain(plain: Plain) -> Recalled:
    """Convert back. The texts of findings are read when they are shown: of many findings, few are."""
    is_library, settable, texts, findings, part, trace = plain
    sources = {name: _UnreadSource(Path(name), text) for name, text in texts.items()}
    found = tuple(_findings(findings, sources))
    return Recalled(is_library, settable, found, part and _as_part(part), trace)


class _UnreadSource(Source):
    """The source of recalled findings. Its text is read when the first is shown; `expected` is the text's digest.

    A file is recalled only if it is unchanged. If it changes before the text is read, that raises StoryboardError.
    """

    expected: bytes

    def __init__(self, path: Path, expected: bytes) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "expected", expected)

    @cached_property
    def text(self) -> str:
        from storyboard.files.disk import read_file
        from storyboard.syntax.decode import decode

        try:
            with recording():  # each file's own transcript has this already
                read = decode(self.path, read_file(self.path)).value
        except OSError:
            read = None
        if read is None or _digest(read) != self.expected:
            raise StoryboardError(f"{self.path} changed while it was checked", help="run the command again")
        return read.text


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


def _findings(plain: Iterable[Plain], sources: Mapping[str, Source]) -> Iterator[Diagnostic]:
    """Yield recalled findings. Written out for speed: there may be thousands, and few are shown."""
    from storyboard.diagnostics.rules import RULES

    for code, message, (name, start, end), label, help_, fix, related in plain:
        others = tuple([Related(said, _span(place, sources)) for said, place in related]) if related else ()
        mend = fix and Fix(fix[0], tuple([Edit(_span(place, sources), text) for place, text in fix[1]]), fix[2])
        yield Diagnostic(RULES[code], message, Span(sources[name], start, end), label, help_, mend, others)


def _span(place: tuple[str, int, int], sources: Mapping[str, Source]) -> Span:
    name, start, end = place
    return Span(sources[name], start, end)


def _part(part: Part, text: str) -> Plain:
    from storyboard.report.views import BuildPart

    if isinstance(part, BuildPart):
        return "build", text, part.document, part.pays, part.renewed, part.whole, str(part.paid), str(part.reserved)
    bought = [(key, seconds, None if price is None else str(price)) for key, seconds, price in part.bought]
    return "plan", text, part.jobs, part.pays, bought, part.reused_seconds, str(part.reused_worth), part.budgets


def _as_part(plain: Plain) -> Part:
    from storyboard.report.style import StyledText
    from storyboard.report.views import BuildPart, PlanPart

    kind, text, *rest = plain
    body = text[:-1].rstrip("\n")  # in one piece: of many stories these are tens of thousands of lines
    lines = ((StyledText(body),), *((),) * (len(text) - len(body) - 1)) if body else ((),) * len(text)
    if kind == "build":
        document, pays, renewed, whole, paid, reserved = rest
        return BuildPart(lines, document, pays, renewed, whole, Decimal(paid), Decimal(reserved))
    jobs, pays, bought, seconds, worth, budgets = rest
    prices = tuple((key, length, None if price is None else Decimal(price)) for key, length, price in bought)
    return PlanPart(lines, jobs, pays, prices, seconds, Decimal(worth), budgets)
