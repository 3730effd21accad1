"""Why two neighbouring shots do not share a job, in the author's words."""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.cards.requirements import settle
from storyboard.diagnostics import Related
from storyboard.jobs.canonical import canonical
from storyboard.jobs.packable_run import PackableRun, shares
from storyboard.story.story import Shot


def kept_apart(stretch: PackableRun, before: Shot, after: Shot, shot: Shot) -> Iterator[Related]:
    """Return the first reason from the view of `shot`, which is one of the two and in `stretch`; none if there is no
    simple one."""
    other = before if shot is after else after
    name = f"`{other.address}`"
    if before.scene != after.scene:
        yield Related(f"{name} is in another scene", other.origin.span)
    elif after.split_before:
        yield Related(f"a `split` separates it from {name}", after.origin.span)
    elif "shot" in (before.pack, after.pack):
        yield Related(f"`.pack shot` separates it from {name}", other.origin.span)
    elif before.model != after.model:
        yield Related(f"{name} is made by {other.model}", other.origin.span)
    elif parameter := _parameter_between(stretch, before, after):
        span = shot.setting_spans.get(parameter) or other.setting_spans.get(parameter) or other.origin.span
        yield Related(f"`.{parameter}` differs from {name}", span)
    elif before.negative.items != after.negative.items:
        yield Related(f"its shared negatives differ from those of {name}", shot.negative.span or shot.origin.span)
    elif not shares(stretch.card, other):
        yield Related(f"{name} is {len(other.prompt)} characters, so it gets its own job", other.origin.span)
    elif shot.seconds + other.seconds > stretch.room.longest:
        seconds = int(shot.seconds + other.seconds)
        yield Related(f"with {name} it would be {seconds} s, over {stretch.room.longest} s", other.origin.span)


def _parameter_between(stretch: PackableRun, one: Shot, other: Shot) -> str | None:
    """Return the first parameter in which two shots differ, including defaults."""
    ours, theirs = settle(stretch.card, one.parameters), settle(stretch.card, other.parameters)
    names = (name for name in stretch.card.parameters if canonical(ours.get(name)) != canonical(theirs.get(name)))
    return next(names, None)
