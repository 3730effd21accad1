"""What can go wrong between this process and a shared ledger, apart from the results of a transaction."""

from __future__ import annotations

from storyboard.errors import StoreError, UsageError


class LedgerAway(StoreError):
    """The database cannot be reached, or the connection was lost before anything was committed."""


class CommitUncertain(LedgerAway):
    """A commit that may have happened and does not count: no answer came, or the server warned with it.

    Nothing may be sent on the strength of it. The writer reconnects, reads the record again and decides anew.
    """


class LedgerClosed(StoreError):
    """The ledger may have lost what it once knew: nothing is reserved until a person says otherwise."""


class UnfitServer(UsageError):
    """The server, or what stands before it, cannot keep what a ledger needs."""


class LedgerBusy(StoreError):
    """The ledger does not let this process send now; it may later."""
