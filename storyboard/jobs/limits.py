"""Check prompts, lengths and shared negatives against the limits of the model's card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from storyboard.cards.model_card import ModelCard
from storyboard.cards.values import either
from storyboard.diagnostics import Diagnostic, Related
from storyboard.diagnostics.limits import NEAR_PERCENT
from storyboard.diagnostics.rules import packing as rules
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.packable_run import PackableRun, shares
from storyboard.jobs.packing import Room
from storyboard.source import Span
from storyboard.story.story import Negatives, Shot

MANY_FRACTIONS = 3
"""From this many shots with fractional lengths, lengths are advised by running total."""
NOT_ROUNDED: Mapping[str, int] = {}
MOST_BYTES = 4
"""Of one character in UTF-8."""


def shot_findings(stretch: PackableRun, shot: Shot, rounded: Mapping[str, int] = NOT_ROUNDED) -> Iterator[Diagnostic]:
    """Report a prompt or length of one shot that no job of its model allows, whatever its neighbours. `rounded` are the
    advised lengths for fractional shots, from `rounded_by_running_time`.
    """
    card = stretch.card
    if shot.length_known:
        yield from _length_findings(stretch, shot, rounded.get(shot.address))
    limit = prompt_limit(card, shot) if might_share(stretch, shot) else card.max_prompt
    if len(shot.prompt) > limit:
        yield prompt_too_long(card, shot)
    elif not _is_far(shot.prompt, limit):
        takes = f"{card.name} allows {limit}{several(card) if limit < card.max_prompt else ''}"
        measured = _Measured(f"`{shot.address}`: the prompt is", shot.prompt, limit, takes)
        yield from _close(measured, shot.origin.span, contributors(shot))


def prompt_limit(card: ModelCard, shot: Shot) -> int:
    """Return the limit for a shot's prompt: that of a shared job if it may share one."""
    if card.shared_job and shot.pack == "auto" and shares(card, shot):
        return card.shared_job.max_prompt
    return card.max_prompt


def might_share(stretch: PackableRun, shot: Shot) -> bool:
    """Whether a shot and one of its neighbours are short enough to share a job."""
    at = stretch.places[id(shot)]
    around = (*stretch.shots[max(at - 1, 0) : at], *stretch.shots[at + 1 : at + 2])
    return any(shot.seconds + each.seconds <= stretch.room.longest for each in around)


def prompt_too_long(card: ModelCard, shot: Shot, beside: str = "") -> Diagnostic:
    """Report a prompt over a limit; `beside` says why the limit of shared jobs applies."""
    length = len(shot.prompt)
    shared = card.shared_job
    if beside and shared:
        limit, also = shared.max_prompt, f"{several(card)} ({card.max_prompt} alone), {beside}"
    else:
        limit, also = card.max_prompt, f" ({shared.max_prompt}{several(card)})" if shared else ""
    return rules.PROMPT_TOO_LONG.at(
        shot.origin.span,
        f"`{shot.address}`: the prompt is {length} characters; {card.name} allows {limit}{also}",
        label=f"with names filled in, its prompt is {length} characters",
        help=f"cut {characters(length - limit)}"
        + (", or make the shot longer so that it gets its own job" if beside else ""),
        related=(*contributors(shot), *shot.origin.chain),
    )


def contributors(shot: Shot) -> tuple[Related, ...]:
    """Return who contributes how much to a shot's prompt, if that is known."""
    return tuple(Related(f"{share.length} {share.what}", share.span) for share in shot.shares)


def several(card: ModelCard) -> str:
    """Return the words for the limit of shared jobs."""
    return " in a job of several shots" if card.shared_job else ""


def characters(count: int) -> str:
    """Return a number of characters, in words."""
    return "1 character" if count == 1 else f"{count} characters"


def is_open(card: ModelCard, shot: Shot) -> bool:
    """Whether a shot itself has a mistake, so that it is unknown which neighbours it needs."""
    right_length = _shortest_shot(card) <= shot.seconds <= card.duration.allowed[-1] and is_whole(shot.seconds)
    return shot.damaged or not right_length or not 0 < len(shot.prompt) <= card.max_prompt


