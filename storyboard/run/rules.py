"""What a run may do and how patient it is, as the user has set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storyboard.store.attempt import StoryRef
from storyboard.store.spending_caps import Cap


@dataclass(frozen=True, slots=True)
class Rules:
    """`may_buy` is the user's leave to spend; `caps` bind every reservation. Keys in `rebuy` and `retry` may be bought
    although lost or refused before. `wait` and `task_life` are seconds: how long a task may take to show, and to live.
    """

    may_buy: bool = False
    caps: tuple[Cap, ...] = ()
    concurrency: int = 5
    attempts: int = 3
    resend: Literal["auto", "never"] = "auto"
    wait: float = 15.0
    task_life: float = 7200.0
    no_wait: bool = False
    rebuy: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    download_hosts: tuple[str, ...] = ()
    refusal: str = "not bought without leave: --yes, or --max-cost USD"
    """Why nothing is bought, where `may_buy` is not given."""
    callback_url: str | None = None
    """Where the gateway is to say that a task's status changed, for jobs whose story names no address."""


NO_STORY = StoryRef("", "")
