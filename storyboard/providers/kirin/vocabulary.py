"""Every word, code and field of the gateway's replies, in one table, each with its source.

Sources: *reference* (the document this project was made from), *queue docs* and *client* (the gateway's public pages
and its vendor's open clients), *upstream* (the API behind the gateway, by recorded replies), *fal* (the queue protocol
that the gateway's queue follows), *resellers* (others who sell the same models).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.providers.answers import Phase

STATUS_PLACES = ("status", "task_status", "state")
"""The fields of a task's status: reference and queue docs; upstream (`task_status`); resellers (`state`)."""

STATUS_WORDS: Mapping[str, Phase] = {
    "completed": Phase.COMPLETED,  # reference; queue docs
    "succeed": Phase.COMPLETED,  # upstream
    "succeeded": Phase.COMPLETED,  # client (Python)
    "success": Phase.COMPLETED,  # client (Python)
    "done": Phase.COMPLETED,  # client in the wild
    "finished": Phase.COMPLETED,  # resellers
    "complete": Phase.COMPLETED,  # resellers
    "failed": Phase.FAILED,  # reference; upstream
    "fail": Phase.FAILED,  # resellers
    "failure": Phase.FAILED,  # resellers
    "error": Phase.FAILED,  # client (Python)
    "cancelled": Phase.FAILED,  # client (Python)
    "canceled": Phase.FAILED,  # client (Python); queue docs as an error type
    "rejected": Phase.FAILED,  # resellers
    "expired": Phase.FAILED,  # resellers
    "in_queue": Phase.RUNNING,  # queue docs
    "queued": Phase.RUNNING,  # client
    "submitted": Phase.RUNNING,  # upstream
    "pending": Phase.RUNNING,  # resellers
    "processing": Phase.RUNNING,  # upstream
    "in_progress": Phase.RUNNING,  # reference; queue docs
    "running": Phase.RUNNING,  # resellers
}
"""The meaning of each status, in lower case. An unknown word counts as running, unless there is a video's address."""


class Meaning(StrEnum):
    """What an error code means for a request or a task."""

    PASSING = "passing"
    """The task failed for lack of resources; it may succeed another time."""
    FINAL = "final"
    """The same request would fail again."""
    REFUSED = "refused"
    """The request was understood and refused."""
    KEY = "key"
    """The key is missing or wrong."""
    ACCOUNT = "account"
    """The account has no balance, no package or no permission: waiting does not help."""
    BUSY = "busy"
    """Too many requests, or too many tasks at once."""
    SERVER = "server"
    """An internal error of the gateway: the outcome of the request is unknown."""


CODES: Mapping[str, Meaning] = {
    "006001094": Meaning.PASSING,  # reference: not enough resources for the task
    "006001095": Meaning.PASSING,  # reference: the task's response was an error
    "006001099": Meaning.REFUSED,  # reference: the task could not be created
    "INTERNAL_SERVER_ERROR": Meaning.PASSING,  # queue docs
    "INFERENCE_TIMEOUT": Meaning.PASSING,  # queue docs
    "INFERENCE_FAILURE": Meaning.PASSING,  # queue docs
    "CONTENT_BLOCKED": Meaning.FINAL,  # queue docs
    "REQUEST_INVALID": Meaning.FINAL,  # client fixture
    "CANCELED": Meaning.FINAL,  # queue docs
    "UNAUTHORIZED": Meaning.KEY,  # queue docs
    "RATE_LIMIT_EXCEEDED": Meaning.BUSY,  # queue docs
    **{str(code): Meaning.KEY for code in range(1000, 1005)},  # upstream: authentication
    **{str(code): Meaning.ACCOUNT for code in range(1100, 1104)},  # upstream: account, balance, package, permission
    **{str(code): Meaning.REFUSED for code in range(1200, 1204)},  # upstream: bad parameter, method, resource, model
    "1300": Meaning.REFUSED,  # upstream: platform policy
    "1301": Meaning.REFUSED,  # upstream: risk control
    "1302": Meaning.BUSY,  # upstream: too fast
    "1303": Meaning.BUSY,  # upstream: too many tasks at once
    "1304": Meaning.ACCOUNT,  # upstream: the address is not on the allow list
    **{str(code): Meaning.SERVER for code in range(5000, 5004)},  # upstream: its own trouble
    **{str(code): Meaning.ACCOUNT for code in range(40201, 40209)},  # client fixture: money
}
"""The meaning of each code, in any field; an unknown code only means that something went wrong."""

NO_ERROR = frozenset(
    {"", "0", "200", "201", "202", "none", "null", "false", "success", "succeed", "succeeded", "ok", "no error"}
)
"""Codes and texts of an error, in lower case, that mean "no error": resellers send `{"code": 0, "message": ""}` or
`"error": "none"` with a finished task."""

ABOUT_CONTENT = lazy_pattern(
    r"content.{0,20}(polic|moderat|block|flag|review|check|violat|safety)|risk control|sensitive|nsfw|moderation|"
    r"flagged|inappropriate|prohibited|content_policy|blocked by|不合规|不符合规范|违规|敏感|审核|风控",
    re.IGNORECASE,
)
"""Words that show that a refusal or failure is about the content, whatever its code: only another text helps."""

ABOUT_MONEY = lazy_pattern(
    r"balance|credit|quota exceeded|insufficient fund|top up|billing|payment|resource pack.{0,20}(exhaust|expired)|"
    r"arrears|余额|欠费|充值",
    re.IGNORECASE,
)
"""Words that show that a "too many requests" is about money: waiting does not help."""

NO_SUCH_TASK = lazy_pattern(
    r"not (be )?found|(not|n't) exist|no such|unknown (task|request|id)|不存在|找不到|未找到", re.IGNORECASE
)
USED_BEFORE = lazy_pattern(r"already exist|already been used|duplicat|must be unique|已存在|重复", re.IGNORECASE)

WRONG_DOOR = lazy_pattern(
    r"plain HTTP request was sent to HTTPS|client sent an HTTP request to an HTTPS", re.IGNORECASE
)
"""Replies of a TLS port to plain HTTP (nginx; Go's server)."""

ERROR_PLACES = ("error", "errors", "provider_error", "detail", "error_type", "failure")
"""Fields that contain an error: reference; queue docs; fal; `errors` in JSON:API and GraphQL."""

REASON_PLACES = ("error_message", "error_msg", "message", "msg", "fail_reason", "failure_reason", "reason", "title")
"""Fields that say why, beside a status that says that something is wrong: upstream; resellers; web frameworks."""

ENVELOPES = ("data", "task", "result")
"""Fields that may contain the task itself: reference and upstream (`data`); resellers."""

WORD_PLACES = ("error_message", "message", "msg", "task_status_msg", "failure", "detail", "title", "reason", "error")
"""Fields of the message in an error: reference; upstream; fal (`detail[].msg`); resellers."""

VIDEO_PLACES = ("output", "outputs", "task_result", "video", "videos", "result", "results", "data")
"""Fields of a result: reference; queue docs; upstream; fal."""

NOT_A_RESULT = lazy_pattern(
    r"status_url|response_url|cancel_url|stream_url|callback|webhook|doc|help|error|detail|input|param|request|log|"
    r"image|cover|thumb|poster|preview|watermark|audio|avatar|origin|source|link",
    re.IGNORECASE,
)
"""Names of fields whose addresses are not the task's video."""

VIDEO_ENDINGS = (".mp4", ".mov", ".m4v", ".webm")
