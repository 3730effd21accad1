"""Every fault that can be staged: its name, when it occurs, its options and their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from storyboard.fast_dataclasses import dataclass, field
from storyboard.simulator import fault_effects as effects
from storyboard.simulator.messages import Operation


class Stage(StrEnum):
    """When a fault occurs: `instead` of the gateway's own reply (the gateway never sees the request), in the `fate` of
    the task that a submit creates, `after` the gateway did its part, or in the `delivery` of the request to it."""

    INSTEAD = "instead"
    FATE = "fate"
    AFTER = "after"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind of fault. `act` is a function from `effects`, with the signature that its stage needs; the gateway
    itself carries out faults of delivery, so they have none.

    `weight` is how often `--chaos` picks it, relative to the others. 0 means never: no client can recover from it
    unharmed, or it is not a fault at all.
    """

    name: str
    stage: Stage
    operations: tuple[Operation, ...]
    about: str
    act: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 0


SUBMIT = (Operation.SUBMIT,)
READS = (Operation.POLL, Operation.RESULT)
GATEWAY = (Operation.SUBMIT, *READS, Operation.CANCEL)
DOWNLOAD = (Operation.DOWNLOAD,)
ANY = (*GATEWAY, *DOWNLOAD)


def _error(status: int, code: int | str, message: str, shape: str = "status", **more: Any) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message, "shape": shape, **more}


def _failure(code: str, message: str, **more: Any) -> dict[str, Any]:
    usual = {"share": 0.5, "billed": None, "stated": False, "silent": False, "as_completed": False}
    return {"code": code, "message": message} | usual | more


_POLICY = "the prompt did not pass the content policy: sensitive content"
_I, _F, _A, _D = Stage.INSTEAD, Stage.FATE, Stage.AFTER, Stage.DELIVERY

