"""Prose as a plug-in of storyboard: what another package would bring, importing nothing of storyboard's tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from storyboard.cards.model_card import Catalog, Json
from storyboard.project.settings import Settings
from storyboard.providers.answers import (
    Denied,
    Exists,
    NotFound,
    NotSent,
    Phase,
    Refused,
    SubmitAnswer,
    Task,
    TaskAnswer,
    TaskError,
    Unclear,
)
from storyboard.providers.calls import HttpCall, HttpReply, NoReply, Reply
from storyboard.providers.protocol import Order

BASE_URL = "https://prose.invalid"
FILMS, REFS, WATCH = "/v2/films", "/v2/refs/", "/v2/watch/"

_STAGES = {"inking": Phase.RUNNING, "bound": Phase.COMPLETED, "torn": Phase.FAILED}


def signature(key: str, method: str, path: str, body: bytes) -> str:
    """What proves that the holder of the key sends exactly this."""
    return hmac.new(key.encode(), b"\n".join([method.encode(), path.encode(), body]), hashlib.sha256).hexdigest()


def member(key: str) -> str:
    """The public name of the key's holder."""
    return hashlib.sha256(f"member {key}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Prose:
    """The vendor at `base_url`.

    A task is asked about at the address that its reply names. The path of that address is the task's id here, so that
    the ledger and the lock keep it. Addresses of other hosts are not followed.
    """

    base_url: str
    catalog: Catalog = field(repr=False, hash=False, compare=False)
    name: str = "prose"
    key_id: str = "prose"
    pays: bool = True
    dialect: str = ""
    calls_back: bool = False
    together: int | None = None
    studio: str = ""

    def payload(self, order: Order) -> Mapping[str, Json]:
        """One block of prose, and a length that is a number."""
        request = order.request
        prose = " Then: ".join(f"for {shot.seconds} seconds, {shot.prompt}" for shot in request.shots)
        card = self.catalog[request.model]
        return {
            "engine": card.vendor["engine"],
            "length": request.seconds,
            "script": prose + (f" Never: {request.negative}." if request.negative else ""),
            "frame": request.settings.get("aspect_ratio"),
        }

    def transport(self, order: Order) -> Mapping[str, Json]:
        """The caller's own id, and the studio that the settings name."""
        return {"ref": order.external_id, "studio": self.studio}

    def submit(self, order: Order) -> HttpCall:
        """The POST that buys."""
        return HttpCall("POST", f"{self.base_url}{FILMS}", {**self.payload(order), **self.transport(order)})

    def authorise(self, call: HttpCall, key: str, body: bytes) -> Mapping[str, str]:
        """Who sends it, and a signature of it; the key itself never travels."""
        path = call.url.removeprefix(self.base_url)
        return {"X-Prose-Member": member(key), "X-Prose-Signature": signature(key, call.method, path, body)}

    def authorise_download(self, url: str, key: str) -> Mapping[str, str]:
        """Nothing: reels are public."""
        return {}

    def look_up(self, model: str, task: str) -> HttpCall:
        """At the address that was named; where only the caller's id is known, through the list of references."""
        path = task if task.startswith(WATCH) else f"{REFS}{quote(task, safe='')}"
        return HttpCall("GET", f"{self.base_url}{path}")

    def read_submit(self, reply: Reply) -> SubmitAnswer:
        """What became of a submit."""
        heard = _heard(reply)
        if not isinstance(heard, HttpReply):
            return heard
        document, said = _document(heard), _said(heard)
        if heard.status == 201:
            return self._task(document) or Unclear("the reply names no address of its own to watch the film at")
        if heard.status == 401:
            return Denied("key", said)
        if heard.status == 409:
            return Exists(said)
        return Refused(str(document.get("oops")), said) if heard.status == 422 else Unclear(said)

    def read_task(self, model: str, task: str, reply: Reply) -> TaskAnswer:
        """What was answered to a question."""
        heard = _heard(reply)
        if not isinstance(heard, HttpReply):
            return heard
        if heard.status == 404:
            return NotFound(_said(heard))
        if heard.status == 401:
            return Denied("key", _said(heard))
        return (self._task(_document(heard)) if heard.status == 200 else None) or Unclear(_said(heard))

    def read_result(self, reply: Reply) -> TaskAnswer:
        """Never asked for: a reel is told of with its film."""
        raise NotImplementedError

    def _task(self, document: Mapping[str, Any]) -> Task | None:
        """The film that a document tells of; None where it names no address of this vendor's to watch it at."""
        film = document.get("film")
        if not isinstance(film, dict) or film.get("stage") not in _STAGES:
            return None
        there, ours = urlsplit(str(film.get("watch"))), urlsplit(self.base_url)
        if (there.scheme, there.netloc) != (ours.scheme, ours.netloc) or not there.path.startswith(WATCH):
            return None
        phase = _STAGES[film["stage"]]
        cents = film.get("cents")
        return Task(
            id=there.path,
            phase=phase,
            status=film["stage"],
            urls=(film["reel"],) if phase is Phase.COMPLETED else (),
            cost=Decimal(cents) / 100 if isinstance(cents, int) else None,
            error=TaskError("torn", str(film.get("why"))) if phase is Phase.FAILED else None,
        )


def make_prose(settings: Settings, catalog: Catalog) -> Prose:
    """The entry point."""
    return Prose((settings.base_url or BASE_URL).rstrip("/"), catalog, studio=settings.options.get("studio", ""))


def _heard(reply: Reply) -> HttpReply | Unclear | NotSent:
    if isinstance(reply, NoReply):
        return Unclear(reply.reason) if reply.sent else NotSent(reply.reason)
    assert isinstance(reply, HttpReply)
    return reply


def _document(reply: HttpReply) -> dict[str, Any]:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _said(reply: HttpReply) -> str:
    return str(_document(reply).get("words") or f"HTTP {reply.status}")[:200]
