"""The local provider: every job as a real clip of the right length, shape and cuts; no key, no network, no price."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from storyboard.cards.model_card import Json
from storyboard.media.render_options import RENDERER_VERSION, USUAL_LOOK, Card, Look
from storyboard.providers.answers import LocalNotice, Rendered
from storyboard.providers.protocol import LocalCall, LocalReply, Order, Reply

DEFAULT_RATIO = "16:9"

_A_PROCESSOR = 3
"""Jobs under way for each processor."""


@dataclass(frozen=True, slots=True)
class Animatic:
    """Renders a card for each shot of a job, from its payload alone. An unusual `look` is part of the key."""

    look: Look = USUAL_LOOK
    name: str = "animatic"
    pays: bool = False
    base_url: str = ""
    dialect: str = ""
    calls_back: bool = False

    @property
    def key_id(self) -> str:
        """The renderer's version decides what the clip looks like, and so does the look."""
        usual = f"{self.name}/{RENDERER_VERSION}"
        if self.look == USUAL_LOOK:
            return usual
        return f"{usual}/{self.look.longer_side}px{self.look.fps}"

    @property
    def together(self) -> int:
        """More than the machine has processors for: while some are rendered, others are kept or looked for."""
        return _A_PROCESSOR * (os.cpu_count() or 1)

    def submit(self, order: Order) -> LocalCall:
        """The rendering of the job."""
        cards = cards_of(order.payload)
        ratio = str(order.payload.get("aspect_ratio", DEFAULT_RATIO))
        return LocalCall(lambda target: _render(cards, ratio, target, self.look))

    def look_up(self, model: str, task: str) -> NoReturn:
        """Nothing runs anywhere else."""
        raise NotImplementedError

    def read_task(self, model: str, task: str, reply: Reply) -> NoReturn:
        """Nothing runs anywhere else."""
        raise NotImplementedError

    def read_result(self, reply: Reply) -> NoReturn:
        """Nothing runs anywhere else."""
        raise NotImplementedError

    def read_submit(self, reply: Reply) -> Rendered:
        """The clip is there as soon as the rendering is."""
        assert isinstance(reply, LocalReply)
        return Rendered(reply.clip, reply.notices)


def _render(cards: tuple[Card, ...], ratio: str, target: Path, look: Look) -> tuple[LocalNotice, ...]:
    from storyboard.media.animatic import render_animatic  # brings the encoder: a plan needs none

    report = render_animatic(cards, ratio, target, look)
    of_machine = [LocalNotice(message, of_machine=True) for message in report.font_warnings]
    return (*of_machine, *map(LocalNotice, report.warnings))


def cards_of(payload: Mapping[str, Json]) -> tuple[Card, ...]:
    """The shots of a payload, in order."""
    several = payload.get("multi_prompt")
    if not isinstance(several, list):
        return (Card(str(payload["prompt"]), Decimal(str(payload["duration"]))),)
    shots = [shot for shot in several if isinstance(shot, dict)]
    return tuple(Card(str(shot["prompt"]), Decimal(str(shot["duration"]))) for shot in shots)
