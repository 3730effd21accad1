"""Read a task from an object of a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.forms import is_name, is_printable
from storyboard.providers.answers import Phase, Task, TaskError
from storyboard.providers.kirin.replies import Said, cleaned, number_of, walk, word_of
from storyboard.providers.kirin.vocabulary import (
    ABOUT_CONTENT,
    NOT_A_RESULT,
    STATUS_WORDS,
    VIDEO_ENDINGS,
    VIDEO_PLACES,
    Meaning,
)

DEAREST = Decimal(10_000)
"""US dollars: a higher cost of one task cannot be in dollars."""

LONGEST_URL = 8_000
"""Longest address, in characters; signed ones are long."""

DOLLARS = frozenset({"", "USD", "US$", "$"})

FINEST = Decimal("1e-12")
"""US dollars: a smaller cost cannot be true, unless it is 0."""

UNREADABLE = "\ufffd"
"""Stands for bytes of a reply that are in no known encoding."""

_AMOUNT = lazy_pattern(r"(US\$|USD|\$)?\s*([^\s$]*?)\s*(US\$|USD|\$)?", re.IGNORECASE)


def task_of(said: Said, id_names: Sequence[str], status: str | None = None) -> Task | None:
    """Return the task in a good reply, None if there is none. `status` is used if the reply has none."""
    if said.status >= 300 or said.is_page:
        return None
    task_id = _id(said.body, id_names)
    word = word_of(said.body) or status
    if said.wrong and (word is None or (task_id is None and not _is_known(word))):
        return None
    return _task(said, task_id, word or "") if word is not None or task_id is not None else None


def task_error(said: Said) -> TaskError:
    """Return why a task failed. It is temporary only if its code says so, nothing was charged, and the message is not
    about content."""
    words = said.words or ""
    passing = said.meaning is Meaning.PASSING and not _cost(said.body)[0] and not ABOUT_CONTENT.search(words)
    return TaskError(said.code, words or "the task failed, and the gateway gave no reason", passing)


def _id(body: Mapping[str, Any], names: Sequence[str]) -> str | None:
    ids = (str(body[name]) for name in names if isinstance(body.get(name), str | int) and body[name] is not True)
    return next((each for each in ids if is_name(each) and UNREADABLE not in each), None)


def _is_known(status: str) -> bool:
    word = status.strip().lower()
    return not word or word in STATUS_WORDS


def _task(said: Said, task_id: str | None, status: str) -> Task:
    word = status.strip().lower()
    phase = STATUS_WORDS.get(word, Phase.RUNNING)
    videos = _videos(said.body) if phase is not Phase.FAILED else ()
    if videos and not said.wrong and word not in STATUS_WORDS:
        phase = Phase.COMPLETED
    if phase is Phase.COMPLETED and said.wrong:
        phase = Phase.FAILED
    final = phase is not Phase.RUNNING
    cost, odd_cost = _cost(said.body) if final else (None, None)
    return Task(
        id=task_id,
        phase=phase,
        status=cleaned(status[:100]) or "",
        known=_is_known(status) or phase is Phase.COMPLETED,
        urls=tuple(url for _, url in videos) if phase is Phase.COMPLETED else (),
        cost=cost,
        error=task_error(said) if phase is Phase.FAILED else None,
        took=_took(said.body) if final else None,
        remarks=tuple(_remarks(videos if phase is Phase.COMPLETED else (), odd_cost)),
    )


def _remarks(videos: Sequence[tuple[str, str]], odd_cost: str | None) -> Iterator[str]:
    if odd_cost is not None:
        yield f"the gateway states a cost of {odd_cost}, so the estimate is counted instead"
    if videos and videos[0][0].split(".")[0] not in (*VIDEO_PLACES, "url"):
        yield f"the address of the video was in `{videos[0][0]}` of the gateway's reply"


def _cost(body: Mapping[str, Any]) -> tuple[Decimal | None, str | None]:
    """Return the charge in US dollars, and the stated value if it is not an amount of dollars."""
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return None, None
    stated, currency = usage.get("cost"), str(usage.get("currency") or "").strip().upper()[:10]
    in_dollars = _AMOUNT.fullmatch(stated.strip()[:100]) if isinstance(stated, str) else None
    amount = number_of(in_dollars[2] if in_dollars else stated)
    if amount is not None and currency in DOLLARS and (amount == 0 or FINEST <= amount < DEAREST):
        return amount, None
    odd = cleaned(f"{stated} {currency}") if isinstance(stated, str | int | Decimal) else None
    return None, odd and odd[:60]


def _took(body: Mapping[str, Any]) -> float | None:
    metadata = body.get("metadata")
    begun = _seconds(body.get("created_at"))
    ended = _seconds(metadata.get("completed_at")) if isinstance(metadata, dict) else None
    return ended - begun if begun is not None and ended is not None and ended > begun else None


def _seconds(value: object) -> float | None:
    """Parse a time in seconds or milliseconds since the epoch."""
    number = number_of(value)
    if not number:
        return None
    return float(number / 1000 if number > 10**11 else number)


def _videos(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return addresses of the task's video and their places: in the usual fields of a result, else anywhere."""
    found = [(path, kind, url) for path, kind, url in _addresses(body) if kind not in ("image", "audio")]
    usual = [each for each in found if each[0][0] in VIDEO_PLACES or each[0] == ("url",)]
    told = [each for each in usual if each[1] == "video"] or usual or found
    told.sort(key=lambda each: NOT_A_RESULT.search(each[0][-1]) is not None)  # a preview only if there is nothing else
    return tuple(dict.fromkeys((".".join(path), url) for path, _, url in told))


def _addresses(body: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield every address that may be a video, with the names that lead to it and its stated kind. Outside of result
    fields, it must have the suffix of a video."""
    for path, each in walk(body):
        if any(NOT_A_RESULT.search(name) for name in path):
            continue
        kind = str(each.get("type") or each.get("content_type") or "").split("/")[0].lower()
        for name, values in each.items():
            for value in values[:50] if isinstance(values, list) else (values,):
                url = _quoted(value.strip()) if isinstance(value, str) else ""
                if _is_address(url) and (_is_video(url) or not NOT_A_RESULT.search(str(name))):
                    yield (*path, str(name)), kind, url


def _quoted(url: str) -> str:
    """Return an address without the spaces that its path may have."""
    host, slash, path = url[8:].partition("/")
    return f"{url[:8]}{host}{slash}{path.replace(' ', '%20')}"


def _is_address(text: str) -> bool:
    return (
        text[:8].lower().startswith(("https://", "http://"))
        and len(text) <= LONGEST_URL
        and is_printable(text)
        and " " not in text
        and UNREADABLE not in text
    )


def _is_video(url: str) -> bool:
    return url.partition("?")[0].lower().endswith(VIDEO_ENDINGS)
