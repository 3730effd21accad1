"""What was bought: clips by their content, and the ledger that is the truth about money."""

from storyboard.store.attempt import Attempt, AttemptError, StoryRef, Whose
from storyboard.store.interface import Claim, Clips, Ledger, Store
from storyboard.store.local import LocalStore, default_store_path
from storyboard.store.spending_caps import Cap, CapReached

__all__ = [
    "Attempt",
    "AttemptError",
    "Cap",
    "CapReached",
    "Claim",
    "Clips",
    "Ledger",
    "LocalStore",
    "Store",
    "StoryRef",
    "Whose",
    "default_store_path",
]
