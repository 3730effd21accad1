"""A task out of the object that tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from storyboard.providers.answers import Phase, Task, TaskError
from storyboard.providers.kirin.replies import Said, money_of

NO_RESOURCES = "006001094"
BAD_RESPONSE = "006001095"
PASSING = frozenset({NO_RESOURCES, BAD_RESPONSE})
"""Codes of failures that may not happen another time."""

_FINAL = {"completed": Phase.COMPLETED, "failed": Phase.FAILED}
_RUNNING = frozenset({"", "in_queue", "in_progress", "processing"})
_DEPTH = 4


def task_of(said: Said, id_names: Sequence[str], status: str | None = None) -> Task | None:
    """The task that a good reply tells of, None where it tells of none. `status` stands in where none is said."""
    if said.status >= 300:
        return None
    ids = (said.body.get(name) for name in id_names)
    task_id = next((str(each) for each in ids if isinstance(each, str | int) and each != ""), None)
    told = said.body.get("status")
    word = told if isinstance(told, str) else status
    if said.wrong and (word is None or (task_id is None and not _is_known(word))):
        return None
    return _task(said, task_id, word or "") if word is not None or task_id is not None else None


def task_error(said: Said) -> TaskError:
    """Why a task failed."""
    return TaskError(said.code, said.words or "the task failed, and nothing was said of why", said.code in PASSING)


def _is_known(status: str) -> bool:
    return status.strip().lower() in _RUNNING | _FINAL.keys()


def _task(said: Said, task_id: str | None, status: str) -> Task:
    word = status.strip().lower()
    final = _FINAL.get(word)
    phase = Phase.FAILED if final and said.wrong else final or Phase.RUNNING
    return Task(
        id=task_id,
        phase=phase,
        status=status[:100],
        known=_is_known(status),
        urls=_videos(said.body) if phase is Phase.COMPLETED else (),
        cost=_cost(said.body) if final else None,
        error=task_error(said) if phase is Phase.FAILED else None,
        took=_took(said.body) if final else None,
    )


def _cost(body: Mapping[str, Any]) -> Decimal | None:
    usage = body.get("usage")
    return money_of(usage.get("cost")) if isinstance(usage, dict) else None


def _took(body: Mapping[str, Any]) -> float | None:
    metadata = body.get("metadata")
    begun = _seconds(body.get("created_at"))
    ended = _seconds(metadata.get("completed_at")) if isinstance(metadata, dict) else None
    return ended - begun if begun is not None and ended is not None and ended > begun else None


def _seconds(value: object) -> float | None:
    """A time in seconds or milliseconds since the epoch."""
    number = money_of(value)
    if not number:
        return None
    return float(number / 1000 if number > 10**11 else number)


def _videos(body: Mapping[str, Any]) -> tuple[str, ...]:
    found = [item for name in ("output", "outputs") for item in _with_url(body.get(name), _DEPTH)]
    videos = [url for kind, url in found if kind == "video"]
    return tuple(videos or [url for kind, url in found if kind not in ("image", "audio")])


def _with_url(value: object, depth: int) -> list[tuple[str, str]]:
    """Every address below a value, with the kind of thing that is said to be there."""
    if isinstance(value, dict) and isinstance(value.get("url"), str) and value["url"]:
        return [(str(value.get("type", "")).split("/")[0].lower(), value["url"])]
    below = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return [item for each in below for item in _with_url(each, depth - 1)] if depth else []
