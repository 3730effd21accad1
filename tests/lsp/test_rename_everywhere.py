"""Every name of the examples can be renamed: nothing new is found, and no prompt changes unless that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.diagnostics.edits import edited
from storyboard.lsp.buffers import Buffers
from storyboard.lsp.live_check import LiveChecks
from storyboard.lsp.names import places_in, rename
from tests.support.corpus import CorpusEntry, example_projects

SOME = 4
"""Of the names of a file every fourth is renamed: the files together have them of all kinds."""


@pytest.mark.parametrize("project", list(example_projects()), ids=lambda project: project.name)
def test_a_renamed_story_has_the_same_jobs_and_findings(project: CorpusEntry, tmp_path: Path) -> None:
    main = project.write(tmp_path)
    checks = LiveChecks(Buffers(tmp_path))
    path = checks.buffers.open(main.as_uri(), main.read_text("utf-8"), 1)
    checks.changed(path)
    report = checks.report(path)
    assert report.unit is not None
    declared = {place.declared.start: place.declared for place in places_in(report.unit)}
    own = [span for start, span in sorted(declared.items()) if span.source.path == path]
    keys = [job.content for job in report.story.jobs] if report.story else []
    for span in [each for each in own if each.text != "avoid"][::SOME]:  # the language calls `avoid` by its name
        renaming = rename(checks, report, span.start, "renamed_here")
        assert renaming.edits
        texts = {}
        for each in {edit.span.source.path: edit.span.source for edit in renaming.edits}.values():
            edits = [edit for edit in renaming.edits if edit.span.source.path == each.path]
            texts[each.path] = edited(each, edits).encode()
        after = checks.check(path, texts)
        assert [found.code for found in after.found] == [found.code for found in report.found]
        same = [job.content for job in after.story.jobs] == keys if after.story else not keys
        assert same or renaming.changed_jobs