_TABLE = (
    FaultKind(
        "reset", _I, ANY, "the connection closes before the request is accepted", effects.reset, {"hard": True}, 3
    ),
    FaultKind(
        "server-error",
        _I,
        ANY,
        "a server error; the request is not accepted",
        effects.refuse,
        _error(503, 50300, "service unavailable"),
        3,
    ),
    FaultKind(
        "proxy-error",
        _I,
        ANY,
        "a plain-text error from a proxy; the request is not accepted",
        effects.refuse,
        _error(502, 502, "upstream connect error or disconnect/reset before headers", "plain"),
        2,
    ),
    FaultKind(
        "empty",
        _I,
        ANY,
        "an error without a body; the request is not accepted",
        effects.refuse,
        _error(500, 0, "", "empty"),
        1,
    ),
    FaultKind(
        "rate-limit",
        _I,
        ANY,
        "too many requests (code 1302: rate, 1303: concurrency); `retry_after` in seconds, `as_date` writes it as a "
        "date",
        effects.refuse,
        _error(429, 1302, "too many requests", "flat", retry_after=None, as_date=False),
        2,
    ),
    FaultKind(
        "upstream-balance",
        _I,
        SUBMIT,
        "a 429 that means insufficient balance (code 1101 or 1102)",
        effects.refuse,
        _error(429, 1102, "account out of balance", "flat"),
    ),
    FaultKind(
        "balance",
        _I,
        SUBMIT,
        "insufficient balance (codes 40201 to 40208)",
        effects.refuse,
        _error(402, 40201, "insufficient balance"),
    ),
    FaultKind(
        "permission",
        _I,
        GATEWAY,
        "the key lacks permission",
        effects.refuse,
        _error(403, 40301, "the account may not use this model"),
    ),
    FaultKind(
        "bad-key",
        _I,
        GATEWAY,
        "the key is not accepted",
        effects.refuse,
        _error(401, 40101, "invalid API key", "detail"),
    ),
    FaultKind(
        "refuse",
        _I,
        ANY,
        "any error, in any shape; the request is not accepted",
        effects.refuse,
        _error(400, 40001, "invalid parameter"),
    ),
    FaultKind(
        "policy",
        _I,
        SUBMIT,
        "the content policy refuses the prompt at once",
        effects.refuse,
        _error(400, 1301, _POLICY, "object-message"),
    ),
    FaultKind(
        "refused-under-200",
        _I,
        SUBMIT,
        "a refusal sent with HTTP status 200",
        effects.refuse,
        _error(200, 1301, _POLICY, "flat"),
    ),
    FaultKind(
        "repeated",
        _I,
        SUBMIT,
        "the reply says that the id already exists, whether or not it does",
        effects.refuse,
        _error(409, 40901, "external_task_id already exists"),
    ),
    FaultKind(
        "redirect",
        _I,
        ANY,
        "redirected to `location`; without one, to an address that would accept the request",
        effects.redirect,
        {"status": 307, "location": None},
    ),
    FaultKind(
        "not-found",
        _I,
        (*READS, Operation.CANCEL),
        '"task not found" for a task that exists (a lagging replica)',
        effects.refuse,
        _error(404, 40401, "task not found"),
        1,
    ),
    FaultKind("not-ready", _I, (Operation.RESULT,), "the result is not available yet", effects.not_ready, weight=1),
    FaultKind(
        "expired",
        _I,
        DOWNLOAD,
        "the address has expired (403 or 404)",
        effects.refuse,
        _error(403, 403, "Request has expired", "html"),
        2,
    ),
    FaultKind(
        "fail",
        _F,
        SUBMIT,
        "the task fails after a `share` of its time (006001094, 006001095, 006001099 …); `billed`: it is charged, "
        "`stated`: its cost is stated",
        effects.fail,
        _failure("006001095", "the task's response was an error"),
        2,
    ),
    FaultKind(
        "billed-failure",
        _F,
        SUBMIT,
        "the task fails and is charged, and the reply says so",
        effects.fail,
        _failure("006001095", "the task's response was an error", billed=True, stated=True),
    ),
    FaultKind(
        "policy-later",
        _F,
        SUBMIT,
        "the task fails because of the content policy",
        effects.fail,
        _failure("1301", _POLICY, share=0.2),
    ),
    FaultKind(
        "completed-with-error",
        _F,
        SUBMIT,
        "the task is reported as completed, with an error",
        effects.fail,
        _failure("006001095", "the task's response was an error", as_completed=True, share=1.0),
        1,
    ),
    FaultKind("stuck", _F, SUBMIT, "the task never ends", effects.stuck),
    FaultKind("slow", _F, SUBMIT, "the task takes `seconds`", effects.slow, {"seconds": 3600}),
    FaultKind("charge", _F, SUBMIT, "the task costs `usd`, whatever its card says", effects.charge, {"usd": "1.00"}),
    FaultKind("silent-cost", _F, SUBMIT, "the finished task states no cost", effects.silent_cost),
    FaultKind("show-late", _F, SUBMIT, "no lookup finds the task for `seconds`", effects.show_late, {"seconds": 10}),
    FaultKind("lost", _F, SUBMIT, "the task is created and billed, but no lookup ever finds it", effects.lost),
    FaultKind(
        "short-lived-url",
        _F,
        SUBMIT,
        "the result's addresses expire after `seconds`",
        effects.short_lived,
        {"seconds": 0},
    ),
    FaultKind("short-clip", _F, SUBMIT, "the clip lasts `length` seconds", effects.short_clip, {"length": 1}),
    FaultKind(
        "late-address",
        _F,
        SUBMIT,
        "the task completes, but the result's address follows `seconds` later",
        effects.late_address,
        {"seconds": 60},
    ),
    FaultKind(
        "late-file",
        _F,
        SUBMIT,
        "the task completes, but for `seconds` its address returns 404, or, with `half`, sends half of the file",
        effects.late_file,
        {"seconds": 60, "half": False},
    ),
    FaultKind(
        "other-currency",
        _F,
        SUBMIT,
        "the cost is stated in another `currency`; `rate` units of it make one US dollar",
        effects.other_currency,
        {"currency": "CNY", "rate": 7},
    ),
    FaultKind(
        "undocumented",
        _F,
        SUBMIT,
        "queue replies also have `created_at`, `progress`, `metadata` and `provider_error`; submits and results also "
        "have `status`, and results the cost",
        effects.undocumented,
        weight=1,
    ),
    FaultKind(
        "lost-reply",
        _A,
        GATEWAY,
        "processed, but the connection closes before any reply",
        effects.lose_reply,
        {"hard": False},
        3,
    ),
    FaultKind(
        "cut-reply",
        _A,
        GATEWAY,
        "processed, but the connection closes in the middle of the reply",
        effects.cut_reply,
        {"share": 0.5},
        1,
    ),
    FaultKind(
        "server-error-after",
        _A,
        GATEWAY,
        "processed, but the reply is a server error",
        effects.error_after,
        _error(500, 50000, "internal error", "text"),
        2,
    ),
    FaultKind("stall", _A, ANY, "processed, but the reply comes `seconds` late", effects.stall, {"seconds": 5}),
    FaultKind(
        "hesitate",
        _A,
        ANY,
        "processed, but the reply pauses for `seconds` after a `share` of it",
        effects.hesitate,
        {"share": 0.5, "seconds": 5},
    ),
    FaultKind("garbled", _A, GATEWAY, "processed, but the reply is not JSON", effects.garble, weight=1),
    FaultKind("empty-reply", _A, GATEWAY, "processed, but the reply is empty", effects.empty_reply, {"status": 200}, 1),
    FaultKind("wrapped", _A, GATEWAY, "the reply is wrapped in an envelope `{data, status}`", effects.wrap, weight=1),
    FaultKind("strings", _A, GATEWAY, "numbers are sent as text", effects.strings, weight=1),
    FaultKind("numbers", _A, GATEWAY, "text that looks like a number is sent as a number", effects.numbers, weight=1),
    FaultKind("seconds", _A, GATEWAY, "times are in seconds instead of milliseconds", effects.seconds, weight=1),
    FaultKind(
        "unknown-status",
        _A,
        GATEWAY,
        "the status of an unfinished task is an unknown word",
        effects.unknown_status,
        {"word": "reviewing"},
        1,
    ),
    FaultKind(
        "final-word",
        _A,
        READS,
        "the status of a finished task is another word (succeeded, done … or cancelled, error …)",
        effects.final_word,
        {"word": "succeeded", "failed": "cancelled"},
        1,
    ),
    FaultKind("other-case", _A, GATEWAY, "the status is in the other letter case", effects.other_case, weight=1),
    FaultKind(
        "without-url", _A, READS, "the task is completed, but its result has no address", effects.without_url, weight=1
    ),
    FaultKind("text-error", _A, READS, "the error of a failed task is a plain string", effects.text_error, weight=1),
    FaultKind("outputs", _A, READS, "the result is in `outputs` instead of `output`", effects.flat_outputs, weight=1),
    FaultKind("extra-fields", _A, GATEWAY, "the reply has unknown fields", effects.extra_fields, weight=1),
    FaultKind(
        "cut",
        _A,
        DOWNLOAD,
        "the body ends after a `share` of its Content-Length",
        effects.cut_download,
        {"share": 0.5},
        3,
    ),
    FaultKind(
        "truncated",
        _A,
        DOWNLOAD,
        "the end of the file is missing, and Content-Length matches what is sent",
        effects.truncate,
        {"share": 0.5},
        1,
    ),
    FaultKind("not-video", _A, DOWNLOAD, "a web page instead of a video", effects.not_video, weight=1),
    FaultKind(
        "wrong-type",
        _A,
        DOWNLOAD,
        "the right bytes with another content type",
        effects.wrong_type,
        {"type": "application/octet-stream"},
        1,
    ),
    FaultKind("huge", _A, DOWNLOAD, "the body is `bytes` bytes too long", effects.huge, {"bytes": 2**31}),
    FaultKind("no-ranges", _D, DOWNLOAD, "a range request gets the whole file", weight=1),
    FaultKind("twice", _D, SUBMIT, "a proxy delivers the request twice and returns the second reply"),
    FaultKind(
        "delivered-late",
        _D,
        SUBMIT,
        "the connection closes at once, and the request takes effect `seconds` later",
        options={"seconds": 5},
    ),
)

KINDS: Mapping[str, FaultKind] = {kind.name: kind for kind in _TABLE}
