"""`lint --fix` without files: a text with every safe fix applied, by the functions that the command itself uses."""

from __future__ import annotations

from pathlib import Path

from storyboard.diagnostics import Diagnostic, sort_by_place
from storyboard.diagnostics.edits import edited, safe_fixes
from storyboard.jobs.compile import compile_story
from storyboard.project.rewriting import ROUNDS, fixes_that_parse
from storyboard.source import Source
from storyboard.story import check, check_library
from storyboard.syntax import Loader
from tests.support.front import CATALOG, MAIN


def findings(text: str) -> tuple[Diagnostic, ...]:
    """Everything that `lint` says of a text that imports nothing."""
    path = Path("/nowhere") / MAIN
    loaded = Loader(path.parent).load_source(Source(path, text))
    if loaded.value is None:
        return loaded.diagnostics
    if loaded.value.file.story is None:
        return (*loaded.diagnostics, *check_library(loaded.value, CATALOG))
    checked = check(loaded.value, CATALOG)
    compiled = compile_story(checked.value, CATALOG).diagnostics if checked.value else ()
    return sort_by_place((*loaded.diagnostics, *checked.diagnostics, *compiled))


def mend(text: str) -> str:
    """The text with every safe fix applied, as often as one shows another."""
    for _ in range(ROUNDS):
        fixes = safe_fixes(findings(text))
        if not fixes:
            break
        source = fixes[0].edits[0].span.source
        kept = fixes_that_parse(source, fixes)
        if not kept:
            break
        text = edited(source, [edit for fix in kept for edit in fix.edits])
    return text
