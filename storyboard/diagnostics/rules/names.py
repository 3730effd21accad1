"""SB1xx: names, arguments, imports, addresses."""

from __future__ import annotations
