"""The jobs as they would be sent: for scripts, and as requests to paste into a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from storyboard.diagnostics import Diagnostic
from storyboard.fast_named_tuples import NamedTuple
from storyboard.jobs.job import Job
from storyboard.providers.calls import HttpCall
from storyboard.report.document_types import CompileDocument, CompiledStoryDocument
from storyboard.report.documents import diagnostics_of
from storyboard.report.record_document_types import CompileCheckDocument
from storyboard.report.style import Line, clean, line, shown
from storyboard.report.views import JobsView


def compile_document(stories: Sequence[JobsView], diagnostics: Sequence[Diagnostic], base: Path) -> CompileDocument:
    """Return the document of `compile --json`."""
    return {
        "stories": [_story(story, base) for story in stories],
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def _story(story: JobsView, base: Path) -> CompiledStoryDocument:
    return {
        "path": shown(story.path, base),
        "title": story.title,
        "jobs": [
            {
                "id": each.job.id,
                "key": each.key,
                "content": each.job.content,
                "provider": story.provider,
                "shots": list(each.job.addresses),
                "seconds": each.job.seconds,
                "payload": dict(each.payload),
                "transport": dict(each.transport),
            }
            for each in story.jobs
        ],
    }


def curl_script(requests: Sequence[tuple[Job, HttpCall]]) -> str:
    """Return each job's request as a curl command; the key comes from the environment."""
    return "\n".join(_curl(job, call) for job, call in requests)


def _curl(job: Job, call: HttpCall) -> str:
    body = json.dumps(call.body, ensure_ascii=False, indent=2)
    return (
        f"# {clean(job.id)}: {', '.join(map(clean, job.addresses))}, {job.seconds} s\n"
        f"curl -X {call.method} {shlex.quote(call.url)} \\\n"
        '  -H "Authorization: Bearer $STORYBOARD_API_KEY" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data {shlex.quote(body)}\n"
    )


class JobChange(NamedTuple):
    """How a job differs from the same job in an earlier document."""

    path: str
    id: str
    change: Literal["new", "gone", "differs"]

    @property
    def line(self) -> Line:
        """The change, for people."""
        return line(f"  {self.path}: {self.id} {self.change if self.change == 'differs' else f'is {self.change}'}")


def changed_jobs(before: bytes, now: CompileDocument) -> tuple[JobChange, ...] | None:
    """Return the jobs that differ from those in the text of an earlier document; `transport` does not count, as it
    changes no clip. None if the text is no such document."""
    try:
        old, new = _by_place(json.loads(before)["stories"]), _by_place(now["stories"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return (
        *(JobChange(*place, "new") for place in new if place not in old),
        *(JobChange(*place, "gone") for place in old if place not in new),
        *(JobChange(*place, "differs") for place in new if place in old and old[place] != new[place]),
    )


def check_document(document: CompileDocument, changes: Sequence[JobChange]) -> CompileCheckDocument:
    """Return the document of `compile --check --json`: that of `compile`, with what changed since the file was
    written."""
    return {"changes": [{"path": each.path, "id": each.id, "change": each.change} for each in changes], **document}


def _by_place(stories: Sequence[Any]) -> dict[tuple[str, str], Any]:
    return {
        (str(story["path"]), str(job["id"])): {name: value for name, value in job.items() if name != "transport"}
        for story in stories
        for job in story["jobs"]
    }