def fillable(stretch: PackableRun) -> bool:
    """Whether jobs could hold a stretch if its open shots had any length."""
    room = stretch.room
    open_shots = [is_open(stretch.card, shot) for shot in stretch.shots]
    reached = [True] + [False] * len(stretch.shots)
    for start in range(len(stretch.shots)):
        if reached[start]:
            for end in _ends(stretch, room, open_shots, start):
                reached[end] = True
    return reached[-1]


def _ends(stretch: PackableRun, room: Room, open_shots: Sequence[bool], start: int) -> Iterator[int]:
    known, free = 0, False
    for end in range(start + 1, min(start + room.max_shots, len(stretch.shots)) + 1):
        shot = stretch.shots[end - 1]
        free |= open_shots[end - 1]
        known += room.min_seconds if open_shots[end - 1] else int(shot.seconds)
        if end > start + 1 and not _may_share(stretch, start, end, open_shots):
            return
        if known in room.allowed or (free and any(length >= known for length in room.allowed)):
            yield end


def _may_share(stretch: PackableRun, start: int, end: int, open_shots: Sequence[bool]) -> bool:
    return all(open_shots[at] or shares(stretch.card, stretch.shots[at]) for at in (start, end - 1))


def negative_findings(runs: Sequence[PackableRun]) -> Iterator[Diagnostic]:
    """Report shared negatives over or near the limit of the model; each text once."""
    for (name, text, _), (card, negative) in _negatives(runs).items():
        limit = card.max_negative
        if limit is None or negative.span is None:
            continue
        if len(text) > limit:
            yield rules.NEGATIVES_TOO_LONG.at(
                negative.span,
                f"the shared negatives are {len(text)} characters; {name} allows {limit}",
                help=f"cut {characters(len(text) - limit)}, or move what concerns one shot to its `.avoid`",
            )
        else:
            measured = _Measured("the shared negatives are", text, limit, f"{name} allows {limit}")
            yield from _close(measured, negative.span, ())


def _negatives(runs: Sequence[PackableRun]) -> dict[tuple[str, str, object], tuple[ModelCard, Negatives]]:
    seen: dict[tuple[str, str, object], tuple[ModelCard, Negatives]] = {}
    for run in runs:
        for shot in run.shots:
            if shot.negative.items:
                seen[run.card.name, shot.negative.joined, shot.negative.span] = (run.card, shot.negative)
    return seen


def rounded_by_running_time(shots: Iterable[Shot]) -> Mapping[str, int]:
    """Return whole seconds for each shot, by address, so that every cut stays within half a second of its intended
    time. Empty if only a few shots have fractional lengths: their author can round each freely.
    """
    lengths: dict[str, int] = {}
    passed, fractions = Decimal(0), 0
    for shot in shots:
        until = passed + shot.film_seconds
        if shot.local is None and shot.part is None and not is_whole(shot.seconds):
            fractions += 1
            lengths[shot.address] = int(
                until.to_integral_value(ROUND_HALF_UP) - passed.to_integral_value(ROUND_HALF_UP)
            )
        passed = until
    return lengths if fractions >= MANY_FRACTIONS else NOT_ROUNDED


