"""The interface of a provider: pure descriptions. It turns values into a call, and a reply into an answer.

A provider does no I/O. `run` makes every call, keeps every record and does all waiting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from storyboard.cards.model_card import Json
from storyboard.fast_dataclasses import dataclass, field
from storyboard.jobs.request import Request

if TYPE_CHECKING:
    from storyboard.providers.answers import Rendered, SubmitAnswer, TaskAnswer
    from storyboard.providers.calls import Call, HttpCall, Reply


@dataclass(frozen=True, slots=True)
class Order:
    """An order: the request of one job, and our own id of this attempt.

    `written` names the settings that the story itself set; a provider can leave the card's defaults to the gateway.
    `transport` are the story's parameters that are sent along without changing the clip; `callback` is where the
    gateway should report, unless the story says so.
    """

    external_id: str
    request: Request
    written: frozenset[str] = frozenset()
    transport: Mapping[str, Json] = field(default_factory=dict, hash=False)
    callback: str | None = None


class Provider(Protocol):
    """Something that makes clips. `key_id` is the provider's part of a job's key: its name, and anything else about it
    that changes the clip. `pays` says whether its jobs cost money: then every step is recorded before it is taken, and
    a lock is written. `base_url` and `dialect` say where its tasks are, `calls_back` whether it takes a callback
    address. `together` is how many jobs it takes at once, None if the user decides.
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
        """Return the job in the provider's format, without transport, as `compile` shows it."""
        ...

    def transport(self, order: Order) -> Mapping[str, Json]:
        """Return what is sent beside the payload without changing the clip: ids and addresses, by their wire names."""
        ...

    def submit(self, order: Order) -> Call:
        """Return the call that submits the job."""
        ...

    def authorise(self, call: HttpCall, key: str, body: bytes) -> Mapping[str, str]:
        """Return the authentication headers: the key, or a signature of the call and its `body` as sent."""
        ...

    def authorise_download(self, url: str, key: str) -> Mapping[str, str]:
        """Return the headers for a download; the key only if the provider's own origin needs it."""
        ...

    def read_submit(self, reply: Reply) -> SubmitAnswer | Rendered:
        """Read the reply to the submit."""
        ...

    def look_up(self, model: str, task: str) -> HttpCall:
        """Return the call that polls a task, by the `id` from an answer or by our own id. It must be below `base_url`:
        no other address is contacted.
        """
        ...

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """Read the reply to the poll."""
        ...

    def read_result(self, reply: Reply) -> TaskAnswer:
        """Read the reply to the `result` call of a task."""
        ...
