"""The jobs as they would be sent: for scripts, and as requests to copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from storyboard.diagnostics import Diagnostic
from storyboard.report.documents import diagnostics_of
from storyboard.report.model import JobsView
from storyboard.report.places import shown


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
                "payload": dict(job.payload),
            }
            for job, key in story.jobs
        ],
    }
