"""Decisions about money and waiting, as pure functions."""

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
"""How often something is tried before the answer is believed."""

HORIZON = 24 * 3600.0
"""Seconds for which a task can certainly be found: gateways delete old ones."""

Cause: TypeAlias = Refused | Exists | Unclear
"""Why the outcome of a submit is unknown."""


class AfterWait(Enum):
    """What to do about an id that was looked up through the wait and not found."""

    RESEND = auto()
    """Send again, with the same id."""
    BELIEVE = auto()
    """The refusal is true: nothing was created."""
    UNKNOWN = auto()
    """It may have been created and billed. It is not sent again; its price stays reserved."""


def after_wait(
    cause: Cause, attempt: Attempt, known: GatewayTraits, now: float, resend: Literal["auto", "never"]
) -> AfterWait:
    """Decide about an id that the look-up after the wait did not find."""
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
    """Whether "not found" can be believed about it: an attempt dated in the future or without a date counts as old."""
    return 0 <= now - attempt.opened_at < HORIZON


MOST_BELIEVED = 300.0
"""Longest `Retry-After` that is obeyed, in seconds."""

BEYOND_BELIEF = 5
"""A stated cost above this multiple of the reserved price is not counted."""


def is_beyond_belief(cost: Decimal, reserved: Decimal | None) -> bool:
    """Return whether a stated cost cannot be true, by what was reserved (US dollars)."""
    return bool(reserved) and reserved is not None and cost > BEYOND_BELIEF * reserved


LONGEST_RAW = 2000
"""How many characters of a reply with an unknown status are kept."""


def raw_text(reply: Reply) -> str:
    """Return the beginning of a reply's body on one line, without the request's credentials."""
    if not isinstance(reply, HttpReply):
        return ""
    text = redacted(reply.body[: 4 * LONGEST_RAW].decode("utf-8", "replace"), reply.secret) or ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_RAW]


def nothing_created(attempt: Attempt) -> bool:
    """Whether a reply that proves that nothing was created closes the intent: only after a first send."""
    return attempt.sends <= 1


LOOKS = (0.0, 1.0, 3.0, 7.0)
"""Seconds after which an id is looked up before the wait ends; then at doubling intervals."""


def next_look(elapsed: float, wait: float) -> float | None:
    """Return the seconds before the next look-up; the last one is the first after the wait, then None."""
    if elapsed >= wait:
        return None
    upcoming = next((at for at in LOOKS if at > elapsed), 2 * elapsed + 1)
    return min(upcoming, wait) - elapsed


QUICKEST = 0.05
"""Shortest interval between two polls of a task, in seconds, whatever the settings say."""

GROWTH = 0.15
"""If the usual duration is unknown, the next poll comes after this share of the task's age."""

SHARED, SPARSE = 0.025, 0.5
"""Longer intervals with many such jobs, up to this: the first finished one tells the others."""

STEP = 0.05
"""While a result is due: poll at this share of the usual duration."""

DUE = 1.25
"""A result is due until this multiple of the longest usual duration."""

SLOWEST = 60.0
"""Longest interval for an overdue task, in seconds."""

SPARSEST = 300.0
"""Longest interval for any task, in seconds: usual durations may be wrong."""


def next_poll(age: float, usual: Sequence[float], jitter: float, first: float, together: int = 1) -> float:
    """Return the seconds before the next poll of a task of this age, in seconds. `usual` is how long such jobs took;
    `jitter`, from 0 to 1, spreads the polls of many jobs; `first` is the age at which a task is first polled if nothing
    is known; `together` is how many are in flight.
    """
    times, first = sorted(usual), max(QUICKEST, first)
    spread = 0.75 + 0.5 * jitter
    if not times:
        growth = min(SPARSE, max(GROWTH, SHARED * together))
        return min(SLOWEST, max(first / GROWTH, age) * growth) * spread
    if age > DUE * times[-1]:
        return min(SLOWEST, max(first, GROWTH * age)) * spread
    earliest, middle = times[len(times) // 10], times[len(times) // 2]
    if age < earliest:
        return min(SPARSEST, earliest - age + STEP / 3 * middle * jitter)
    return min(SPARSEST, max(first / 4, STEP * middle)) * spread


def backoff(tries: int, jitter: float, longest: float = 60.0) -> float:
    """Return the seconds to pause after a number of failures in a row (from 1): doubling, spread by `jitter` from 0 to
    1."""
    return min(longest, 2.0 ** min(tries - 1, 20)) * (0.5 + 0.5 * jitter)
