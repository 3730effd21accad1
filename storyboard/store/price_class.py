"""Which jobs cost and take the same per second: those that differ only in what is shown and for how long."""

from __future__ import annotations

import json
from collections.abc import Mapping

from storyboard.cards.model_card import Json

_SHOWN = frozenset({"prompt", "multi_prompt", "multi_shot", "shot_type", "negative_prompt", "duration", "model"})


def rate_of(model: str, picture: Mapping[str, Json]) -> str:
    """The same text for jobs of one rate; `picture` is the payload with the card's defaults filled in."""
    parameters = {name: value for name, value in picture.items() if name not in _SHOWN}
    return f"{model} {json.dumps(parameters, sort_keys=True)}"
