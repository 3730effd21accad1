"""The states of a purchase: the vocabulary of both the ledger and the lock."""

from __future__ import annotations

from enum import StrEnum


class PurchaseState(StrEnum):
    """From least to most advanced: of two records of one attempt, the more advanced is the later one."""

    WITHDRAWN = "withdrawn"
    """Nothing can have been created. Its number and id are free again."""
    INTENT = "intent"
    """It may have been sent; no answer is known. Its price stays reserved."""
    ABANDONED = "abandoned"
    """The user gave up an unknown outcome; it counts as spent."""
    SUBMITTED = "submitted"
    """The gateway named its task, which is not known to have ended."""
    FINISHED = "finished"
    """Its task is completed and charged; the clip is not here yet."""
    FAILED = "failed"
    """Its task failed, or was refused."""
    LOST = "lost"
    """Its task, or its file, is gone. Every run looks it up again."""
    DONE = "done"
    """Its clip is in the store."""
    TWICE = "twice"
    """A second task that the gateway made of the same id; it was not asked for, and counts as spent."""


LOCK_STATES = tuple(state for state in PurchaseState if state not in (PurchaseState.WITHDRAWN, PurchaseState.TWICE))
"""The states in a lock: a withdrawn attempt does not count, and only the ledger has second tasks."""
