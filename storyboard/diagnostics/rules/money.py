"""SB4xx: budgets, prices, the lock."""

from __future__ import annotations
