"""From a file to its jobs, as a run goes through the stages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from storyboard.cards import load_catalog
from storyboard.diagnostics import Diagnostic
from storyboard.jobs.compile import compile_story
from storyboard.story.check import check, check_library
from storyboard.story.story import Story
from storyboard.syntax import Loader


def read_story(
    path: Path, root: Path, values: Mapping[str, str] | None = None
) -> tuple[Story | None, list[Diagnostic]]:
    """The checked story (None for a library) and every finding in it, its imports and its jobs."""
    catalog = load_catalog(None)
    loaded = Loader(root).load(path)
    assert loaded.value is not None
    found = list(loaded.diagnostics)
    if loaded.value.file.story is None:
        return None, [*found, *check_library(loaded.value, catalog)]
    checked = check(loaded.value, catalog, values or {})
    assert checked.value is not None, [finding.message for finding in checked.diagnostics]
    found += [*checked.diagnostics, *compile_story(checked.value, catalog).diagnostics]
    return checked.value, found
