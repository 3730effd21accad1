"""Explain a stretch that no jobs can hold: one error, at its first shot that is shorter than the shortest job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.rules import packing as rules
from storyboard.jobs.limits import is_open, lengths, prompt_too_long, seconds_of
from storyboard.jobs.packable_run import PackableRun, shares
from storyboard.jobs.why_not_shared import kept_apart
from storyboard.story.story import Shot


def unheld(runs: Sequence[PackableRun], at: int) -> Diagnostic:
    """Return the error for one stretch among all those of a story."""
    stretch = runs[at]
    card = stretch.card
    allowed = sorted(stretch.room.allowed) or card.duration.allowed
    shot = _first(stretch, allowed)
    length = seconds_of(shot.seconds)
    makes = f"{card.name} makes {lengths(allowed)}"
    refused = stretch.refuses_length(int(shot.seconds))
    if refused and int(shot.seconds) in card.duration.allowed:
        return _setting_refuses_length(stretch, shot, refused.parameter)
    if card.shared_job is None:
        message = f"`{shot.address}` lasts {length}; {makes}, one shot each"
        return rules.LENGTH.at(shot.origin.span, message, related=shot.origin.chain)
    if not shares(card, shot):
        return prompt_too_long(card, shot, f"and a shot of {length} is too short for its own job: {makes}")
    return rules.NO_JOB_HOLDS.at(
        shot.origin.span,
        f"`{shot.address}` lasts {length}, but {makes}, and it cannot share a job with a neighbour",
        label=f"{length} is too short for its own job",
        help=f"make it {allowed[0]} s, or let it share a job with a neighbour",
        related=(*_neighbours(runs, at, shot), *shot.origin.chain),
    )


def _first(stretch: PackableRun, allowed: Sequence[int]) -> Shot:
    """Return the first shot under the shortest job; else the first that cannot stand alone."""
    judged = [shot for shot in stretch.shots if not is_open(stretch.card, shot)] or list(stretch.shots)
    short = (shot for shot in judged if shot.seconds < allowed[0])
    lonely = (shot for shot in judged if shot.seconds not in allowed)
    return next(short, None) or next(lonely, None) or judged[0]


def _setting_refuses_length(stretch: PackableRun, shot: Shot, parameter: str) -> Diagnostic:
    makes = lengths(sorted(stretch.room.allowed)) if stretch.room.allowed else "no job at all"
    return rules.LENGTH_OF_SETTING.at(
        shot.setting_spans.get(parameter, shot.origin.span),
        f"`{shot.address}` lasts {seconds_of(shot.seconds)}; with `.{parameter}` {stretch.card.name} makes {makes}",
        help=f"remove `.{parameter}`, or change the length of the shot",
        related=(Related(f"`{shot.address}`", shot.origin.span), *shot.origin.chain),
    )


def _neighbours(runs: Sequence[PackableRun], at: int, shot: Shot) -> Iterator[Related]:
    """Explain what keeps the shots before and after it out of its job."""
    shots = runs[at].shots
    place = shots.index(shot)
    before = shots[place - 1] if place else (runs[at - 1].shots[-1] if at else None)
    behind = runs[at + 1].shots[0] if at + 1 < len(runs) else None
    after = shots[place + 1] if place + 1 < len(shots) else behind
    for one, other in ((before, shot), (shot, after)):
        if one and other:
            yield from kept_apart(runs[at], one, other, shot)
