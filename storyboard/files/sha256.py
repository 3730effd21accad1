"""SHA-256 as it is built into Python: `hashlib` loads OpenSSL, which takes longer than to hash what a film has."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    found: str = _algorithm()(content).hexdigest()
    return found


@cache
def _algorithm() -> Callable[[bytes], Any]:
    for module in ("_sha2", "_sha256", "hashlib"):  # since Python 3.12; before; everywhere
        try:
            made: Callable[[bytes], Any] = import_module(module).sha256
        except ImportError:
            continue
        return made
    raise AssertionError("Python has no SHA-256")
