"""The decisions about money and patience, as functions of what is known; nothing here touches anything."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import Enum, auto
from typing import Literal, TypeAlias

from storyboard.providers.answers import Exists, Refused, Unclear
from storyboard.providers.calls import HttpReply, Reply
from storyboard.providers.redact import redacted
from storyboard.store import Attempt
from storyboard.store.gateway_traits import GatewayTraits, Lookup

SEVERAL = 3
"""So often a thing is tried before the answer is believed."""

HORIZON = 24 * 3600.0
"""Seconds for which a task that was made can be found for certain: gateways clear old ones."""

Cause: TypeAlias = Refused | Exists | Unclear
"""Why nobody knows what a submit did."""


class AfterWait(Enum):
    """What to do about an id that was looked up through the wait and not found."""

    RESEND = auto()
    """Send again, with the same id."""
    BELIEVE = auto()
    """The refusal is true: nothing was made."""
    UNKNOWN = auto()
    """It may have been made and billed. Not sent again; its price stays reserved."""


def after_wait(
    cause: Cause, attempt: Attempt, known: GatewayTraits, now: float, resend: Literal["auto", "never"]
) -> AfterWait:
    """The verdict on an id that the look after the wait did not find."""
    young = is_young(attempt, now)
    counts = known.lookup is Lookup.SEEN and young
    if isinstance(cause, Exists):
        return AfterWait.UNKNOWN
    if isinstance(cause, Refused):
        only_send = attempt.sends == 1 and known.lookup is not Lookup.SEEN
        return AfterWait.BELIEVE if counts or only_send else AfterWait.UNKNOWN
    may = counts or (known.unique_ids and young)
    return AfterWait.RESEND if may and resend == "auto" else AfterWait.UNKNOWN


def is_young(attempt: Attempt, now: float) -> bool:
    """Whether "not found" can be believed of it: one from the future counts as old, as does one nobody dated."""
    return 0 <= now - attempt.opened_at < HORIZON


MOST_BELIEVED = 300.0
"""Seconds, at most, that a gateway's `Retry-After` is believed at a time."""

BEYOND_BELIEF = 5
"""A stated cost of more than so many times the reserved price is not counted."""


def is_beyond_belief(cost: Decimal, reserved: Decimal | None) -> bool:
    """Return whether a stated cost cannot be true, by what was reserved (US dollars)."""
    return bool(reserved) and reserved is not None and cost > BEYOND_BELIEF * reserved


LONGEST_RAW = 2000
"""Characters of an answer that are kept where its word is not known."""


def raw_text(reply: Reply) -> str:
    """Return the beginning of a reply's body on one line, without what the request was authorised with."""
    if not isinstance(reply, HttpReply):
        return ""
    text = redacted(reply.body[: 4 * LONGEST_RAW].decode("utf-8", "replace"), reply.secret) or ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_RAW]


def nothing_created(attempt: Attempt) -> bool:
    """Whether a reply by which nothing can have been created closes the intent: only after a first send."""
    return attempt.sends <= 1


LOOKS = (0.0, 1.0, 3.0, 7.0)
"""Seconds after which an id is looked up, besides the look after the wait; then at doubling intervals."""


def next_look(elapsed: float, wait: float) -> float | None:
    """Seconds to pause before the next look, the last being the first after the wait; None when that has been."""
    if elapsed >= wait:
        return None
    upcoming = next((at for at in LOOKS if at > elapsed), 2 * elapsed + 1)
    return min(upcoming, wait) - elapsed


FIRST = 1.0
"""Seconds after a submit at which a task is asked about for the first time."""

GROWTH = 0.15
"""Where nobody knows how long it takes: the next question comes after this share of the task's age."""

SHARED, SPARSE = 0.025, 0.5
"""For each of many such jobs it may be so much more, up to this: the first that is seen to be done tells the others."""

STEP = 0.05
"""While a result is due: a question each such share of the usual time."""

DUE = 1.25
"""A result is due until so many times the longest that was usual."""

SLOWEST = 60.0
"""Seconds, between any two questions about a task that has outlived its usual time."""

SPARSEST = 300.0
"""Seconds, between any two questions at all: what was usual may have been told wrong."""


def next_poll(age: float, usual: Sequence[float], jitter: float, together: int = 1) -> float:
    """Seconds to pause before asking about a task of that age, in seconds.

    `usual` is how long such jobs took; `jitter`, from 0 to 1, spreads the questions of many jobs; `together` is how
    many are under way.
    """
    times = sorted(usual)
    spread = 0.75 + 0.5 * jitter
    if not times:
        growth = min(SPARSE, max(GROWTH, SHARED * together))
        return min(SLOWEST, max(FIRST / GROWTH, age) * growth) * spread
    if age > DUE * times[-1]:
        return min(SLOWEST, max(FIRST, GROWTH * age)) * spread
    earliest, middle = times[len(times) // 10], times[len(times) // 2]
    if age < earliest:
        return min(SPARSEST, earliest - age + STEP / 3 * middle * jitter)
    return min(SPARSEST, max(FIRST / 4, STEP * middle)) * spread


def backoff(tries: int, jitter: float, longest: float = 60.0) -> float:
    """Seconds to pause after so many failures in a row (from 1): doubling, and spread by `jitter` from 0 to 1."""
    return min(longest, 2.0 ** min(tries - 1, 20)) * (0.5 + 0.5 * jitter)
