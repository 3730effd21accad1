"""The decisions about money, as functions of what is known; nothing here touches anything."""

from __future__ import annotations

from enum import Enum, auto
from typing import Literal, TypeAlias

from storyboard.providers.answers import Exists, Refused, Unclear
from storyboard.store import Attempt
from storyboard.store.gateway_traits import Known, Lookup

HORIZON = 24 * 3600.0
"""Seconds for which a task that was made can be found for certain: gateways clear old ones."""

Cause: TypeAlias = Refused | Exists | Unclear
"""Why nobody knows what a submit did."""


class Verdict(Enum):
    """What to do about an id that was looked up through the wait and not found."""

    RESEND = auto()
    """Send again, with the same id."""
    BELIEVE = auto()
    """The refusal is true: nothing was made."""
    UNKNOWN = auto()
    """It may have been made and billed. Not sent again; its price stays reserved."""


def after_wait(cause: Cause, attempt: Attempt, known: Known, now: float, resend: Literal["auto", "never"]) -> Verdict:
    """The verdict on an id that the look after the wait did not find."""
    young = is_young(attempt, now)
    counts = known.lookup is Lookup.SEEN and young
    if isinstance(cause, Exists):
        return Verdict.UNKNOWN
    if isinstance(cause, Refused):
        only_send = attempt.sends == 1 and known.lookup is not Lookup.SEEN
        return Verdict.BELIEVE if counts or only_send else Verdict.UNKNOWN
    may = counts or (known.unique_ids and young)
    return Verdict.RESEND if may and resend == "auto" else Verdict.UNKNOWN


def is_young(attempt: Attempt, now: float) -> bool:
    """Whether "not found" can be believed of it: one from the future counts as old, as does one nobody dated."""
    return 0 <= now - attempt.opened_at < HORIZON


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
