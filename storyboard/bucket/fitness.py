"""Whether a bucket can carry purchase notes: each promise that they rest on is tried on the bucket itself.

Two machines would both buy where a second create or a stale swap goes through, and a note or clip that a rule of the
bucket deletes is bought again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from storyboard.bucket.object_store import BucketAway, Objects, StoredObject
from storyboard.errors import AccessError
from storyboard.fast_dataclasses import dataclass

LARGEST = 4096
EXPIRES = "x-amz-expiration"
"""The header in which S3 says when a rule will delete an object."""
ANSWER_SECONDS = 10

TriedState = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Tried:
    """One tested promise of a bucket; `way_out` says what to do if it does not hold."""

    name: str
    state: TriedState
    text: str
    way_out: str = ""


def try_bucket(objects: Objects) -> Iterator[Tried]:
    """Try each promise, with objects that are removed again. Raises BucketAway, AccessError."""
    probe = f"probes/{secrets.token_hex(8)}"
    try:
        first = objects.put_once(probe, b"first", None)
        yield _created(objects, probe, first)
        if first is not None:
            yield from _swapped(objects, probe, first)
    finally:
        left = _removed(objects, [probe])
    yield from _expiring(objects)
    if left:
        text = "objects cannot be removed; one small probe a day stays"
        yield Tried("removing", "note", text, "allow s3:DeleteObject below probes/, or its like")


def _created(objects: Objects, probe: str, first: StoredObject | None) -> Tried:
    if first is None:
        text = "an object that is not there cannot be created"
        return Tried("create", "problem", text, "allow conditional writes, or use another bucket")
    again = objects.put_once(probe, b"again", None)
    found = objects.read(probe, LARGEST)
    if again is not None or found is None or found.content != b"first":
        text = "a second create goes through: two machines would both buy"
        return Tried("create", "problem", text, "use a bucket with conditional writes (If-None-Match)")
    return Tried("create", "ok", "of two creates one goes through")


def _swapped(objects: Objects, probe: str, first: StoredObject) -> Iterator[Tried]:
    current = objects.read(probe, LARGEST)
    second = objects.put_once(probe, b"second", current)
    stale = objects.put_once(probe, b"stale", first) if second is not None else None
    found = objects.read(probe, LARGEST)
    if second is None:
        text = "an object cannot be replaced where it is unchanged"
        yield Tried("swap", "problem", text, "use a bucket with conditional writes (If-Match)")
    elif stale is not None or (found is not None and found.content == b"stale"):
        text = "a write over an older version goes through: two machines would both buy"
        yield Tried("swap", "problem", text, "use a bucket with conditional writes (If-Match)")
    else:
        yield Tried("swap", "ok", "a write over an older version is refused")
    if found is None or (stale is None and second is not None and found.content != b"second"):
        yield Tried("read", "problem", "a read does not see the last write", "use a bucket with consistent reads")
    elif probe not in {listed.path for listed in objects.list("probes/")}:
        text = "a listing does not show the last write: store gc --bucket may miss a new clip"
        yield Tried("list", "note", text, "wait a while before cleaning up")
    else:
        yield Tried("read", "ok", "reads and listings see the last write")


def _expiring(objects: Objects) -> Iterator[Tried]:
    """Whether a rule of the bucket deletes notes or clips after a time."""
    if objects.address.scheme != "s3":
        text = "rules that delete objects after a time cannot be seen here"
        yield Tried("rules", "note", text, "see that none covers notes/ and clips/")
        return
    for folder in ("notes", "clips"):
        probe = f"{folder}/probe-{secrets.token_hex(8)}"
        try:
            objects.put_once(probe, b"probe", None)
            said = _header(objects.link_to(probe))
        finally:
            _removed(objects, [probe])
        if said is None:
            yield Tried("rules", "note", f"it could not be asked whether a rule deletes {folder}/", "look yourself")
        elif said:
            text = f"a rule of the bucket deletes what is in {folder}/: {said[:200]!r}"
            yield Tried("rules", "problem", text, f"take {objects.place(folder)}/ out of the rule")
        else:
            yield Tried("rules", "ok", f"no rule deletes {folder}/")


def _header(link: str) -> str | None:
    """Return what an object's headers say about its expiry: "" for none, None if they cannot be asked for."""
    try:
        with urlopen(link, timeout=ANSWER_SECONDS) as answer:  # noqa: S310  the link comes from obstore
            return str(answer.headers.get(EXPIRES) or "")
    except (URLError, OSError, ValueError):
        return None


def _removed(objects: Objects, probes: list[str]) -> list[str]:
    """Remove probes; those that stay."""
    left = []
    for probe in probes:
        try:
            objects.remove(probe)
        except (AccessError, BucketAway):
            left.append(probe)
    return left
