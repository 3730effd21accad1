"""The jobs as they would be sent: for scripts, and as requests to copy."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from storyboard.diagnostics import Diagnostic
from storyboard.jobs.job import Job
from storyboard.providers.calls import HttpCall
from storyboard.report.documents import diagnostics_of
from storyboard.report.places import shown
from storyboard.report.style import clean
from storyboard.report.views import JobsView


def compile_document(stories: Sequence[JobsView], diagnostics: Sequence[Diagnostic], base: Path) -> dict[str, Any]:
    """`compile --json`."""
    return {
        "stories": [_story(story, base) for story in stories],
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def _story(story: JobsView, base: Path) -> dict[str, Any]:
    return {
        "path": shown(story.path, base),
        "title": story.title,
        "jobs": [
            {
                "id": job.id,
                "key": key,
                "content": job.content,
                "provider": story.provider,
                "shots": list(job.addresses),
                "seconds": job.seconds,
                "payload": dict(payload),
            }
            for job, key, payload in story.jobs
        ],
    }


def curl_script(requests: Sequence[tuple[Job, HttpCall]]) -> str:
    """Each job's request as a command to copy; the key comes from the environment of who runs it."""
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


def changed_jobs(before: Sequence[Any], now: Sequence[Any]) -> list[str]:
    """What differs between the `stories` of two documents, a line each; nothing where the jobs are the same."""
    old, new = _by_place(before), _by_place(now)
    lines = [f"{path}: {id_} is new" for path, id_ in new if (path, id_) not in old]
    lines += [f"{path}: {id_} is gone" for path, id_ in old if (path, id_) not in new]
    lines += [f"{place[0]}: {place[1]} differs" for place in new if place in old and old[place] != new[place]]
    return lines


def _by_place(stories: Sequence[Any]) -> dict[tuple[str, str], Any]:
    return {(story["path"], job["id"]): job for story in stories for job in story["jobs"]}
