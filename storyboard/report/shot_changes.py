"""What changed since a commit, shot by shot: for people, for scripts, and the edits that several shots share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from storyboard.fast_named_tuples import NamedTuple
from storyboard.money import exact
from storyboard.plan.shot_changes import FieldChange, ShotChange, ShotFate
from storyboard.report.document_types import AgainstDocument, ShotChangeDocument, ShotPlaceDocument
from storyboard.report.plan import buying, estimate, purchase
from storyboard.report.style import Line, Style, counted, line, shown
from storyboard.report.views import AgainstView, PlanPart, Purchase
from storyboard.report.word_diff import DiffPiece, WordDiffs, changes_only, shortened

_STYLES: dict[ShotFate, Style] = {
    ShotFate.ADDED: "ok",
    ShotFate.CHANGED: "warning",
    ShotFate.MOVED: "hint",
    ShotFate.GONE: "error",
}
_WDIFF = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
"""The notation of the program wdiff for deletions and insertions."""


class EditedField(NamedTuple):
    """A changed field of a shot, such as `prompt`, compared word by word. `length` has no pieces."""

    name: str
    pieces: tuple[DiffPiece, ...]


class SharedEdit(NamedTuple):
    """A change, with all later shots that have the same one."""

    first: ShotChange
    fields: tuple[EditedField, ...]
    others: tuple[ShotChange, ...]


def shared_edits(changes: Iterable[ShotChange]) -> list[SharedEdit]:
    """Group the changes; shots with exactly the same edit are shown together, at the first."""
    together: dict[Any, tuple[ShotChange, tuple[EditedField, ...], list[ShotChange]]] = {}
    diffs = WordDiffs()
    for change in changes:
        fields = tuple(_edited(field, diffs) for field in change.fields)
        same = tuple((field.name, changes_only(field.pieces)) for field in fields)
        alike = change.fate is ShotFate.CHANGED and change.moved_from is None
        found = together.setdefault((change.path, same) if alike else change, (change, fields, []))
        if found[0] is not change:
            found[2].append(change)
    return [SharedEdit(first, fields, tuple(others)) for first, fields, others in together.values()]


def _edited(field: FieldChange, diffs: WordDiffs) -> EditedField:
    if field.is_text and field.was and field.now:
        return EditedField(field.name, diffs.of(field.was, field.now))
    pieces = (DiffPiece("gone", field.was), DiffPiece("new", field.now))
    return EditedField(field.name, tuple(piece for piece in pieces if piece.text))


def changes_report(against: AgainstView, parts: Sequence[PlanPart], base: Path) -> list[Line]:
    """Return a line per shot and one per changed field, for people."""
    bought = of_this_change(against, parts)
    head = f"since {against.name}: {fates(against.changes)}"
    bill = f"to buy because of that: {purchase(bought)}" if bought else "nothing to buy because of that"
    lines = [line(head), line(bill if any(part.pays for part in parts) or not bought else "nothing is bought")]
    lines += [
        line((f"{shown(path, base)} had errors then; its shots are not compared", "warning"))
        for path in against.unreadable
    ]
    for edit in shared_edits(against.changes):
        change = edit.first
        place = f"{change.address}   {shown(change.path, base)}{moved_from(change, base)}"
        lines.append(line("  ", (f"{change.fate:<7}", _STYLES[change.fate]), f"  {place}"))
        for field in edit.fields:
            text = "".join(_WDIFF[piece.kind].format(piece.text) for piece in shortened(field.pieces))
            lines.append(line(f"           {field.name}: {text}"))
        if edit.others:
            lines.append(line((f"           the same in {counted(len(edit.others), 'more shot')}", "dim")))
    return lines


def against_document(against: AgainstView, parts: Sequence[PlanPart], base: Path) -> AgainstDocument:
    """Return the part `against` of the document of `plan --json`."""
    bought = of_this_change(against, parts)
    return {
        "name": against.name,
        "commit": against.commit,
        "shots": [_change(change, base) for change in against.changes],
        "not_compared": [shown(path, base) for path in against.unreadable],
        "jobs": [key for key, _, _ in bought],
        "new_seconds": sum(seconds for _, seconds, _ in bought),
        "estimate": exact(estimate(bought)),
    }


def _change(change: ShotChange, base: Path) -> ShotChangeDocument:
    return {
        "change": change.fate.value,
        "path": shown(change.path, base),
        "address": change.address,
        "seconds": exact_seconds(change),
        "fields": [{"name": field.name, "was": field.was, "now": field.now} for field in change.fields],
        "moved_from": _place(*change.moved_from, base) if change.moved_from else None,
    }


def _place(path: Path, address: str, base: Path) -> ShotPlaceDocument:
    return {"path": shown(path, base), "address": address}


def exact_seconds(change: ShotChange) -> float | int:
    """Return a shot's length in seconds, as a number for JSON."""
    return int(change.seconds) if change.seconds == int(change.seconds) else float(change.seconds)


def of_this_change(against: AgainstView, parts: Sequence[PlanPart]) -> list[Purchase]:
    """Return what a build would buy because of the change."""
    return [each for each in buying(parts) if each[0] in against.keys]


def fates(changes: Sequence[ShotChange]) -> str:
    """`1 shot added, 2 changed`; "no shot changed" where nothing did."""
    counts = Counter(change.fate for change in changes)
    said = [f"{counts[fate]} {fate}" for fate in ShotFate if counts[fate]]
    if not said:
        return "no shot changed"
    number, _, rest = said[0].partition(" ")
    return ", ".join([f"{counted(int(number), 'shot')} {rest}", *said[1:]])


def moved_from(change: ShotChange, base: Path) -> str:
    """Return the former place of a moved shot; "" for one that did not move."""
    if change.moved_from is None:
        return ""
    path, address = change.moved_from
    if path != change.path:
        return f", from {address} in {shown(path, base)}"
    return f", from {address}" if address != change.address else ", in a different order"
