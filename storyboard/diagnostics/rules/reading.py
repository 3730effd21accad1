"""SB0xx: reading files and the syntax of lines."""

from __future__ import annotations
