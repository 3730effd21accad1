"""An attempt as a row of SQLite and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from storyboard.store.attempt import Attempt, AttemptError, AttemptState, StoryRef, Whose

IDENTITY = ("external_id", "provider", "base_url", "dialect", "account")
COLUMNS = (
    *("key", "number", "external_id", "provider", "base_url", "dialect", "account", "project", "path", "variant"),
    *("state", "content", "addresses", "seconds", "model", "payload", "run", "opened_at", "take", "base", "sends"),
    *("submitted_at", "ended_at", "task", "clip", "reserved", "charged", "error", "rate", "took"),
)
TRACED = tuple(name for name in COLUMNS if name not in ("project", "path", "variant", "payload"))
"""What tells that an attempt is as it was; its payload follows from its key."""
SELECT = f"SELECT {', '.join(COLUMNS)} FROM attempts"
_WRITTEN = (*COLUMNS, "counted")
WRITE = (
    f"INSERT INTO attempts ({', '.join(_WRITTEN)}) VALUES ({', '.join('?' * len(_WRITTEN))}) "
    f"ON CONFLICT ({', '.join(IDENTITY)}) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in IDENTITY)
)


def to_row(attempt: Attempt) -> tuple[Any, ...]:
    """The values of `COLUMNS`."""
    whose, story, error = attempt.whose, attempt.story, attempt.error
    return (
        *(attempt.key, attempt.number, attempt.external_id),
        *(whose.provider, whose.base_url, whose.dialect, whose.account),
        *(story.project, story.path, story.variant),
        *(attempt.state.value, attempt.content, json.dumps(attempt.addresses, ensure_ascii=False)),
        *(attempt.seconds, attempt.model, json.dumps(attempt.payload, ensure_ascii=False)),
        *(attempt.run, attempt.opened_at, attempt.take, attempt.base, attempt.sends),
        *(attempt.submitted_at, attempt.ended_at, attempt.task, attempt.clip),
        *(_text(attempt.reserved), _text(attempt.charged)),
        json.dumps([error.code, error.message, error.final], ensure_ascii=False) if error else None,
        *(attempt.rate, attempt.took),
    )


def from_row(row: tuple[Any, ...]) -> Attempt:
    """The attempt whose `COLUMNS` these are."""
    value = dict(zip(COLUMNS, row, strict=True))
    return Attempt(
        whose=Whose(*(value.pop(name) for name in ("provider", "base_url", "dialect", "account"))),
        story=StoryRef(*(value.pop(name) for name in ("project", "path", "variant"))),
        state=AttemptState(value.pop("state")),
        addresses=tuple(json.loads(value.pop("addresses"))),
        payload=json.loads(value.pop("payload")),
        reserved=_money(value.pop("reserved")),
        charged=_money(value.pop("charged")),
        error=_error(value.pop("error")),
        **value,
    )


def _text(money: Decimal | None) -> str | None:
    return None if money is None else str(money)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _error(text: str | None) -> AttemptError | None:
    return None if text is None else AttemptError(*json.loads(text))
