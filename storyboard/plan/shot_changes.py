"""Compare two versions of the stories shot by shot: added, changed, moved, removed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from storyboard.fast_dataclasses import dataclass
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.canonical import canonical
from storyboard.story.story import Shot

ShotsByStory: TypeAlias = Mapping[Path, Sequence[Shot]]
"""The shots of each story, in story order."""


class ShotFate(StrEnum):
    """How a shot changed."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"


class FieldChange(NamedTuple):
    """What was something else before, as a person reads it; "" if there was nothing. `is_text` for words that were
    written to be read, such as a prompt."""

    name: str
    was: str
    now: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class ShotChange:
    """The change of one shot. `path` and `address` are the current ones, or the former ones of a removed shot.
    `moved_from` is the former story and address of a moved shot; they equal the current ones if only the order changed.
    A shot that was changed and moved is `changed`, with `moved_from`.
    """

    fate: ShotFate
    path: Path
    address: str
    seconds: Decimal
    prompt: str
    fields: tuple[FieldChange, ...] = ()
    moved_from: tuple[Path, str] | None = None


def compare_shots(before: ShotsByStory, now: ShotsByStory) -> tuple[ShotChange, ...]:
    """Return all changes: current stories and their shots in order, then the removed shots."""
    stay = {(path, shot.address) for path, shots in now.items() for shot in shots}
    everything = {(path, shot.address): shot for path, shots in before.items() for shot in shots}
    unmatched = {place: shot for place, shot in everything.items() if place not in stay}
    by_content: dict[str, list[tuple[Path, str]]] = {}
    for place, shot in unmatched.items():
        by_content.setdefault(_content(shot), []).append(place)
    changes = []
    for path, shots in now.items():
        earlier = {shot.address: shot for shot in before.get(path, ())}
        moved = _out_of_order(list(earlier), [shot.address for shot in shots if shot.address in earlier])
        for shot in shots:
            was, place = earlier.get(shot.address), (path, shot.address)
            if was is None:
                places = by_content.get(_content(shot))
                came_from = places.pop(0) if places else None
                if came_from is not None:
                    del unmatched[came_from]
                fate = ShotFate.ADDED if came_from is None else ShotFate.MOVED
                changes.append(ShotChange(fate, *place, shot.seconds, shot.prompt, (), came_from))
                continue
            fields = tuple(_fields(was, shot))
            came_from = place if shot.address in moved else None
            if fields or came_from:
                fate = ShotFate.CHANGED if fields else ShotFate.MOVED
                changes.append(ShotChange(fate, *place, shot.seconds, shot.prompt, fields, came_from))
    gone = (ShotChange(ShotFate.GONE, *place, shot.seconds, shot.prompt) for place, shot in unmatched.items())
    return (*changes, *gone)


def _out_of_order(before: Sequence[str], now: Sequence[str]) -> frozenset[str]:
    """Return the fewest addresses that have to move to turn the old order into the new one."""
    index = {address: at for at, address in enumerate(before)}
    ends: list[int] = []
    last: list[int] = []
    previous: list[int | None] = []
    for at, address in enumerate(now):
        place = bisect_left(ends, index[address])
        previous.append(last[place - 1] if place else None)
        if place == len(ends):
            ends.append(index[address])
            last.append(at)
        else:
            ends[place], last[place] = index[address], at
    kept = set()
    follow = last[-1] if last else None
    while follow is not None:
        kept.add(now[follow])
        follow = previous[follow]
    return frozenset(now) - kept


def _content(shot: Shot) -> str:
    """Return everything that decides a shot's picture, to recognise a shot that only moved."""
    local = (shot.local.kind, shot.local.file, str(shot.local.start)) if shot.local else None
    parts = (shot.model, str(shot.seconds), shot.prompt, shot.negative.joined, canonical(dict(shot.parameters)), local)
    return repr(parts)


def _fields(was: Shot, now: Shot) -> Iterator[FieldChange]:
    """Return every field in which a shot differs, the prompt first."""
    pairs = [
        FieldChange("prompt", was.prompt, now.prompt, is_text=True),
        FieldChange("length", _seconds(was.seconds), _seconds(now.seconds)),
        FieldChange("model", was.model, now.model),
        *(
            FieldChange(name, _value(was, name), _value(now, name))
            for name in dict.fromkeys((*was.parameters, *now.parameters))
        ),
        FieldChange("negatives", was.negative.joined, now.negative.joined, is_text=True),
        FieldChange("take", str(was.take or ""), str(now.take or "")),
        FieldChange("source", _source(was), _source(now)),
        FieldChange("cut", _cut(was), _cut(now)),
        FieldChange("transition", _transition(was), _transition(now)),
        FieldChange("spoken words", _spoken(was), _spoken(now), is_text=True),
        FieldChange("captions", " / ".join(was.beside.captions), " / ".join(now.beside.captions), is_text=True),
        FieldChange("notes", " / ".join(was.beside.notes), " / ".join(now.beside.notes), is_text=True),
    ]
    return (pair for pair in pairs if pair.was != pair.now)


def _seconds(seconds: Decimal) -> str:
    return f"{seconds.normalize():f} s"


def _value(shot: Shot, name: str) -> str:
    return canonical(shot.parameters[name]) if name in shot.parameters else ""


def _source(shot: Shot) -> str:
    if shot.local is None:
        return ""
    start = f" from {_seconds(shot.local.start)}" if shot.local.start else ""
    return f"{shot.local.kind} {shot.local.file}{start}".strip()


def _cut(shot: Shot) -> str:
    return f"{_seconds(shot.part.start)} to {_seconds(shot.part.end)}" if shot.part else ""


def _transition(shot: Shot) -> str:
    return shot.transition.written if shot.transition else ""


def _spoken(shot: Shot) -> str:
    return " / ".join(each.written for each in shot.beside.say)
