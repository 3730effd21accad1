"""Convert attempts to rows of SQLite and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from storyboard.errors import StoreError
from storyboard.forms import (
    is_base_url,
    is_count,
    is_name,
    is_path,
    is_seconds,
    is_sha256,
    is_text,
    money_of,
    money_text,
)
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.jobs.request import Request
from storyboard.store.attempt import Attempt, AttemptError, StoryRef, Whose

IDENTITY = ("external_id", "provider", "base_url", "dialect", "account")
COLUMNS = (
    *("key", "number", "external_id", "provider", "base_url", "dialect", "account", "project", "path", "variant"),
    *("state", "content", "addresses", "seconds", "model", "request", "run", "opened_at", "take", "base", "sends"),
    *("submitted_at", "ended_at", "task", "clip", "reserved", "charged", "error", "rate", "took", "said"),
)
"""What every ledger holds of an attempt, besides who may send it and its version."""
STORED = (*COLUMNS, "folder", "may", "version")
TRACES = (
    "SELECT path, variant, group_concat(trace, ' ') FROM ("
    "SELECT path, variant, external_id || ' ' || version || ' ' || state || ' ' || coalesce(clip, '-') AS trace "
    f"FROM attempts WHERE ({', '.join(IDENTITY)}) IN "
    f"(SELECT {', '.join(IDENTITY)} FROM attempts WHERE project = ? AND provider = ?) "
    "ORDER BY path, variant, external_id) GROUP BY path, variant"
)
"""What tells for each story that its attempts are as they were: each change to one is a new version of it. SQLite puts
it together, since a project may have tens of thousands, and finds in the index which are wanted: in a project whose
animatics are of other providers, none is read."""
SELECT = f"SELECT {', '.join(STORED)} FROM attempts"
_WRITTEN = (*STORED, "counted")
WRITE = (
    f"INSERT INTO attempts ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))}) "
    f"ON CONFLICT ({', '.join(IDENTITY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in IDENTITY)
)


def to_row(attempt: Attempt) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`."""
    whose, story, error = attempt.whose, attempt.story, attempt.error
    return (
        *(attempt.key, attempt.number, attempt.external_id),
        *(whose.provider, whose.base_url, whose.dialect, whose.account),
        *story.identity,
        *(attempt.state.value, attempt.content, json.dumps(attempt.addresses, ensure_ascii=False)),
        *(attempt.seconds, attempt.model, json.dumps(attempt.request.document, ensure_ascii=False)),
        *(attempt.run, attempt.opened_at, attempt.take, attempt.base, attempt.sends),
        *(attempt.submitted_at, attempt.ended_at, attempt.task, attempt.clip),
        *(_text(attempt.reserved), _text(attempt.charged)),
        json.dumps([error.code, error.message, error.final], ensure_ascii=False) if error else None,
        *(attempt.rate, attempt.took, attempt.said),
    )


def to_stored(attempt: Attempt) -> tuple[Any, ...]:
    """Return the values of `STORED`."""
    may = json.dumps(attempt.may, ensure_ascii=False)
    return (*to_row(attempt), attempt.story.folder, may, attempt.version)


_KEPT = 1024
"""Rows that are read and checked once: planning and buying read those of a story several times."""

_FORMS: Mapping[str, Callable[[object], bool]] = {
    "key": is_name,
    "number": is_count,
    "external_id": is_name,
    "provider": is_name,
    "base_url": lambda value: value == "" or is_base_url(value),
    "dialect": lambda value: value == "" or is_name(value),
    "account": lambda value: value == "" or is_name(value),
    "project": is_path,
    "path": is_path,
    "variant": is_path,
    "content": is_name,
    "seconds": is_count,
    "model": is_text,
    "run": is_text,
    "opened_at": is_seconds,
    "take": is_count,
    "base": lambda value: value == "" or is_name(value),
    "sends": is_count,
    "submitted_at": lambda value: value is None or is_seconds(value),
    "ended_at": lambda value: value is None or is_seconds(value),
    "task": lambda value: value is None or is_name(value),
    "clip": lambda value: value is None or is_sha256(value),
    "rate": is_text,
    "took": lambda value: value is None or is_seconds(value),
    "said": lambda value: value is None or is_text(value),
}
"""What a value must look like, besides those that are read into another type."""


def from_row(row: tuple[Any, ...], folder: str = "", may: tuple[str, ...] = (), version: int = 0) -> Attempt:
    """Return the attempt with these `COLUMNS`, and what only one ledger knows of it; raises StoreError if a value
    cannot be one of a ledger."""
    value = dict(zip(COLUMNS, row, strict=True))
    for name, is_well_formed in _FORMS.items():
        if not is_well_formed(value[name]):
            raise _damaged(name)
    try:
        return _attempt(value, folder, may, version)
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise _damaged("state, addresses, request, reserved, charged or error") from None


@lru_cache(maxsize=_KEPT)
def from_stored(row: tuple[Any, ...]) -> Attempt:
    """Return the attempt with these `STORED` values; raises StoreError if a value cannot be one of a ledger."""
    *values, folder, may, version = row
    try:
        senders = _senders(may)
    except (ValueError, TypeError, RecursionError):
        raise _damaged("may") from None
    if not is_count(version):
        raise _damaged("version")
    if not is_path(folder):
        raise _damaged("folder")
    return from_row(tuple(values), folder, senders, version)


def _damaged(name: str) -> StoreError:
    return StoreError(
        f"a row of the ledger is damaged: {name} is not valid",
        help="restore the store from a backup, or choose another one with --store or STORYBOARD_STORE",
    )


def _attempt(value: dict[str, Any], folder: str, may: tuple[str, ...], version: int) -> Attempt:
    return Attempt(
        whose=Whose(*(value.pop(name) for name in ("provider", "base_url", "dialect", "account"))),
        story=StoryRef(value.pop("project"), value.pop("path"), value.pop("variant"), folder),
        state=PurchaseState(value.pop("state")),
        addresses=_addresses(value.pop("addresses")),
        request=_request(value.pop("request")),
        reserved=_money(value.pop("reserved")),
        charged=_money(value.pop("charged")),
        error=_error(value.pop("error")),
        may=may,
        version=version,
        **value,
    )


def _text(money: Decimal | None) -> str | None:
    return None if money is None else money_text(money)


def _money(text: object) -> Decimal | None:
    amount = money_of(text)
    if amount is None and text is not None:
        raise ValueError(text)
    return amount


def _addresses(text: str) -> tuple[str, ...]:
    addresses = json.loads(text)
    if not isinstance(addresses, list) or not all(map(is_text, addresses)):
        raise ValueError("addresses")
    return tuple(addresses)


def _senders(text: str) -> tuple[str, ...]:
    if text == "[]":  # nearly always
        return ()
    senders = json.loads(text)
    if not isinstance(senders, list) or not all(map(is_name, senders)):
        raise ValueError("may")
    return tuple(senders)


def _request(text: str) -> Request:
    document = json.loads(text)
    if not isinstance(document, dict):
        raise TypeError("request")
    return Request.from_document(document)


def _error(text: str | None) -> AttemptError | None:
    if text is None:
        return None
    code, message, final = json.loads(text)
    if not (code is None or is_text(code)) or not is_text(message) or not isinstance(final, bool):
        raise ValueError("error")
    return AttemptError(code, message, final)
