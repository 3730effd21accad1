"""Read a gateway's reply, in every envelope and every shape of error that has been seen.

Read liberally: an unknown field is no fault, and a field may come as text, number or object. What cannot be read at all
is `None`, never a guess. A reply may be hostile: every depth, length and number is bounded here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from storyboard.fast_dataclasses import dataclass
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.forms import is_printable
from storyboard.providers.answers import Phase
from storyboard.providers.calls import HttpReply
from storyboard.providers.kirin.vocabulary import (
    CODES,
    ENVELOPES,
    ERROR_PLACES,
    NO_ERROR,
    REASON_PLACES,
    STATUS_PLACES,
    STATUS_WORDS,
    WORD_PLACES,
    Meaning,
)
from storyboard.providers.redact import redacted

LONGEST_WORDS = 500
"""Characters of a server's message that are kept."""

LONGEST_WAIT = 10.0**9
"""Longest `Retry-After` that is read, in seconds; how much of it is obeyed is up to the runner."""

DEEPEST = 8
"""Deepest nesting of objects that is searched."""

_VAGUE = frozenset({200, 201, 202, 400, 422})
"""HTTP statuses under which the envelope's own status says more."""

CHARSETS = frozenset(
    {"gbk", "gb2312", "gb18030", "big5", "iso-8859-1", "latin-1", "windows-1252", "shift_jis", "euc-kr"}
)
"""Encodings, beside those that JSON allows, in which a reply is read if it says so."""

