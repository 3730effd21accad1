"""Attempts as a ledger is given them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request, RequestedShot
from storyboard.store.attempt import Attempt, StoryRef, Whose

STORY = StoryRef("lantern-7f3a", "lantern.story")
WHOSE = Whose("kirin", "https://gateway.test", "generation", "0123456789abcdef")


def an_attempt(key: str = "k1", number: int = 1, reserved: str | None = "1.00", **more: Any) -> Attempt:
    attempt = Attempt(
        key=key,
        number=number,
        external_id=f"sb-{key}-{number}",
        whose=WHOSE,
        story=STORY,
        state=PurchaseState.INTENT,
        content="c" * 64,
        addresses=('river.crowd["north"]', "river.wide"),
        seconds=7,
        model="kirin_v3_t2v",
        request=Request("kirin_v3_t2v", (RequestedShot("灯笼 🏮", 7),)),
        run="run-1",
        opened_at=1_700_000_000.25,
        reserved=None if reserved is None else Decimal(reserved),
    )
    return replace(attempt, **more)
