"""How far the purchase of a job has come: the one vocabulary of the ledger and the lock."""

from __future__ import annotations

from enum import StrEnum


class PurchaseState(StrEnum):
    """From the least to the furthest: of two notes on one attempt, the further is the later news."""

    WITHDRAWN = "withdrawn"
    """Nothing can have been created. Its number and id are free again."""
    INTENT = "intent"
    """It may have been sent; no answer is known. Its price stays reserved."""
    ABANDONED = "abandoned"
    """A person gave up an unknown outcome; it counts as spent."""
    SUBMITTED = "submitted"
    """The gateway named its task, which is not known to have ended."""
    FINISHED = "finished"
    """Its task is completed and charged; the clip is not here yet."""
    FAILED = "failed"
    """Its task failed, or was refused."""
    LOST = "lost"
    """Its task, or the file of it, is gone. Looked up again by every run."""
    DONE = "done"
    """Its clip is in the store."""
    TWICE = "twice"
    """A second task that the gateway made of the same id; nobody asked for it, and it counts as spent."""


LOCK_STATES = tuple(state for state in PurchaseState if state not in (PurchaseState.WITHDRAWN, PurchaseState.TWICE))
"""What a line of a lock may say: of a withdrawn attempt nothing counts, and only the ledger has second tasks."""
