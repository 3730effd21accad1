"""The effects of faults, as functions over requests, fates and answers. `fault_catalogue` names them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from storyboard.fast_dataclasses import replace
from storyboard.simulator import responses
from storyboard.simulator.messages import RESET, VANISHED, Answer, IncomingRequest
from storyboard.simulator.task import Failure, Fate

Options = Mapping[str, Any]
_IDS = frozenset({"id", "request_id", "jobId"})

NOBODY = Answer(0, content=b"", delivery=VANISHED)


def reset(options: Options, ask: IncomingRequest) -> Answer:
    """Close the connection; the request is not processed."""
    return replace(NOBODY, delivery=RESET if options["hard"] else VANISHED)


def refuse(options: Options, ask: IncomingRequest) -> Answer:
    """Return an error, with `retry_after` if the options have it."""
    return responses.error(
        options["status"],
        options["code"],
        options["message"],
        ask.request_id,
        shape=options["shape"],
        headers=_retry_after(options),
    )


def _retry_after(options: Options) -> dict[str, str]:
    wait = options.get("retry_after")
    if wait is None:
        return {}
    if not options["as_date"]:
        return {"Retry-After": str(wait)}
    return {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=wait), usegmt=True)}


def redirect(options: Options, ask: IncomingRequest) -> Answer:
    """Redirect to `location`, or to an address that would accept the request."""
    return Answer(options["status"], content=b"", headers={"Location": options["location"] or "?redirected=1"})


def not_ready(options: Options, ask: IncomingRequest) -> Answer:
    """Say that the result is not ready yet."""
    return Answer(202, {"request_id": ask.handle, "status": "IN_PROGRESS"})


def fail(options: Options, fate: Fate) -> Fate:
    """Let the task fail."""
    failure = Failure(options["code"], options["message"], as_completed=options["as_completed"])
    return replace(
        fate,
        failure=failure,
        share=options["share"],
        billed=options["billed"],
        stated=options["stated"],
        silent=fate.silent or options["silent"],
    )


def stuck(options: Options, fate: Fate) -> Fate:
    """Let the task never end."""
    return replace(fate, stuck=True)


def slow(options: Options, fate: Fate) -> Fate:
    """Let the task take `seconds`."""
    return replace(fate, takes=float(options["seconds"]))


def charge(options: Options, fate: Fate) -> Fate:
    """Charge `usd`, whatever the card says."""
    return replace(fate, cost=Decimal(str(options["usd"])))


def silent_cost(options: Options, fate: Fate) -> Fate:
    """State no cost."""
    return replace(fate, silent=True)


def show_late(options: Options, fate: Fate) -> Fate:
    """Hide the task from look-ups for `seconds`."""
    return replace(fate, show_after=float(options["seconds"]))


def lost(options: Options, fate: Fate) -> Fate:
    """Hide the task from look-ups forever."""
    return replace(fate, lost=True)


def short_lived(options: Options, fate: Fate) -> Fate:
    """Let its addresses expire after `seconds`."""
    return replace(fate, url_life=float(options["seconds"]))


def short_clip(options: Options, fate: Fate) -> Fate:
    """Make its clip `length` seconds long."""
    return replace(fate, clip_seconds=options["length"])


def late_address(options: Options, fate: Fate) -> Fate:
    """Return its address only `seconds` after its end."""
    return replace(fate, address_after=float(options["seconds"]))


def late_file(options: Options, fate: Fate) -> Fate:
    """Make its file available, or complete, only `seconds` after its end."""
    return replace(fate, file_after=float(options["seconds"]), half=options["half"])


def other_currency(options: Options, fate: Fate) -> Fate:
    """State its cost in another currency."""
    return replace(fate, currency=options["currency"], rate=float(options["rate"]))


def undocumented(options: Options, fate: Fate) -> Fate:
    """Add undocumented fields to replies of the queue."""
    return replace(fate, undocumented=True)


def lose_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Close the connection instead of replying."""
    return replace(answer, delivery=RESET if options["hard"] else VANISHED)


def cut_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send only a `share` of the body, after honest headers."""
    return replace(answer, delivery=replace(answer.delivery, cut_at=int(len(answer.body()) * options["share"])))


def stall(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send the reply `seconds` late."""
    return replace(answer, delivery=replace(answer.delivery, stall=float(options["seconds"])))


