"""A number of bytes as people read it."""

from __future__ import annotations


def byte_size(number: int) -> str:
    """`812 bytes`, `85.0 MB`, `1.2 GB`."""
    amount, unit = float(number), "bytes"
    for bigger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, bigger
    return f"{number} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
