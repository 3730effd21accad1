"""The gateway that sells clips, in both dialects it speaks: strict in what is sent, liberal in what is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from storyboard.cards.catalog import builtin_cards
from storyboard.cards.model_card import Catalog, Json
from storyboard.providers.answers import (
    Denied,
    Exists,
    Limited,
    NotFound,
    NotSent,
    Phase,
    Refused,
    SubmitAnswer,
    Task,
    TaskAnswer,
    Unclear,
    Unsupported,
)
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.kirin.dialects import DIALECTS, Dialect, DialectName
from storyboard.providers.kirin.payload import CALLBACK, kirin_card, payload_of
from storyboard.providers.kirin.replies import Said, read
from storyboard.providers.kirin.tasks import PASSING, task_error, task_of
from storyboard.providers.protocol import Order

BUILTIN_BASE_URL = "https://cloud.vtrix.ai"

_OUT_OF_BALANCE = frozenset({"1101", "1102", *(str(code) for code in range(40201, 40209))})
_TOO_MANY = frozenset({"1302", "1303", "RATE_LIMIT_EXCEEDED"})
_CREATION_FAILED = "00600"
_NOT_THERE = re.compile(r"not (be )?found|(not|n't) exist|no such|不存在|找不到|未找到", re.IGNORECASE)
_USED = re.compile(r"already exist|already been used|duplicat|must be unique|已存在|重复", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kirin:
    """The gateway at `base_url`; a slash at its end is dropped, so that one place has one name.

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
        """The reference's flat parameters."""
        return payload_of(self.catalog[order.request.model], order.request, order.written)

    def submit(self, order: Order) -> HttpCall:
        """The POST that buys. The story's own callback address goes before the one given for all."""
        callback = order.transport.get(CALLBACK, order.callback)
        given = callback if isinstance(callback, str) else None
        return self._speech.submit(self.base_url, self.payload(order), order.external_id, given)

    def authorise(self, call: HttpCall, key: str, body: bytes) -> dict[str, str]:
        """The key as it is (reference, section 1)."""
        return {"Authorization": f"Bearer {key}"}

    def authorise_download(self, url: str, key: str) -> dict[str, str]:
        """None: a clip's address is signed, and its host is not the gateway's."""
        return {}

    def look_up(self, model: str, task: str) -> HttpCall:
        """Asking about a task, by its own id or by the caller's."""
        return self._speech.status(self.base_url, self._on_the_wire(model), task)

    def read_submit(self, reply: Reply) -> SubmitAnswer:
        """What became of a submit. Whatever is not certain is `Unclear`."""
        said = _heard(reply)
        if not isinstance(said, Said):
            return said
        task = task_of(said, self._speech.id_names)
        if task is not None and task.id is not None:
            return task
        return _barred(said) or _not_taken(said)

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """What is said of a task; completed without an address, it may have its result elsewhere."""
        said = _heard(reply)
        if not isinstance(said, Said):
            return said
        told = task_of(said, self._speech.id_names)
        if told is None:
            return _barred(said) or _not_told(said)
        if told.phase is Phase.COMPLETED and not told.urls:
            return replace(told, result=self._result(model, told.id or task))
        return told

    def read_result(self, reply: Reply) -> TaskAnswer:
        """What the further call of a completed task gave."""
        said = _heard(reply)
        if not isinstance(said, Said):
            return said
        if said.status == 202:
            return Task(None, Phase.RUNNING, "completed")
        if said.status in (400, 422):
            return Task(None, Phase.FAILED, "completed", error=task_error(said))
        return task_of(said, self._speech.id_names, "completed") or _barred(said) or _not_told(said)

    def _result(self, model: str, task: str) -> HttpCall | None:
        return self._speech.result(self.base_url, self._on_the_wire(model), task)

    def _on_the_wire(self, model: str) -> str:
        """A model's own name there; one whose card is gone is asked about by its old name."""
        return kirin_card(self.catalog[model]).model if model in self.catalog else model

    @property
    def calls_back(self) -> bool:
        """Not on *queue*."""
        return self._speech.calls_back

    @property
    def _speech(self) -> Dialect:
        return DIALECTS[self.dialect]


def _heard(reply: Reply) -> Said | Unclear | NotSent:
    if isinstance(reply, NoReply):
        return Unclear(reply.reason) if reply.sent else NotSent(reply.reason)
    assert isinstance(reply, HttpReply)
    return read(reply)


def _barred(said: Said) -> Denied | Limited | Unclear | None:
    """What stands in the way of any question."""
    if said.status >= 500 or said.status in (408, 425):
        return Unclear(said.message)
    if said.status == 401:
        return Denied("key", said.message)
    if said.status in (402, 403) or said.code in _OUT_OF_BALANCE:
        return Denied("balance", said.message)
    if said.status == 429 or said.code in _TOO_MANY:
        return Limited(said.after, said.message)
    return None


def _not_taken(said: Said) -> Refused | Exists | Unclear:
    """A reply to a submit that names no task and bars nothing."""
    if said.status == 409 or _USED.search(said.words or ""):
        return Exists(said.message)
    if said.status >= 300 or (said.code or "").startswith(_CREATION_FAILED):
        return Refused(said.code, said.message, said.code in PASSING)
    return Unclear(said.message if said.wrong else "the reply names no task")


def _not_told(said: Said) -> NotFound | Unsupported | Unclear:
    """A reply to a question about a task that tells of none."""
    if said.status in (404, 410) or _NOT_THERE.search(said.words or ""):
        return NotFound(said.message)
    if said.status in (400, 405, 422, 501):
        return Unsupported(said.message)
    return Unclear(said.message if said.wrong else "the reply tells of no task")