def hesitate(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Pause the reply for `seconds` after a `share` of it."""
    pause_at = int(len(answer.body()) * options["share"])
    return replace(answer, delivery=replace(answer.delivery, pause=float(options["seconds"]), pause_at=pause_at))


def error_after(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Reply with an error although the request was processed."""
    return refuse(options, ask)


def garble(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Reply with status 200 and a body that is not JSON."""
    return Answer(200, content=b"<html><body>Welcome to the portal</body></html>", media_type="text/html")


def empty_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Reply with status 200 and no body."""
    return Answer(options["status"], content=b"")


def wrap(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Wrap the reply in the gateway's envelope."""
    return replace(answer, document=responses.wrapped(answer.document)) if answer.content is None else answer


def strings(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send numbers as text."""
    return _mapped(answer, lambda value: str(value) if _is_number(value) else value)


def numbers(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send numeric text as numbers."""
    return _mapped(answer, lambda value: _number(value) if isinstance(value, str) else value)


def seconds(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send times in seconds instead of milliseconds."""
    return _mapped(answer, lambda value: value / 1000 if isinstance(value, int) and value > 10**11 else value)


def unknown_status(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Give an unfinished task an unknown status."""
    document = answer.document
    if not isinstance(document, dict) or "status" not in document or _has_ended(document):
        return answer
    return replace(answer, document=document | {"status": options["word"]})


def final_word(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Give an ended task another final status: `word` for a success, `failed` for a failure."""
    document = answer.document
    if not isinstance(document, dict) or not _has_ended(document):
        return answer
    failed = "error" in document or str(document["status"]).lower() == "failed"
    return replace(answer, document=document | {"status": options["failed" if failed else "word"]})


def other_case(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send the status in the other letter case."""
    document = answer.document
    if not isinstance(document, dict) or not isinstance(document.get("status"), str):
        return answer
    return replace(answer, document=document | {"status": document["status"].swapcase()})


def without_url(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Report completion without an address."""
    return _without(answer, "output", "outputs")


def text_error(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send a failed task's error as a string."""
    error = answer.document.get("error") if isinstance(answer.document, dict) else None
    if not isinstance(error, dict):
        return answer
    return replace(answer, document=answer.document | {"error": f"{error['code']}: {error['error_message']}"})


def flat_outputs(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send the result in `outputs` instead of `output`."""
    document = answer.document
    if not isinstance(document, dict) or "output" not in document:
        return answer
    rest = {name: value for name, value in document.items() if name != "output"}
    return replace(answer, document=rest | {"outputs": document["output"][0]["content"]})


def extra_fields(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Add unknown fields."""
    if not isinstance(answer.document, dict):
        return answer
    unknown: responses.Document = {
        "trace": {"region": "sim-1", "hops": [1, 2]},
        "schema": None,
        "tags": [],
        "is_nsfw": False,
    }
    return replace(answer, document=unknown | answer.document)


def cut_download(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """End the body after a `share` of its Content-Length."""
    return cut_reply(options, ask, answer) if answer.status < 300 else answer


def truncate(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send a truncated file with a matching Content-Length."""
    body = answer.body()
    return replace(answer, content=body[: int(len(body) * options["share"])]) if answer.status < 300 else answer


def not_video(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send a web page instead of a video."""
    page = b"<html><body>This file is being prepared.</body></html>"
    return Answer(200, content=page, media_type="video/mp4") if answer.status < 300 else answer


def wrong_type(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send the right bytes with another content type."""
    return replace(answer, media_type=options["type"])


def huge(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Send `bytes` additional bytes."""
    return replace(answer, padding=options["bytes"]) if answer.status < 300 else answer


def _has_ended(document: responses.Document) -> bool:
    """Whether a reply is about an ended task."""
    return str(document.get("status", "")).lower() in ("completed", "failed")


def _without(answer: Answer, *names: str) -> Answer:
    if not isinstance(answer.document, dict):
        return answer
    return replace(answer, document={key: value for key, value in answer.document.items() if key not in names})


def _mapped(answer: Answer, change: Any) -> Answer:
    return replace(answer, document=_deep(answer.document, change)) if answer.content is None else answer


def _deep(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: each if name in _IDS else _deep(each, change) for name, each in value.items()}
    if isinstance(value, list):
        return [_deep(each, change) for each in value]
    return change(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(text: str) -> int | float | str:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return text