_NUMBER = lazy_pattern(r"-?\d{1,60}(\.\d{1,60})?([eE][+-]?\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Said:
    """An unwrapped reply. `status` is the HTTP status or that of its envelope, whichever is more specific about an
    error.

    `body` is the object that was meant, without its envelope; empty if there is none. `code` and `words` are those
    of an error, None if none is stated; `excused` where its code says that it is none. `is_error` tells whether the
    body states an error in a field for errors, not only by its status. `is_page` tells of a reply that is not this
    gateway's: a web page, or text where JSON is spoken.
    """

    status: int
    body: Mapping[str, Any]
    code: str | None = None
    words: str | None = None
    excused: bool = False
    is_error: bool = False
    is_page: bool = False
    after: float | None = None

    @property
    def wrong(self) -> bool:
        """Whether an error is stated, in the body or by the status."""
        return self.status >= 300 or self.code is not None or (self.words is not None and not self.excused)

    @property
    def meaning(self) -> Meaning | None:
        """The meaning of the code, if known."""
        return CODES.get(self.code) if self.code else None

    @property
    def message(self) -> str:
        """The server's message, or the meaning of the status if there is none."""
        return self.words or (f"error {self.code}" if self.code else f"HTTP {self.status} without a message")


@dataclass(frozen=True, slots=True)
class _Fault:
    """An error stated by one object."""

    code: str | None = None
    words: str | None = None
    excused: bool = False

    @property
    def is_stated(self) -> bool:
        return self.code is not None or self.words is not None


def read(reply: HttpReply) -> Said:
    """Read a reply."""
    text = _decoded(reply)
    document = _json(reply.body if text is None else text)
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    after = retry_after(reply)
    if not isinstance(document, dict):
        words = _plain(reply.body) if reply.status >= 300 or _is_html(reply) else None
        is_page = _is_html(reply) or (reply.status == 404 and bool(reply.body.strip()))
        return Said(reply.status, {}, None, redacted(words, reply.secret), is_page=is_page, after=after)
    body = _unwrapped(document)
    inner, outer = _fault(body), _fault(document)
    fault = inner if inner.is_stated or body is document else outer
    status, is_error = _status(reply.status, document, body), fault.is_stated
    if not fault.words and phase_of(body) is Phase.FAILED:
        fault = _failure(body, fault)
    words = fault.words or (_reason(body) or _reason(document) if status >= 300 else None)
    words = redacted(words, reply.secret)
    return Said(status, body, fault.code, words, fault.excused, is_error, after=after)


def word_of(body: Mapping[str, Any]) -> str | None:
    """Return an object's status word, preferring a known one; None if there is none."""
    inner = body.get("output")
    places = (body, inner) if isinstance(inner, dict) else (body,)
    words = [place[name] for place in places for name in STATUS_PLACES if isinstance(place.get(name), str)]
    return next((word for word in words if word.strip().lower() in STATUS_WORDS), words[0] if words else None)


def phase_of(body: Mapping[str, Any]) -> Phase | None:
    """Return the phase that an object's status word says, None if it is unknown or there is none."""
    return STATUS_WORDS.get((word_of(body) or "").strip().lower())


def _failure(body: Mapping[str, Any], stated: _Fault) -> _Fault:
    """Return why a task failed, where it does not say so in the usual places: in other fields, or deep inside."""
    if words := _reason(body):
        return _Fault(stated.code, words)
    faults = (_fault(inner) for path, inner in walk(body) if path)
    return next((fault for fault in faults if fault.is_stated), stated)


def _reason(body: Mapping[str, Any]) -> str | None:
    """Return what an object says about itself in a field that is not only for errors."""
    found = (text_of(body.get(name)) for name in REASON_PLACES)
    return next((words for words in found if words and words.lower() not in NO_ERROR), None)


def text_of(value: object, depth: int = DEEPEST) -> str | None:
    """Extract a message from a text, a number, an object or a list of them; None if there is none."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, bool) or value is None or not depth:
        return None
    if isinstance(value, int | Decimal):
        return str(value)[:100]
    if isinstance(value, list):
        return cleaned("; ".join(filter(None, (text_of(each, depth - 1) for each in value[:5]))))
    if isinstance(value, dict):
        words = next(filter(None, (text_of(value.get(name), depth - 1) for name in WORD_PLACES)), None)
        place = value.get("loc")
        return cleaned(f"{'.'.join(map(str, place[:5]))}: {words}") if words and isinstance(place, list) else words
    return None


def number_of(value: object) -> Decimal | None:
    """Parse a non-negative number from a text or a number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return abs(number) if number.is_finite() and 0 <= number < Decimal(10) ** 18 else None


def retry_after(reply: HttpReply) -> float | None:
    """Parse `Retry-After`, given as seconds or as a date, to seconds."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,300}(\.\d{1,300})?", said, re.ASCII):
        return min(float(said), LONGEST_WAIT)
    from email.utils import parsedate_to_datetime

    try:
        until, now = (parsedate_to_datetime(text) for text in (said, reply.headers.get("date", "")))
        return min(max(0.0, (until - now).total_seconds()), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None


def cleaned(text: str) -> str | None:
    """Clean a text: one line, no control characters, bounded length."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST_WORDS]).split())
    return (words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…") or None


def walk(value: object, depth: int = DEEPEST, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every object in a value, including itself, with the names that lead to it."""
    if not depth:
        return
    if isinstance(value, dict):
        yield path, value
        for name, inner in value.items():
            yield from walk(inner, depth - 1, (*path, str(name)))
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from walk(inner, depth - 1, path)


def _decoded(reply: HttpReply) -> str | None:
    """Return the text of a reply that is not in UTF-8, by the encoding that it names; None for any other."""
    try:
        reply.body.decode(json.detect_encoding(reply.body))
    except UnicodeDecodeError:
        named = reply.headers.get("content-type", "").lower().partition("charset=")[2].strip("\"' ")
        return reply.body.decode(named if named in CHARSETS else "utf-8", "replace")
    return None


def _json(body: bytes | str) -> object:
    try:
        body = body.removeprefix(b"\xef\xbb\xbf") if isinstance(body, bytes) else body
        return json.loads(body, parse_float=Decimal, parse_constant=lambda name: None)
    except (ValueError, RecursionError, ArithmeticError):
        return None


def _is_html(reply: HttpReply) -> bool:
    start = reply.body[:200].lstrip().lower()
    return start.startswith((b"<!doctype", b"<html")) or "text/html" in reply.headers.get("content-type", "")


def _unwrapped(document: dict[str, Any]) -> dict[str, Any]:
    """Return the object inside `{"data": …}`, through any number of such envelopes."""
    for _ in range(DEEPEST):
        inner = _inside(document)
        if inner is None:
            break
        document = inner
    return document


def _inside(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the object that this one is the envelope of, None if it is none. An envelope's `"status": "success"` says
    that the question was answered; any other status of a task is that of the object inside, if that has none."""
    own = word_of(document)
    for name in ENVELOPES:
        inner = document.get(name)
        if isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        if not isinstance(inner, dict) or not (name == "data" or _is_task(inner)):
            continue
        if _is_task(document) and not (_is_success(own) and phase_of(inner)):
            return None
        if word_of(inner) is None and phase_of(document) and not _is_success(own):
            return {"status": own, **inner}
        return inner
    return None


def _is_success(word: str | None) -> bool:
    return word is not None and word.strip().lower() in NO_ERROR


def _is_task(document: Mapping[str, Any]) -> bool:
    return word_of(document) is not None and any(name in document for name in ("id", "request_id", "task_id"))


def _fault(body: Mapping[str, Any]) -> _Fault:
    """Return the error that an object states."""
    envelope = body.get("status")
    if isinstance(envelope, dict):
        code = _code(envelope.get("error_code")) or _code(envelope.get("code"))
        if code:
            return _Fault(code, text_of(envelope))
    told = [body[name] for name in _error_places(body) if _tells(body.get(name))]
    if not told:
        code = _code(body.get("code")) or _code(body.get("error_code"))
        words = text_of(body.get("message")) if code else None
        return _Fault(code, words or text_of(body.get("task_status_msg")), excused=code is None)
    codes = (*map(_code_in, told), *(_code(body.get(name)) for name in ("error_type", "code", "error_code")))
    code = next(filter(None, codes), None)
    excused = code is None and any(_says_none(each) for each in told)
    words = next(filter(None, map(text_of, told)), None)
    if isinstance(told[0], str) and (reason := _reason(body)) and reason != words:
        words = cleaned(f"{words}: {reason}")
    return _Fault(code, words, excused)


def _error_places(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields in which an error would be: the details of a finished task are none."""
    finished = phase_of(body) is Phase.COMPLETED
    yield from (name for name in ERROR_PLACES if not (finished and name == "detail"))


def _tells(error: object) -> bool:
    """Whether a field for errors has one."""
    if isinstance(error, str | int | Decimal):
        return (text_of(error) or "").lower() not in NO_ERROR
    return text_of(error) is not None or _code_in(error) is not None


def _says_none(error: object) -> bool:
    """Whether an error's code means "no error"."""
    return isinstance(error, dict) and "code" in error and _code(error["code"]) is None


def _code_in(error: object, depth: int = DEEPEST) -> str | None:
    """Return the code of an error, or of the first one inside it."""
    if isinstance(error, list) and error and depth:
        return _code_in(error[0], depth - 1)
    if not isinstance(error, dict) or not depth:
        return None
    return _code(error.get("code")) or _code_in(error.get("error"), depth - 1)


def _code(value: object) -> str | None:
    """Return an error code as text; those of tasks begin with zeros, which a number has lost."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    code = str(value).strip()[:100]
    if re.fullmatch(r"\d{1,9}\.0+", code, re.ASCII):
        code = code.partition(".")[0]
    if re.fullmatch(r"6\d{6}", code, re.ASCII):
        code = f"00{code}"
    if code.upper() in CODES:
        code = code.upper()
    return None if code.lower() in NO_ERROR or not is_printable(code) else code


def _status(http: int, document: dict[str, Any], body: Mapping[str, Any]) -> int:
    """Return the envelope's status if the HTTP status says little; a failed task is not an error of the request."""
    if http not in _VAGUE or word_of(body) is not None:
        return http
    places = (document.get("status"), document.get("error"), document)
    codes = [_code(place.get("code")) for place in places if isinstance(place, dict)]
    inside = next(filter(None, (*codes, _code(document.get("status")), _code(document.get("statusCode")))), "")
    return int(inside) if re.fullmatch("[45][0-9][0-9]", inside, re.ASCII) else http


def _plain(body: bytes) -> str | None:
    """Return the text of a page or text from a proxy."""
    text = re.sub(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", " ", body[:20_000].decode("utf-8", "replace"), flags=re.S)
    return cleaned(text)
