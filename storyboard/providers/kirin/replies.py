"""What a gateway's reply says, out of every envelope and every shape of error that has been seen.

Read liberally: an unknown field is no fault, and a field may come as text, number or object. What cannot be read at all
is `None`, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from storyboard.providers.calls import HttpReply
from storyboard.providers.redact import redacted

LONGEST_WORDS = 500
"""Characters of a server's message that are kept."""

_SUCCESS = frozenset({"", "0", "200", "202", "none", "success", "ok"})
_VAGUE = frozenset({200, 201, 202, 400, 422})
_WORDS = ("error_message", "message", "msg", "detail", "error", "reason", "description")
_ERRORS = ("error", "provider_error", "detail", "error_type")


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, unwrapped. `status` is the HTTP status or the one its envelope holds, whichever says more of a fault.

    `body` is the object that was meant, without its envelope; empty where there is none. `code` and `words` are those
    of an error; both None where none is stated.
    """

    status: int
    body: Mapping[str, Any]
    code: str | None = None
    words: str | None = None
    after: float | None = None

    @property
    def wrong(self) -> bool:
        """Whether an error is stated, in the body or by the status."""
        return self.status >= 300 or self.code is not None or self.words is not None

    @property
    def message(self) -> str:
        """The server's words, or what the status means where it said none."""
        return self.words or (f"error {self.code}" if self.code else f"HTTP {self.status} without a word")


def read(reply: HttpReply) -> Said:
    """What the reply says."""
    document = _json(reply.body)
    if not isinstance(document, dict):
        words = _plain(reply.body) if reply.status >= 300 else None
        return Said(reply.status, {}, None, redacted(words, reply.secret), retry_after(reply))
    body = _unwrapped(document)
    code, words = _error(document) if body is document else _first(_error(body), _error(document))
    words = redacted(words, reply.secret)
    return Said(_status(reply.status, document, body), body, code, words, retry_after(reply))


def text_of(value: object) -> str | None:
    """Words out of a text, a number, an object or a list of them; None where there are none."""
    if isinstance(value, str):
        return _cleaned(value)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, list):
        return _cleaned("; ".join(filter(None, (text_of(each) for each in value[:5]))))
    if isinstance(value, dict):
        return next(filter(None, (text_of(value.get(name)) for name in _WORDS)), None)
    return None


def money_of(value: object) -> Decimal | None:
    """US dollars out of a text or a number; None for anything that is no price."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        money = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return money if money.is_finite() and money >= 0 else None


def retry_after(reply: HttpReply) -> float | None:
    """The seconds that `Retry-After` asks for, given as seconds or as a date."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", said):
        return float(said)
    try:
        until, now = (parsedate_to_datetime(text) for text in (said, reply.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _json(body: bytes) -> object:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        return None


def _unwrapped(document: dict[str, Any]) -> dict[str, Any]:
    """The object inside `{"data": …}`, through as many of these as there are."""
    inner = document.get("data")
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if not isinstance(inner, dict) or _is_task(document):
        return document
    return _unwrapped(inner)


def _is_task(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("status"), str) and ("id" in document or "request_id" in document)


def _error(body: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The code and the words of the error that an object states."""
    envelope = body.get("status")
    if isinstance(envelope, dict):
        code = _code(envelope.get("error_code")) or _code(envelope.get("code"))
        if code:
            return code, text_of(envelope)
    told = [body[name] for name in _ERRORS if text_of(body.get(name)) or _code_in(body.get(name))]
    if not told:
        code = _code(body.get("code")) or _code(body.get("error_code"))
        return (code, text_of(body.get("message"))) if code else (None, None)
    codes = (
        *map(_code_in, told),
        _code(body.get("error_type")),
        _code(body.get("code")),
        _code(body.get("error_code")),
    )
    return next(filter(None, codes), None), next(filter(None, map(text_of, told)), None)


def _code_in(error: object) -> str | None:
    return _code(error.get("code")) if isinstance(error, dict) else None


def _first(inner: tuple[str | None, str | None], outer: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    return inner if inner != (None, None) else outer


def _code(value: object) -> str | None:
    """A code that means a fault, as text; those of tasks begin with zeros, which a number has lost."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    code = f"{value:09d}" if isinstance(value, int) and 6_000_000 <= value < 7_000_000 else str(value).strip()
    return None if code.lower() in _SUCCESS else code[:100]


def _status(http: int, document: dict[str, Any], body: Mapping[str, Any]) -> int:
    """What the envelope says, where HTTP says next to nothing; the failure of a task is no fault of the request."""
    if http not in _VAGUE or _is_task(body):
        return http
    places = (document.get("status"), document.get("error"), document)
    codes = (_code(place.get("code")) for place in places if isinstance(place, dict))
    inside = next(filter(None, codes), "")
    return int(inside) if re.fullmatch("[45][0-9][0-9]", inside) else http


def _plain(body: bytes) -> str | None:
    """The words of a page or text that a proxy wrote."""
    text = re.sub(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", " ", body[:20_000].decode("utf-8", "replace"), flags=re.S)
    return _cleaned(text)


def _cleaned(text: str) -> str | None:
    """On one line, without control characters, and not without end."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST_WORDS]).split())
    return (words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…") or None
