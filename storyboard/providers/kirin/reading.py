"""Read the gateway's replies: what each says about a submit or a task. Anything uncertain is `Unclear`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from storyboard.fast_dataclasses import replace
from storyboard.files.lazy_pattern import lazy_pattern
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

_FOR_THIS_TEXT = (400, 413, 422)
"""HTTP statuses of a refusal because of the request's content, if the message says so too."""
_SERVERS_OWN = lazy_pattern(r"internal|time(d)? ?out|unavailable|try again|overload|bad gateway", re.IGNORECASE)
_UPSTREAM_REFUSAL = lazy_pattern(r"1[23]\d\d")


def submit_answer(reply: Reply, id_names: Sequence[str]) -> SubmitAnswer:
    """Read the reply to a submit. `id_names` are the fields that hold a task's id."""
    said = _heard(reply)
    if not isinstance(said, Said):
        return said
    task = task_of(said, id_names)
    if task is not None and task.id is not None:
        return task
    return _barred(said) or _not_taken(said)


def task_answer(reply: Reply, id_names: Sequence[str], result: Callable[[str | None], HttpCall | None]) -> TaskAnswer:
    """Read the reply about a task. `result` returns the call for the result of a completed task without an address, by
    the id that the reply names."""
    said = _heard(reply)
    if not isinstance(said, Said):
        return said
    told = task_of(said, id_names)
    if told is None:
        return _barred(said) or _not_told(said)
    if told.phase is Phase.COMPLETED and not told.urls:
        return replace(told, result=result(told.id))
    return told


def result_answer(reply: Reply, id_names: Sequence[str]) -> TaskAnswer:
    """Read the result of a completed task."""
    said = _heard(reply)
    if not isinstance(said, Said):
        return said
    if said.status == 202:
        return Task(None, Phase.RUNNING, "completed")
    if said.status in (400, 422) and not said.is_page and _is_refusal(said):
        return Task(None, Phase.FAILED, "completed", error=task_error(said))
    return task_of(said, id_names, "completed") or _barred(said) or _not_told(said)


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
        return said.is_error
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
