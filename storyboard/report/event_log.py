"""The log of a run for machines: one line of JSON per event, with the job's key and without secrets."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from storyboard.jobs.job import Job
from storyboard.money import exact
from storyboard.providers.redact import redacted
from storyboard.report.record_document_types import Level, LogEvent, LogLineDocument
from storyboard.report.style import Line, plain
from storyboard.run.events import Charged, Ended, Event, Fetching, Notice, Queued, Rendering, Retrying, Taken
from storyboard.run.result import JobResult, JobState

_OURS = frozenset({"time", "level", "event", "key", "state", "clip"})
"""Fields that never hold text from anybody else."""
_LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x7f\x85\u2028\u2029"}
"""Characters that some readers take for the end of a line, and that JSON does not escape."""
LEVELS: Mapping[JobState, Level] = {
    JobState.UNKNOWN: "error",
    JobState.LOST: "error",
    JobState.FAILED: "error",
    JobState.BILLED_FAILURE: "error",
    JobState.HELD: "warning",
    JobState.SKIPPED: "warning",
}
"""How serious the end of a job is; "info" for the rest."""


class EventLog:
    """Writes each event as one line. `secrets` are removed from every line, whatever text they are part of."""

    def __init__(
        self,
        write: Callable[[str], None],
        secrets: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._write = write
        self._secrets = set(filter(None, secrets))
        self._clock = clock
        self._stories: dict[str, tuple[str, Job]] = {}
        self._fetched: set[str] = set()

    def add_story(self, name: str, jobs: Iterable[tuple[str, Job]]) -> None:
        """Give the keys and jobs of a story, whose events then name it."""
        self._stories |= {key: (name, job) for key, job in jobs}

    def hide(self, secret: str) -> None:
        """Remove one more secret from every line from now on."""
        if secret:
            self._secrets.add(secret)

    def __call__(self, event: Event) -> None:
        """Write a line about an event; the progress of a download is one line, at its beginning."""
        if isinstance(event, Fetching):
            if event.key in self._fetched:
                return
            self._fetched.add(event.key)
        if isinstance(event, Taken):
            self._stories[event.key] = (event.story, event.job)
        self._line(self._told(event))
        if isinstance(event, Ended):
            self._stories.pop(event.result.key, None)
            self._fetched.discard(event.result.key)

    def say(self, lines: Sequence[Line], level: Level = "info") -> None:
        """Write what people would otherwise be told; nothing for an empty text."""
        if words := plain(lines).strip():
            told = self._begun(level, "note")
            told["message"] = words
            self._line(told)

    def _line(self, told: LogLineDocument) -> None:
        """Write a line, with the secrets removed from every text that a gateway may have had a part in."""
        shown = {name: value if name in _OURS else self._cleaned(value) for name, value in told.items()}
        self._write(json.dumps(shown, ensure_ascii=False).translate(_LINE_ENDS) + "\n")

    def _cleaned(self, value: object) -> object:
        if isinstance(value, str):
            for secret in self._secrets:
                value = redacted(str(value), secret)
        return value

    def _told(self, event: Event) -> LogLineDocument:
        match event:
            case Taken(job, key, project, _, person):
                told = self._begun("info", "taken", key, job)
                told["project"], told["person"] = project, person
            case Queued(job, key, reason):
                told = self._begun("info", "queued", key, job)
                if reason:
                    told["reason"] = reason
            case Rendering(job, key, usually):
                told = self._begun("info", "rendering", key, job)
                if usually is not None:
                    told["usually_seconds"] = round(usually, 1)
            case Fetching(job, key):
                told = self._begun("info", "fetching", key, job)
            case Retrying(job, key, reason, seconds):
                told = self._begun("warning", "retrying", key, job)
                told["reason"] = reason
                told["again_in_seconds"] = round(seconds, 1)
            case Charged(key, cost, job):
                told = self._begun("info", "charged", key, job)
                told["cost"] = exact(cost)
            case Ended(result):
                told = self._ended(result)
            case Notice(message, job):
                told = self._begun("warning", "notice", self._key_of(job), job)
                told["message"] = message
        return told

    def _ended(self, result: JobResult) -> LogLineDocument:
        told = self._begun(LEVELS.get(result.state, "info"), "ended", result.key, result.job)
        told["state"] = result.state.value
        told["attempts"] = result.attempts
        if result.reason:
            told["reason"] = result.reason
        if result.task:
            told["task"] = result.task
        if result.sha256:
            told["clip"] = result.sha256
        if result.cost is not None:
            told["cost"] = exact(result.cost)
        return told

    def _begun(self, level: Level, event: LogEvent, key: str | None = None, job: Job | None = None) -> LogLineDocument:
        moment = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told: LogLineDocument = {"time": moment, "level": level, "event": event}
        if key is not None:
            told["key"] = key
            story, known = self._stories.get(key, ("", job))
            job = job or known
            if story:
                told["story"] = story
        if job is not None:
            told["job"] = job.id
            told["shots"] = list(job.addresses)
            told["model"] = job.model
        return told

    def _key_of(self, job: Job | None) -> str | None:
        return next((key for key, (_, own) in self._stories.items() if own is job), None)
