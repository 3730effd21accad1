"""The local provider: renders every job as a real clip of the right length, shape and cuts; no key, no network, no
price."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass
from storyboard.jobs.request import Request
from storyboard.media.render_options import RENDERER_VERSION, USUAL_LOOK, Card, RenderOptions
from storyboard.providers.answers import Rendered
from storyboard.providers.calls import HttpCall, LocalCall, LocalNotice, LocalReply, Reply
from storyboard.providers.protocol import Order

DEFAULT_RATIO = "16:9"

_A_PROCESSOR = 3
"""Jobs in flight per processor."""


@dataclass(frozen=True, slots=True)
class Animatic:
    """Renders a card for each shot of a job, from its request alone. A non-default `look` is part of the key."""

    look: RenderOptions = USUAL_LOOK
    name: str = "animatic"
    pays: bool = False
    base_url: str = ""
    dialect: str = ""
    calls_back: bool = False

    @property
    def key_id(self) -> str:
        """The renderer's version and the look, which both change the clip."""
        usual = f"{self.name}/{RENDERER_VERSION}"
        if self.look == USUAL_LOOK:
            return usual
        return f"{usual}/{self.look.longer_side}px{self.look.fps}"

    @property
    def together(self) -> int:
        """More than there are processors: while some jobs render, others are stored or looked up."""
        return _A_PROCESSOR * (os.cpu_count() or 1)

    def payload(self, order: Order) -> Mapping[str, Json]:
        """Return the request unchanged: nothing is sent anywhere."""
        return order.request.document

    def transport(self, order: Order) -> Mapping[str, Json]:
        """Empty: nothing is sent."""
        return {}

    def authorise(self, call: HttpCall, key: str, body: bytes) -> NoReturn:
        """Nothing is sent anywhere."""
        raise NotImplementedError

    def authorise_download(self, url: str, key: str) -> NoReturn:
        """Nothing is downloaded."""
        raise NotImplementedError

    def submit(self, order: Order) -> LocalCall:
        """Return the call that renders the job."""
        cards = cards_of(order.request)
        ratio = ratio_of(order.request)
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
        """Return the clip of a finished rendering."""
        assert isinstance(reply, LocalReply)
        return Rendered(reply.clip, reply.notices)


def _render(cards: tuple[Card, ...], ratio: str, target: Path, look: RenderOptions) -> tuple[LocalNotice, ...]:
    from storyboard.media.animatic import render_animatic  # brings the encoder: a plan needs none

    report = render_animatic(cards, ratio, target, look)
    of_machine = [LocalNotice(message, of_machine=True) for message in report.font_warnings]
    return (*of_machine, *map(LocalNotice, report.warnings))


def cards_of(request: Request) -> tuple[Card, ...]:
    """Return a card for each shot, in order."""
    return tuple(Card(shot.prompt, Decimal(shot.seconds)) for shot in request.shots)


def ratio_of(request: Request) -> str:
    """Return the aspect ratio, from the story or the model's card."""
    return str(request.settings.get("aspect_ratio", DEFAULT_RATIO))
