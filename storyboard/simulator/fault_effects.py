"""What faults do, as functions over requests, fates and answers. `kinds` names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from storyboard.simulator import responses
from storyboard.simulator.messages import RESET, VANISHED, Answer, IncomingRequest
from storyboard.simulator.task import Failure, Fate

Options = Mapping[str, Any]
_IDS = frozenset({"id", "request_id", "jobId"})

NOBODY = Answer(0, content=b"", delivery=VANISHED)


def reset(options: Options, ask: IncomingRequest) -> Answer:
    """Nothing is heard, nothing is said."""
    return replace(NOBODY, delivery=RESET if options["hard"] else VANISHED)


def refuse(options: Options, ask: IncomingRequest) -> Answer:
    """An error, with `retry_after` where the options have it."""
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
    """To `location`, or to where it would be taken if it were sent again."""
    return Answer(options["status"], content=b"", headers={"Location": options["location"] or "?redirected=1"})


def not_ready(options: Options, ask: IncomingRequest) -> Answer:
    """The result is not there yet."""
    return Answer(202, {"request_id": ask.handle, "status": "IN_PROGRESS"})


def fail(options: Options, fate: Fate) -> Fate:
    """The task ends badly."""
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
    """It never ends."""
    return replace(fate, stuck=True)


def slow(options: Options, fate: Fate) -> Fate:
    """It takes `seconds` in all."""
    return replace(fate, takes=float(options["seconds"]))


def charge(options: Options, fate: Fate) -> Fate:
    """It costs `usd`, whatever the card says."""
    return replace(fate, cost=Decimal(str(options["usd"])))


def silent_cost(options: Options, fate: Fate) -> Fate:
    """Nobody says what it cost."""
    return replace(fate, silent=True)


def show_late(options: Options, fate: Fate) -> Fate:
    """No look-up finds it for `seconds`."""
    return replace(fate, show_after=float(options["seconds"]))


def lost(options: Options, fate: Fate) -> Fate:
    """No look-up ever finds it."""
    return replace(fate, lost=True)


def short_lived(options: Options, fate: Fate) -> Fate:
    """Its addresses live for `seconds`."""
    return replace(fate, url_life=float(options["seconds"]))


def short_clip(options: Options, fate: Fate) -> Fate:
    """Its clip lasts `length` seconds."""
    return replace(fate, clip_seconds=options["length"])


def late_address(options: Options, fate: Fate) -> Fate:
    """Its address is told `seconds` after its end."""
    return replace(fate, address_after=float(options["seconds"]))


def late_file(options: Options, fate: Fate) -> Fate:
    """Its file is there, or whole, `seconds` after its end."""
    return replace(fate, file_after=float(options["seconds"]), half=options["half"])


def other_currency(options: Options, fate: Fate) -> Fate:
    """Its cost is stated in another currency."""
    return replace(fate, currency=options["currency"], rate=float(options["rate"]))


def undocumented(options: Options, fate: Fate) -> Fate:
    """The queue says more of it than is documented."""
    return replace(fate, undocumented=True)


def lose_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """What was done is not told."""
    return replace(answer, delivery=RESET if options["hard"] else VANISHED)


def cut_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Only a `share` of the body arrives, after honest headers."""
    return replace(answer, delivery=replace(answer.delivery, cut_at=int(len(answer.body()) * options["share"])))


def stall(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """It arrives `seconds` late."""
    return replace(answer, delivery=replace(answer.delivery, stall=float(options["seconds"])))


def hesitate(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """It stops for `seconds` after a `share` of it."""
    pause_at = int(len(answer.body()) * options["share"])
    return replace(answer, delivery=replace(answer.delivery, pause=float(options["seconds"]), pause_at=pause_at))


def error_after(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """It was done, and an error is reported."""
    return refuse(options, ask)


def garble(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """A good status, and a body that is not JSON."""
    return Answer(200, content=b"<html><body>Welcome to the portal</body></html>", media_type="text/html")


def empty_reply(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """A good status, and no body."""
    return Answer(options["status"], content=b"")


def wrap(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """In the gateway's envelope."""
    return replace(answer, document=responses.wrapped(answer.document)) if answer.content is None else answer


def strings(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Numbers come as text."""
    return _mapped(answer, lambda value: str(value) if _is_number(value) else value)


def numbers(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Text that is a number comes as one."""
    return _mapped(answer, lambda value: _number(value) if isinstance(value, str) else value)


def seconds(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Times come in seconds, not in milliseconds."""
    return _mapped(answer, lambda value: value / 1000 if isinstance(value, int) and value > 10**11 else value)


def unknown_status(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """An unfinished task's status is a word that nobody knows."""
    document = answer.document
    if not isinstance(document, dict) or "status" not in document or _has_ended(document):
        return answer
    return replace(answer, document=document | {"status": options["word"]})


def final_word(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """The status of a task that has ended is another final word: `word` for a clip, `failed` for none."""
    document = answer.document
    if not isinstance(document, dict) or not _has_ended(document):
        return answer
    failed = "error" in document or str(document["status"]).lower() == "failed"
    return replace(answer, document=document | {"status": options["failed" if failed else "word"]})


def other_case(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """The status in letters of the other case."""
    document = answer.document
    if not isinstance(document, dict) or not isinstance(document.get("status"), str):
        return answer
    return replace(answer, document=document | {"status": document["status"].swapcase()})


def without_url(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Completed, and no address to fetch it from."""
    return _without(answer, "output", "outputs")


def text_error(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """A failed task's error is one string."""
    error = answer.document.get("error") if isinstance(answer.document, dict) else None
    if not isinstance(error, dict):
        return answer
    return replace(answer, document=answer.document | {"error": f"{error['code']}: {error['error_message']}"})


def flat_outputs(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """The result sits in `outputs` instead of `output`."""
    document = answer.document
    if not isinstance(document, dict) or "output" not in document:
        return answer
    rest = {name: value for name, value in document.items() if name != "output"}
    return replace(answer, document=rest | {"outputs": document["output"][0]["content"]})


def extra_fields(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """Fields that nobody knows."""
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
    """The body ends after a `share` of what its Content-Length says."""
    return cut_reply(options, ask, answer) if answer.status < 300 else answer


def truncate(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """A file that was cut before it was sent: its Content-Length is right, its content is not whole."""
    body = answer.body()
    return replace(answer, content=body[: int(len(body) * options["share"])]) if answer.status < 300 else answer


def not_video(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """A page under the name of a video."""
    page = b"<html><body>This file is being prepared.</body></html>"
    return Answer(200, content=page, media_type="video/mp4") if answer.status < 300 else answer


def wrong_type(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """The right bytes under another type."""
    return replace(answer, media_type=options["type"])


def huge(options: Options, ask: IncomingRequest, answer: Answer) -> Answer:
    """`bytes` more than there should be."""
    return replace(answer, padding=options["bytes"]) if answer.status < 300 else answer


def _has_ended(document: responses.Document) -> bool:
    """Whether it tells of a task that has ended."""
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
