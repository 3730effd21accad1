"""File names that are possible on every system."""

from __future__ import annotations

import sys

_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
_TAKEN = frozenset('<>:"/\\|?*')


def refusal_of_name(name: str) -> str | None:
    """Say why a file or folder cannot have this name on Windows; None if it can.

    Characters that only Windows treats specially are refused on Windows alone: elsewhere, people use them in names.
    """
    if name.partition(".")[0].rstrip().lower() in _DEVICES:
        return "Windows keeps this name for a device"
    if name.endswith((".", " ")):
        return "on Windows no name ends in a dot or a space"
    taken = sorted(_TAKEN & set(name)) if sys.platform == "win32" else []
    return f"on Windows no name holds `{taken[0]}`" if taken else None