def _length_findings(stretch: PackableRun, shot: Shot, rounded: int | None) -> Iterator[Diagnostic]:
    card, longest = stretch.card, stretch.card.duration.allowed[-1]
    if _shortest_shot(card) <= shot.seconds <= longest and is_whole(shot.seconds):
        return
    lasts = f"`{shot.address}` lasts {seconds_of(shot.seconds)}"
    if shot.seconds > longest:
        yield rules.LENGTH.at(
            shot.origin.span,
            f"{lasts}; {card.name} makes {lengths(card.duration.allowed)}",
            help=f"make it at most {longest} s, or {_shots(shot.seconds, longest)}",
            related=shot.origin.chain,
        )
    elif shot.seconds < _shortest_shot(card):
        yield rules.LENGTH.at(
            shot.origin.span,
            f"{lasts}; {card.name} accepts shots of {_shortest_shot(card)} s or more",
            help=f"make it {_shortest_shot(card)} s or more",
            related=shot.origin.chain,
        )
    elif not is_whole(shot.seconds):
        near = _whole_lengths(card, shot.seconds)
        whole = (
            f"{rounded} s keeps the cuts in sync"
            if rounded in near
            else f"make it {either([f'{each} s' for each in near])}"
        )
        yield rules.WHOLE_SECONDS.at(
            shot.origin.span,
            f"{lasts}; {card.name} accepts only whole seconds",
            help=f"{whole}; `shot {shot.name} {_bought_for(card, shot)}s` with "
            f"`.cut {shot.seconds.normalize():f}s` is exact",
            related=shot.origin.chain,
        )


def _bought_for(card: ModelCard, shot: Shot) -> int:
    """Return the shortest length that can be bought to cut the shot from."""
    above = int(shot.seconds) + 1
    return above if card.shared_job else next(each for each in card.duration.allowed if each >= above)


def _shortest_shot(card: ModelCard) -> int:
    return card.shared_job.min_seconds if card.shared_job else card.duration.allowed[0]


def _whole_lengths(card: ModelCard, seconds: Decimal) -> list[int]:
    """Return the allowed lengths next to a fractional one: in whole seconds, or as whole jobs."""
    if card.shared_job:
        return [int(seconds), int(seconds) + 1]
    allowed = card.duration.allowed
    return [*[each for each in allowed if each < seconds][-1:], *[each for each in allowed if each > seconds][:1]]


def _shots(seconds: Decimal, longest: int) -> str:
    """Return how many shots are needed at least, in words."""
    count = (seconds / longest).to_integral_value(ROUND_CEILING)
    words = {2: "two shots", 3: "three shots or more", 4: "four shots or more", 5: "five shots or more"}
    return words.get(int(count), f"{count} shots or more")


def is_whole(seconds: Decimal) -> bool:
    """Whether a length has no fraction."""
    return seconds == seconds.to_integral_value()


def seconds_of(seconds: Decimal) -> str:
    """Return a length as people write it."""
    return f"{seconds.normalize():f} s"


def lengths(allowed: Sequence[int]) -> str:
    """Return the lengths of a model's jobs, in words."""
    if len(allowed) > 2 and allowed[-1] - allowed[0] == len(allowed) - 1:
        return f"jobs of {allowed[0]} to {allowed[-1]} s"
    return f"jobs of {either([f'{seconds} s' for seconds in allowed])}"


class _Measured(NamedTuple):
    """A text within its limit: what it is, in words, and the model's limit."""

    what: str
    text: str
    limit: int
    takes: str


def _is_far(text: str, limit: int) -> bool:
    """Whether a text is far enough from its limit to need no hint, however its characters are counted."""
    return len(text) * 100 <= limit * NEAR_PERCENT and (len(text) * MOST_BYTES <= limit or text.isascii())


def _close(measured: _Measured, span: Span, related: Iterable[Related]) -> Iterator[Diagnostic]:
    """Return hints on a text within its limit: that it is close, or over by another way of counting."""
    what, text, limit, takes = measured
    if len(text) * 100 > limit * NEAR_PERCENT:
        yield rules.NEAR_LIMIT.at(span, f"{what} {len(text)} characters; {takes}", related=related)
    if counted := _past_otherwise(text, limit):
        message = f"{what} {len(text)} characters, but {counted}; {takes} and may count those"
        yield rules.COUNTED_OTHERWISE.at(span, message)


def _past_otherwise(text: str, limit: int) -> str | None:
    """Return the other ways of counting by which a text exceeds the limit."""
    if len(text) * MOST_BYTES <= limit or text.isascii():
        return None
    ways = {"UTF-8 bytes": len(text.encode()), "UTF-16 units": len(text.encode("utf-16-le")) // 2}
    past = [f"{count} {way}" for way, count in ways.items() if count > limit]
    return " and ".join(past) or None
