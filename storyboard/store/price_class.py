"""Which jobs cost and take the same per second: those that differ only in what is shown and for how long."""

from __future__ import annotations

import json

from storyboard.jobs.request import Request


def price_class_of(request: Request) -> str:
    """Return the price class of a request, as a text that is equal for all requests of that class."""
    return f"{request.model} {json.dumps(dict(request.settings), sort_keys=True)}"
