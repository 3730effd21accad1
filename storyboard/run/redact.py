"""The key kept out of what a gateway says, without touching what it means."""

from __future__ import annotations

import re

MARK = b"[key]"
MEANING = frozenset({b"id", b"task_id", b"request_id", b"external_task_id", b"url", b"status", b"cost", b"code"})
"""Fields that are acted upon. Where a short key happens to stand in one of them, it is not the key that is meant."""

_STRING = re.compile(rb'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)


def redacted(body: bytes, key: str) -> bytes:
    """A reply without the key in its words; ids, addresses and prices stay as they are."""
    secret = key.encode()
    if not secret or secret not in body:
        return body
    if body.lstrip()[:1] not in (b"{", b"["):
        return body.replace(secret, MARK)
    field = b""

    def shown(found: re.Match[bytes]) -> bytes:
        nonlocal field
        text, names = found[1], found[2]
        if names is not None:
            field = text
            return found[0]
        return found[0] if field in MEANING else b'"' + text.replace(secret, MARK) + b'"'

    return _STRING.sub(shown, body)
