from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from storyboard.jobs.request import Request, RequestedShot
from storyboard.media.render_options import Card, RenderOptions
from storyboard.providers.animatic import Animatic, cards_of, ratio_of
from storyboard.providers.calls import LocalReply
from storyboard.providers.protocol import Order

SEVERAL = Request("kirin_v3_t2v", (RequestedShot("A boat.", 2), RequestedShot("A bridge.", 3)))


def test_every_shot_of_a_request_is_a_card() -> None:
    assert cards_of(SEVERAL) == (Card("A boat.", Decimal(2)), Card("A bridge.", Decimal(3)))


def test_aspect_ratio_is_that_of_the_request() -> None:
    assert ratio_of(SEVERAL) == "16:9"
    assert ratio_of(replace(SEVERAL, settings={"aspect_ratio": "9:16"})) == "9:16"


def test_everything_that_decides_the_picture_is_in_the_key() -> None:
    assert Animatic().key_id == "animatic/2"
    assert Animatic(RenderOptions(320, 12)).key_id not in (Animatic().key_id, Animatic(RenderOptions(320, 24)).key_id)


def test_rendering_continues_while_clips_are_stored() -> None:
    assert Animatic().together > (os.cpu_count() or 1)


def test_it_renders_a_real_clip(tmp_path: Path) -> None:
    provider = Animatic(RenderOptions(320, 12))
    target = tmp_path / "clip.part"
    call = provider.submit(Order("id", SEVERAL))
    reply = LocalReply(target, call.work(target))
    assert provider.read_submit(reply).clip.read_bytes()[4:8] == b"ftyp"
