"""The gateway's replies: tasks in both dialects, and errors in every shape that has been seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from storyboard.simulator.account_book import dollars
from storyboard.simulator.messages import Answer
from storyboard.simulator.task import SimulatedTask, TaskPhase

Document = dict[str, Any]

NOT_FOUND = "task not found"


def millis(seconds: float) -> int:
    """Return a time in the gateway's format."""
    return round(seconds * 1000)


def generation_task(task: SimulatedTask, now: float, url: str, discount: float) -> Document:
    """Return the task object of the dialect *generation*; `url` is the result's address."""
    phase = task.phase(now)
    document: Document = {
        "id": task.id,
        "created_at": millis(task.created),
        "status": _told(task, phase).value,
        "model": task.model,
        "progress": task.progress(now),
        "metadata": _metadata(task, now),
    }
    if phase is TaskPhase.COMPLETED:
        video = {"type": "video", "url": url, "duration": task.seconds, "jobId": f"job-{task.id}"}
        document |= {"output": [{"content": [video]}]} if task.has_address(now) else {}
        document |= _usage(task, discount)
    if phase is TaskPhase.FAILED and task.fate.failure:
        document["error"] = {"code": task.fate.failure.code, "error_message": task.fate.failure.message}
        document |= _usage(task, discount) if task.fate.stated else {}
    return document


def queue_accepted(task: SimulatedTask, now: float, root: str) -> Document:
    """Return the answer to a submit of the dialect *queue*; `root` is where its requests live."""
    urls = {name: f"{root}/{task.id}/{last}" for name, last in _QUEUE_URLS.items()}
    extras = {"status": _queue_word(task, now)} if task.fate.undocumented else {}
    return {"request_id": task.id, **urls, "queue_position": 0} | extras


_QUEUE_URLS = {"status_url": "status", "response_url": "response", "cancel_url": "cancel"}

_ERROR_TYPES = {
    "006001094": "INTERNAL_SERVER_ERROR",
    "006001095": "INFERENCE_FAILURE",
    "006001099": "REQUEST_INVALID",
    "1301": "CONTENT_BLOCKED",
}
"""The queue's names of failures, by the codes of the dialect *generation*; other codes are unchanged."""


def queue_status(task: SimulatedTask, now: float, root: str, discount: float) -> Document:
    """Return the reply of the dialect *queue* to a poll.

    Its `queue_position` is always 0: no task waits for another here.
    """
    phase = task.phase(now)
    document: Document = {
        "request_id": task.id,
        "status": _queue_word(task, now),
        "response_url": f"{root}/{task.id}/response",
    }
    if phase is TaskPhase.IN_QUEUE:
        document["queue_position"] = 0
    else:
        document["logs"] = []
    if phase.final:
        document["metrics"] = {"inference_time": round(max(0.0, task.ends - task.begins), 2)}
    return document | _queue_error(task, phase, discount) | _extras(task, now)


def queue_result(task: SimulatedTask, now: float, url: str, size: int, discount: float) -> Document:
    """Return the result of a task of the dialect *queue* that has ended: without a `status`, and without a cost."""
    phase = task.phase(now)
    document: Document = {"request_id": task.id} | _queue_error(task, phase, discount)
    if phase is TaskPhase.COMPLETED:
        video = {
            "type": "video",
            "url": url,
            "content_type": "video/mp4",
            "file_name": "video.mp4",
            "file_size": size,
            "duration": task.seconds,
        }
        document["outputs"] = [video] if task.has_address(now) else []
        document["metadata"] = {"prompt": task.prompt}
    if not task.fate.undocumented:
        return document
    usage = _usage(task, discount) if phase is TaskPhase.COMPLETED else {}
    return document | {"status": _queue_word(task, now), "model": task.model} | usage


def _told(task: SimulatedTask, phase: TaskPhase) -> TaskPhase:
    failure = task.fate.failure
    return TaskPhase.COMPLETED if phase is TaskPhase.FAILED and failure and failure.as_completed else phase


def _queue_word(task: SimulatedTask, now: float) -> str:
    phase = task.phase(now)
    return (TaskPhase.COMPLETED if phase is TaskPhase.FAILED else phase).upper()


def _queue_error(task: SimulatedTask, phase: TaskPhase, discount: float) -> Document:
    failure = task.fate.failure
    if phase is not TaskPhase.FAILED or failure is None:
        return {}
    error = {"error": failure.message, "error_type": _ERROR_TYPES.get(failure.code, failure.code)}
    provider = {"provider_error": {"code": failure.code, "message": failure.message}} if task.fate.undocumented else {}
    return error | provider | (_usage(task, discount) if task.fate.stated else {})


def _extras(task: SimulatedTask, now: float) -> Document:
    """Return the undocumented fields of a queue status."""
    if not task.fate.undocumented:
        return {}
    return {
        "created_at": millis(task.created),
        "progress": task.progress(now),
        "metadata": _metadata(task, now),
    }


def _metadata(task: SimulatedTask, now: float) -> Document:
    moments = {"in_queue_at": task.created, "in_progress_at": task.begins, "completed_at": task.ends}
    return {name: millis(moment) for name, moment in moments.items() if moment <= now}


def _usage(task: SimulatedTask, discount: float) -> Document:
    """Return the cost, in the currency of its fate."""
    if task.fate.silent:
        return {}
    if not task.fate.currency:
        return {"usage": {"cost": dollars(task.cost), "discount": discount}}
    stated = f"{task.cost * Decimal(str(task.fate.rate)):.2f}"
    return {"usage": {"cost": stated, "currency": task.fate.currency, "discount": discount}}


def wrapped(document: Any) -> Document:
    """Wrap a document in the gateway's envelope."""
    return {"data": document, "status": {"code": 200, "message": "success"}}


Shape = Callable[[int, "int | str", str, str], Document]
"""A function from HTTP status, code, message and request id to a document."""

SHAPES: Mapping[str, Shape] = {
    "status": lambda status, code, text, request: {
        "status": {"code": status, "message": text, "error_code": code},
        "data": None,
    },
    "object": lambda status, code, text, request: {"error": {"code": str(code), "error_message": text}},
    "object-message": lambda status, code, text, request: {"error": {"code": code, "message": text}},
    "text": lambda status, code, text, request: {"error": text},
    "limit": lambda status, code, text, request: {
        "error": {"code": "RATE_LIMIT_EXCEEDED", "message": text},
        "request_id": request,
    },
    "unauthorized": lambda status, code, text, request: {
        "error": {"code": "UNAUTHORIZED", "message": text},
        "request_id": request,
    },
    "detail": lambda status, code, text, request: {"detail": text},
    "flat": lambda status, code, text, request: {"code": code, "message": text, "request_id": request},
}
"""The JSON shapes of an error. `plain` is text as a proxy writes it, `html` a page, `empty` nothing."""

BODILESS = ("plain", "html", "empty")
ERROR_SHAPES = (*SHAPES, *BODILESS)


def error(
    status: int,
    code: int | str,
    message: str,
    request_id: str = "",
    *,
    shape: str = "status",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return an error in one of `ERROR_SHAPES`."""
    headers = headers or {}
    if shape in SHAPES:
        return Answer(status, SHAPES[shape](status, code, message, request_id), headers=headers)
    if shape == "html":
        page = f"<html><head><title>{status}</title></head><body><h1>{message}</h1></body></html>\n"
        return Answer(status, content=page.encode(), media_type="text/html; charset=utf-8", headers=headers)
    text = f"{message}\n" if shape == "plain" else ""
    return Answer(status, content=text.encode(), media_type="text/plain; charset=utf-8", headers=headers)
