"""SB3xx: text and what is filled in."""

from __future__ import annotations
