"""The gateway that sells clips, in both dialects it speaks: strict in what is sent, liberal in what is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from storyboard.cards.catalog import builtin_cards
from storyboard.cards.model_card import Catalog, Json
from storyboard.providers.answers import (
    Denied,
    Exists,
    Limited,
    NoGateway,
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
from storyboard.providers.kirin.payload import CALLBACK, EXTERNAL_ID, kirin_card, payload_of
from storyboard.providers.kirin.replies import Said, read
from storyboard.providers.kirin.tasks import task_error, task_of
from storyboard.providers.kirin.vocabulary import (
    ABOUT_CONTENT,
    ABOUT_MONEY,
    NO_SUCH_TASK,
    USED_BEFORE,
    WRONG_DOOR,
    Meaning,
)
from storyboard.providers.protocol import Order

BUILTIN_BASE_URL = "https://cloud.vtrix.ai"

_FOR_THIS_TEXT = (400, 413, 422)
"""HTTP statuses of a refusal because of the request's content, if the message says so too."""
_SERVERS_OWN = re.compile(r"internal|time(d)? ?out|unavailable|try again|overload|bad gateway", re.IGNORECASE)
_UPSTREAM_REFUSAL = re.compile(r"1[23]\d\d")


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
        """The reference's flat parameters."""
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
        said = _heard(reply)
        if not isinstance(said, Said):
            return said
        task = task_of(said, self._speech.id_names)
        if task is not None and task.id is not None:
            return task
        return _barred(said) or _not_taken(said)

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """Read the reply about a task. A completed one without an address may have a separate result."""
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
        """Read the result of a completed task."""
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
        """Return a model's name at the gateway; a model without a card keeps its old name."""
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
    """Return the error that affects any request: key, balance, rate limit."""
    if said.status >= 500 or said.status in (408, 425) or said.meaning is Meaning.SERVER:
        return Unclear(said.message)
    if said.status == 401 or said.meaning is Meaning.KEY:
        return Denied("key", said.message)
    if said.status == 402 or said.meaning is Meaning.ACCOUNT:
        return Denied("balance", said.message)
    if said.status == 429 or said.meaning is Meaning.BUSY:
        about_money = ABOUT_MONEY.search(said.words or "")
        return Denied("balance", said.message) if about_money else Limited(said.after, said.message)
    return _forbidden(said) if said.status == 403 else None


def _forbidden(said: Said) -> Denied | None:
    """Read a 403: from an edge network, about the account, or (None) about the request."""
    if said.is_page:
        return Denied("balance", f"a network in front of the gateway refused the request: {said.message}")
    return None if ABOUT_CONTENT.search(said.words or "") else Denied("balance", said.message)


def _not_taken(said: Said) -> Refused | Exists | Unclear:
    """Read a reply to a submit without a task. What is not clearly a refusal is unclear."""
    if said.status == 409 or USED_BEFORE.search(said.words or ""):
        return Exists(said.message)
    if _is_refusal(said):
        return Refused(said.code, said.message, said.meaning is Meaning.PASSING)
    return Unclear(said.message if said.wrong else "the reply names no task")


def _is_refusal(said: Said) -> bool:
    """Whether the gateway itself clearly refused the request."""
    if said.words is None or (said.meaning is None and _SERVERS_OWN.search(said.words)):
        return said.meaning in (Meaning.REFUSED, Meaning.FINAL, Meaning.PASSING)
    if said.status in _FOR_THIS_TEXT or said.status == 403:
        return True
    if said.status == 404:
        return not said.is_page
    stated = said.meaning is not None or "error" in said.body or _UPSTREAM_REFUSAL.fullmatch(said.code or "")
    return said.status < 300 and said.wrong and bool(stated)


def _not_told(said: Said) -> NotFound | Unsupported | NoGateway | Unclear:
    """Read a reply about a task that contains none."""
    if 300 <= said.status < 400 or WRONG_DOOR.search(said.words or ""):
        return NoGateway(f"it answered {said.status}: {said.message}")
    if said.is_page and said.status in (200, 404, 405, 410):
        return NoGateway(f"it answered {said.status} with a web page: {said.message}")
    if said.status in (404, 410) or NO_SUCH_TASK.search(said.words or ""):
        return NotFound(said.message)
    if said.status in (400, 403, 405, 422, 501):
        return Unsupported(said.message)
    return Unclear(said.message if said.wrong else "the reply has no task")
