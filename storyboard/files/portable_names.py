"""Names of files that every system can have."""

from __future__ import annotations

import sys

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
_TAKEN = frozenset('<>:"/\\|?*')


def refusal_of_name(name: str) -> str | None:
    """Say why a file or folder cannot be named like this on Windows; None where it can.

    Characters that Windows gives a meaning are refused there alone: elsewhere they are in names that people have.
    """
    if name.partition(".")[0].rstrip().lower() in _DEVICES:
        return "Windows keeps this name for a device"
    if name.endswith((".", " ")):
        return "on Windows no name ends in a dot or a space"
    taken = sorted(_TAKEN & set(name)) if sys.platform == "win32" else []
    return f"on Windows no name holds `{taken[0]}`" if taken else None
