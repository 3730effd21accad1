"""What a provider is: pure descriptions. Values go in, a call comes out, and a reply is read into an answer.

A provider touches nothing itself. The one loop in `run` makes every call, keeps every record and does all waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from storyboard.cards.model_card import Json
from storyboard.jobs.request import Request
from storyboard.providers.answers import Rendered, SubmitAnswer, TaskAnswer
from storyboard.providers.calls import Call, HttpCall, Reply


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the request of one job, and the caller's own id for this attempt.

    `written` names the settings that the story itself set; a vendor may leave the card's defaults to the gateway.
    `transport` is what the story set that only travels along; `callback` is where the gateway should report, where the
    story does not say.
    """

    external_id: str
    request: Request
    written: frozenset[str] = frozenset()
    transport: Mapping[str, Json] = field(default_factory=dict, hash=False)
    callback: str | None = None


class Provider(Protocol):
    """Someone who makes clips.

    `key_id` is what enters a job's key: the name, and whatever else of the provider decides what the clip looks like.
    `pays` says whether its jobs cost money: then every step is recorded before it is taken, and a lock is written.
    `base_url` and `dialect` tell where its tasks live, `calls_back` whether it takes a callback address. `together` is
    how many jobs it takes at once, None if the user decides.
    """

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def pays(self) -> bool: ...
    @property
    def base_url(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def calls_back(self) -> bool: ...
    @property
    def together(self) -> int | None: ...

    def payload(self, order: Order) -> Mapping[str, Json]:
        """The job in the provider's own words, without transport: what `compile` shows."""
        ...

    def transport(self, order: Order) -> Mapping[str, Json]:
        """What travels beside the payload and decides nothing of the clip: ids and addresses, by their wire names."""
        ...

    def submit(self, order: Order) -> Call:
        """The call that asks for the job."""
        ...

    def authorise(self, call: HttpCall, key: str, body: bytes) -> Mapping[str, str]:
        """The headers that prove who asks: the key, or a signature of the call and its `body` as sent."""
        ...

    def authorise_download(self, url: str, key: str) -> Mapping[str, str]:
        """The headers for fetching a clip; the key only where it is the provider's own origin that wants it."""
        ...

    def read_submit(self, reply: Reply) -> SubmitAnswer | Rendered:
        """What was answered to it."""
        ...

    def look_up(self, model: str, task: str) -> HttpCall:
        """The call that asks about a task, by the `id` that an answer gave it or by the caller's own id.

        It must lead to `base_url`: no other address is asked.
        """
        ...

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """What was answered to that question."""
        ...

    def read_result(self, reply: Reply) -> TaskAnswer:
        """What was answered to the `result` call of a task."""
        ...
