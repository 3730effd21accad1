"""The gateway that sells clips, in both dialects it speaks: what is sent to it. `reading` reads its replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from storyboard.cards.catalog import builtin_cards
from storyboard.cards.model_card import Catalog, Json
from storyboard.fast_dataclasses import dataclass, field
from storyboard.providers.kirin.dialects import DIALECTS, Dialect, DialectName
from storyboard.providers.kirin.payload import CALLBACK, EXTERNAL_ID, kirin_card, payload_of
from storyboard.providers.protocol import Order

if TYPE_CHECKING:
    from storyboard.providers.answers import SubmitAnswer, TaskAnswer
    from storyboard.providers.calls import HttpCall, Reply

BUILTIN_BASE_URL = "https://cloud.vtrix.ai"


@dataclass(frozen=True, slots=True)
class Kirin:
    """The gateway at `base_url`, without a trailing slash, so that each gateway has one name.

    Raises UsageError for a project's card whose `[providers.kirin]` table cannot be used.
    """

    base_url: str = BUILTIN_BASE_URL
    dialect: DialectName = "generation"
    catalog: Catalog = field(default_factory=builtin_cards, repr=False, hash=False, compare=False)
    name: str = "kirin"
    key_id: str = "kirin"
    pays: bool = True
    together: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        for card in self.catalog.values():
            if not card.builtin:
                kirin_card(card)

    def payload(self, order: Order) -> dict[str, Json]:
        """Return the reference's flat parameters."""
        return payload_of(self.catalog[order.request.model], order.request, order.written)

    def transport(self, order: Order) -> Mapping[str, Json]:
        """Our own id and, if the dialect takes one, the callback address: the story's, else the run's."""
        callback = order.transport.get(CALLBACK, order.callback)
        given = callback if isinstance(callback, str) and self.calls_back else None
        return {EXTERNAL_ID: order.external_id} | ({CALLBACK: given} if given else {})

    def submit(self, order: Order) -> HttpCall:
        """Return the POST that buys."""
        return self._speech.submit(self.base_url, self.payload(order), self.transport(order))

    def authorise(self, call: HttpCall, key: str, body: bytes) -> dict[str, str]:
        """Return the header with the key (reference, section 1)."""
        return {"Authorization": f"Bearer {key}"}

    def authorise_download(self, url: str, key: str) -> dict[str, str]:
        """None: a clip's address is signed, and its host is not the gateway's."""
        return {}

    def look_up(self, model: str, task: str) -> HttpCall:
        """Return the call that polls a task, by its own id or the caller's."""
        return self._speech.status(self.base_url, self._on_the_wire(model), task)

    def read_submit(self, reply: Reply) -> SubmitAnswer:
        """Read the reply to a submit. Anything uncertain is `Unclear`."""
        from storyboard.providers.kirin.reading import submit_answer  # a plan makes requests but reads no reply

        return submit_answer(reply, self._speech.id_names)

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """Read the reply about a task. A completed one without an address may have a separate result."""
        from storyboard.providers.kirin.reading import task_answer

        return task_answer(reply, self._speech.id_names, lambda own: self._result(model, own or task))

    def read_result(self, reply: Reply) -> TaskAnswer:
        """Read the result of a completed task."""
        from storyboard.providers.kirin.reading import result_answer

        return result_answer(reply, self._speech.id_names)

    def _result(self, model: str, task: str) -> HttpCall | None:
        return self._speech.result(self.base_url, self._on_the_wire(model), task)

    def _on_the_wire(self, model: str) -> str:
        """Return a model's name at the gateway; a model without a card keeps its old name."""
        return kirin_card(self.catalog[model]).model if model in self.catalog else model

    @property
    def calls_back(self) -> bool:
        """Not on *queue*."""
        return self._speech.calls_back

    @property
    def _speech(self) -> Dialect:
        return DIALECTS[self.dialect]
