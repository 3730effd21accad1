"""SB2xx: the model's limits, settings, promises, packing."""

from __future__ import annotations
