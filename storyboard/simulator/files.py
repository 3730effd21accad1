"""Downloads: signed addresses that expire, on paths that need no key."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from storyboard.simulator import responses
from storyboard.simulator.clips import SimulatedClips
from storyboard.simulator.messages import Answer, IncomingRequest
from storyboard.simulator.task import SimulatedTask, TaskPhase

FILES = "/files"


class Files:
    """The clips of tasks, under addresses that only this gateway can sign."""

    def __init__(self, clips: SimulatedClips) -> None:
        self.clips = clips
        self._secret = secrets.token_bytes(16)

    def url(self, origin: str, task: SimulatedTask, expires: float) -> str:
        """Return an address that is valid until `expires`."""
        until = responses.millis(expires)
        return f"{origin}{FILES}/{task.id}.mp4?expires={until}&signature={self._signature(task.id, until)}"

    def clip(self, task: SimulatedTask) -> bytes:
        """Return the task's clip."""
        return self.clips.clip(*clip_of(task), task.id)

    def download(self, ask: IncomingRequest, task: SimulatedTask | None, now: float) -> Answer:
        """Return the requested file, or the refusal."""
        if ask.key is not None:
            return responses.error(403, 403, "this host takes no Authorization", shape="plain")
        if not self._is_signed(ask):
            return responses.error(403, 403, "the signature does not match", shape="html")
        if int(ask.query["expires"]) <= responses.millis(now):
            return responses.error(403, 403, "Request has expired", shape="html")
        if task is None or task.phase(now) is not TaskPhase.COMPLETED:
            return responses.error(404, 404, "no such file", shape="html")
        if now < task.ends + task.fate.file_after and not task.fate.half:
            return responses.error(404, 404, "no such file yet", shape="html")
        clip = self.clip(task)
        return part_of(clip[: len(clip) // 2] if now < task.ends + task.fate.file_after else clip, ask.byte_range)

    def _is_signed(self, ask: IncomingRequest) -> bool:
        expires, given = ask.query.get("expires", ""), ask.query.get("signature", "")
        if re.fullmatch(r"\d{1,20}", expires, re.ASCII) is None:
            return False
        return hmac.compare_digest(self._signature(ask.handle, int(expires)).encode(), given.encode())

    def _signature(self, task_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{task_id}/{expires}".encode(), hashlib.sha256).hexdigest()[:32]


def clip_of(task: SimulatedTask) -> tuple[int, str]:
    """Return length and shape of a task's clip."""
    return task.fate.clip_seconds or task.seconds, task.ratio


def part_of(content: bytes, byte_range: str) -> Answer:
    """Return a file, or the part that a Range header asks for."""
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    asked = re.fullmatch(r"bytes=(\d{0,20})-(\d{0,20})", byte_range.strip(), re.ASCII)
    if not asked or not any(asked.groups()):
        return Answer(200, content=content, media_type="video/mp4", headers=headers)
    first, last = _bounds(asked[1], asked[2], len(content))
    if first > last:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Answer(416, content=b"", media_type="text/plain", headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Answer(206, content=content[first : last + 1], media_type="video/mp4", headers=headers)


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    """Return the first and the last byte; the first is after the last if the range is empty."""
    if not first:
        return max(0, length - int(last)), length - 1
    return int(first), min(int(last), length - 1) if last else length - 1
