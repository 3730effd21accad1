"""Every fault that can be staged: its name, when it strikes, its options and their usual values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from storyboard.simulator import fault_effects as effects
from storyboard.simulator.messages import Operation


class Stage(StrEnum):
    """When a fault strikes: `instead` of the gateway's own answer (it hears nothing), in the `fate` of the task that a
    submit makes, `after` the gateway did its part, or in the `delivery` of the request to it."""

    INSTEAD = "instead"
    FATE = "fate"
    AFTER = "after"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class FaultKind:
    """`act` is a function of `effects`, of the form its stage needs; a fault of delivery is the gateway's own doing.

    `weight` is how often chance takes it; 0: never, because no client can get over it unharmed, or it is no fault.
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
    FaultKind("reset", _I, ANY, "the connection ends before anything is taken on", effects.reset, {"hard": True}, 3),
    FaultKind(
        "server-error",
        _I,
        ANY,
        "an error of the server's own, nothing is taken on",
        effects.refuse,
        _error(503, 50300, "service unavailable"),
        3,
    ),
    FaultKind(
        "proxy-error",
        _I,
        ANY,
        "plain text from a proxy, nothing is taken on",
        effects.refuse,
        _error(502, 502, "upstream connect error or disconnect/reset before headers", "plain"),
        2,
    ),
    FaultKind(
        "empty",
        _I,
        ANY,
        "an error without a body, nothing is taken on",
        effects.refuse,
        _error(500, 0, "", "empty"),
        1,
    ),
    FaultKind(
        "rate-limit",
        _I,
        ANY,
        "too many requests (code 1302 rate, 1303 concurrency); `retry_after` in seconds, `as_date` writes it as a date",
        effects.refuse,
        _error(429, 1302, "too many requests", "flat", retry_after=None, as_date=False),
        2,
    ),
    FaultKind(
        "upstream-balance",
        _I,
        SUBMIT,
        "429 that means money (code 1101 or 1102)",
        effects.refuse,
        _error(429, 1102, "account out of balance", "flat"),
    ),
    FaultKind(
        "balance",
        _I,
        SUBMIT,
        "not enough money (codes 40201 to 40208)",
        effects.refuse,
        _error(402, 40201, "insufficient balance"),
    ),
    FaultKind(
        "permission",
        _I,
        GATEWAY,
        "this key may not",
        effects.refuse,
        _error(403, 40301, "the account may not use this model"),
    ),
    FaultKind(
        "bad-key",
        _I,
        GATEWAY,
        "the key is not taken",
        effects.refuse,
        _error(401, 40101, "invalid API key", "detail"),
    ),
    FaultKind(
        "refuse",
        _I,
        ANY,
        "any error in any shape, nothing is taken on",
        effects.refuse,
        _error(400, 40001, "invalid parameter"),
    ),
    FaultKind(
        "policy",
        _I,
        SUBMIT,
        "the content policy refuses at once",
        effects.refuse,
        _error(400, 1301, _POLICY, "object-message"),
    ),
    FaultKind(
        "refused-under-200",
        _I,
        SUBMIT,
        "a refusal whose HTTP status says that all is well",
        effects.refuse,
        _error(200, 1301, _POLICY, "flat"),
    ),
    FaultKind(
        "repeated",
        _I,
        SUBMIT,
        "the id is said to exist, whether it does or not",
        effects.refuse,
        _error(409, 40901, "external_task_id already exists"),
    ),
    FaultKind(
        "redirect",
        _I,
        ANY,
        "sent elsewhere; without `location`, to where it would be taken on",
        effects.redirect,
        {"status": 307, "location": None},
    ),
    FaultKind(
        "not-found",
        _I,
        (*READS, Operation.CANCEL),
        "no such task, though there is one (a replica that lags)",
        effects.refuse,
        _error(404, 40401, "task not found"),
        1,
    ),
    FaultKind("not-ready", _I, (Operation.RESULT,), "the result is not there yet", effects.not_ready, weight=1),
    FaultKind(
        "expired",
        _I,
        DOWNLOAD,
        "the address is no longer good (403 or 404)",
        effects.refuse,
        _error(403, 403, "Request has expired", "html"),
        2,
    ),
    FaultKind(
        "fail",
        _F,
        SUBMIT,
        "the task fails after a `share` of its time (006001094, 006001095, 006001099 …); `billed`, its cost `stated`",
        effects.fail,
        _failure("006001095", "the task's response was an error"),
        2,
    ),
    FaultKind(
        "billed-failure",
        _F,
        SUBMIT,
        "the task fails, and is charged and says so",
        effects.fail,
        _failure("006001095", "the task's response was an error", billed=True, stated=True),
    ),
    FaultKind(
        "policy-later",
        _F,
        SUBMIT,
        "the content policy refuses by a failed task",
        effects.fail,
        _failure("1301", _POLICY, share=0.2),
    ),
    FaultKind(
        "completed-with-error",
        _F,
        SUBMIT,
        "the task is told as completed, with an error",
        effects.fail,
        _failure("006001095", "the task's response was an error", as_completed=True, share=1.0),
        1,
    ),
    FaultKind("stuck", _F, SUBMIT, "the task never ends", effects.stuck),
    FaultKind("slow", _F, SUBMIT, "the task takes `seconds`", effects.slow, {"seconds": 3600}),
    FaultKind("charge", _F, SUBMIT, "the task costs `usd`, whatever the card says", effects.charge, {"usd": "1.00"}),
    FaultKind("silent-cost", _F, SUBMIT, "the finished task states no cost", effects.silent_cost),
    FaultKind("show-late", _F, SUBMIT, "no look-up finds the task for `seconds`", effects.show_late, {"seconds": 10}),
    FaultKind("lost", _F, SUBMIT, "the task is made and billed, and no look-up ever finds it", effects.lost),
    FaultKind(
        "short-lived-url",
        _F,
        SUBMIT,
        "the result's addresses live for `seconds`",
        effects.short_lived,
        {"seconds": 0},
    ),
    FaultKind("short-clip", _F, SUBMIT, "the clip lasts `length` seconds", effects.short_clip, {"length": 1}),
    FaultKind(
        "late-address",
        _F,
        SUBMIT,
        "completed, and the result's address is told `seconds` later",
        effects.late_address,
        {"seconds": 60},
    ),
    FaultKind(
        "late-file",
        _F,
        SUBMIT,
        "completed, and for `seconds` its address answers 404, or with `half` of the file",
        effects.late_file,
        {"seconds": 60, "half": False},
    ),
    FaultKind(
        "other-currency",
        _F,
        SUBMIT,
        "the cost is stated in another `currency`, `rate` of it to the US dollar",
        effects.other_currency,
        {"currency": "CNY", "rate": 7},
    ),
    FaultKind(
        "undocumented",
        _F,
        SUBMIT,
        "answers of the queue also hold `created_at`, `progress`, `metadata` and `provider_error`; its submit and its "
        "result a `status`; its result the cost",
        effects.undocumented,
        weight=1,
    ),
    FaultKind(
        "lost-reply",
        _A,
        GATEWAY,
        "done, and the connection ends before a word of it",
        effects.lose_reply,
        {"hard": False},
        3,
    ),
    FaultKind(
        "cut-reply",
        _A,
        GATEWAY,
        "done, and the connection ends within the answer",
        effects.cut_reply,
        {"share": 0.5},
        1,
    ),
    FaultKind(
        "server-error-after",
        _A,
        GATEWAY,
        "done, and an error of the server's own is told",
        effects.error_after,
        _error(500, 50000, "internal error", "text"),
        2,
    ),
    FaultKind("stall", _A, ANY, "done, and the answer comes `seconds` late", effects.stall, {"seconds": 5}),
    FaultKind(
        "hesitate",
        _A,
        ANY,
        "done, and the answer stops for `seconds` after a `share` of it",
        effects.hesitate,
        {"share": 0.5, "seconds": 5},
    ),
    FaultKind("garbled", _A, GATEWAY, "done, and the answer is not JSON", effects.garble, weight=1),
    FaultKind("empty-reply", _A, GATEWAY, "done, and the answer is empty", effects.empty_reply, {"status": 200}, 1),
    FaultKind("wrapped", _A, GATEWAY, "the answer in an envelope `{data, status}`", effects.wrap, weight=1),
    FaultKind("strings", _A, GATEWAY, "numbers come as text", effects.strings, weight=1),
    FaultKind("numbers", _A, GATEWAY, "text that is a number comes as one", effects.numbers, weight=1),
    FaultKind("seconds", _A, GATEWAY, "times in seconds instead of milliseconds", effects.seconds, weight=1),
    FaultKind(
        "unknown-status",
        _A,
        GATEWAY,
        "an unfinished task's status is a word that nobody knows",
        effects.unknown_status,
        {"word": "reviewing"},
        1,
    ),
    FaultKind(
        "final-word",
        _A,
        READS,
        "the status of a task that has ended is another word (succeeded, done … or cancelled, error …)",
        effects.final_word,
        {"word": "succeeded", "failed": "cancelled"},
        1,
    ),
    FaultKind("other-case", _A, GATEWAY, "the status in letters of the other case", effects.other_case, weight=1),
    FaultKind("without-url", _A, READS, "completed, and no address of a result", effects.without_url, weight=1),
    FaultKind("text-error", _A, READS, "a failed task's error is one string", effects.text_error, weight=1),
    FaultKind("outputs", _A, READS, "the result in `outputs` instead of `output`", effects.flat_outputs, weight=1),
    FaultKind("extra-fields", _A, GATEWAY, "fields that nobody knows", effects.extra_fields, weight=1),
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
        "a file that lacks its end, honestly measured",
        effects.truncate,
        {"share": 0.5},
        1,
    ),
    FaultKind("not-video", _A, DOWNLOAD, "a page under the name of a video", effects.not_video, weight=1),
    FaultKind(
        "wrong-type",
        _A,
        DOWNLOAD,
        "the right bytes under another type",
        effects.wrong_type,
        {"type": "application/octet-stream"},
        1,
    ),
    FaultKind("huge", _A, DOWNLOAD, "`bytes` more than there should be", effects.huge, {"bytes": 2**31}),
    FaultKind("no-ranges", _D, DOWNLOAD, "a request for a part is answered with all", weight=1),
    FaultKind("twice", _D, SUBMIT, "something between delivers the request twice, and hands back the second answer"),
    FaultKind(
        "delivered-late",
        _D,
        SUBMIT,
        "the connection ends at once, and the request takes effect `seconds` later",
        options={"seconds": 5},
    ),
)

KINDS: Mapping[str, FaultKind] = {kind.name: kind for kind in _TABLE}
