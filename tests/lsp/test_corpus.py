"""Over every story that there is: the editor says what the command line says, and bears every half-typed text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import pytest
from lsprotocol import types

from storyboard.lsp.buffers import Buffers
from storyboard.lsp.completion import proposals
from storyboard.lsp.fixes import actions_at, fix_all
from storyboard.lsp.hints import inlay_hints, lenses
from storyboard.lsp.hover import hover_text
from storyboard.lsp.live_check import LiveChecks
from storyboard.lsp.names import place_at, places_of
from storyboard.lsp.outline import folds, selections, symbols
from tests.support.cli import Cli
from tests.support.corpus import CorpusEntry, example_projects, is_huge, small_projects
from tests.support.editor import Editor

Start: TypeAlias = Callable[..., AbstractAsyncContextManager[Editor]]

KEPT = ("path", "code", "severity", "line", "column", "end_line", "end_column", "message")
SEVERITIES = {1: "error", 2: "warning", 4: "hint"}


def as_lint_says(found: types.Diagnostic) -> dict[str, Any]:
    """What the document of `lint --json` says of the same finding."""
    return {
        "code": found.code,
        "severity": SEVERITIES[int(found.severity or 0)],
        "line": found.range.start.line + 1,
        "column": found.range.start.character + 1,
        "end_line": found.range.end.line + 1,
        "end_column": found.range.end.character + 1,
        "message": found.message.split("\n")[0],
    }


async def test_editor_shows_the_same_findings_as_lint(cli: Cli, start: Start) -> None:
    projects = [each for each in (*small_projects(), *example_projects()) if not is_huge(each)]
    mains = [project.write(cli.folder) for project in projects]
    names = [main.relative_to(cli.folder).as_posix() for main in mains if is_text(main.read_bytes())]
    said = defaultdict(list)
    for found in cli("lint", *names, "--json").json["diagnostics"]:
        message = found["message"].split("\n")[0]
        said[found["path"].split("/")[0]].append({**{name: found[name] for name in KEPT}, "message": message})
    assert len(said) > 100
    async with start([types.PositionEncodingKind.Utf32]) as editor:
        for name in names:
            await editor.open(name)
            shown = [
                {"path": unquote(uri).removeprefix(cli.folder.as_uri() + "/"), **as_lint_says(found)}
                for uri, each in editor.shown.items()
                for found in each
            ]
            project = name.split("/")[0]
            assert sorted(shown, key=str) == sorted(said[project], key=str), project
            editor.close(name)
            await editor.until(lambda: not any(editor.shown.values()))


def is_text(content: bytes) -> bool:
    """Whether an editor would open it as it is."""
    try:
        return content.decode() is not None
    except UnicodeDecodeError:
        return False


def bear(checks: LiveChecks, path: Path, text: str) -> None:
    """Ask for everything at the end of a text that is being typed."""
    buffers = checks.buffers
    buffers.open(path.as_uri(), text, 1)
    checks.changed(path)
    report = checks.report(path)
    assert report.trouble == ""
    end = len(text)
    hover_text(report, end)
    proposals(report, text, end)
    list(actions_at(checks, report, max(0, end - 20), end))
    list(inlay_hints(report, 0, end, buffers.codec))
    list(lenses(report, buffers.codec))
    if report.file is not None and report.unit is not None:
        symbols(report.file, buffers.codec)
        list(folds(report.file))
        selections(report.file, end, buffers.codec)
        place_at(report.unit, end)


def cut_off(project: CorpusEntry, folder: Path, step: int) -> int:
    main = project.write(folder)
    text = project.files[project.main].decode("utf-8", "replace")
    checks = LiveChecks(Buffers(folder))
    path = checks.buffers.path_of(main.as_uri())
    cuts = range(0, len(text) + 1, step)
    for end in cuts:
        bear(checks, path, text[:end])
    return len(cuts)


def test_truncated_text_is_handled(tmp_path: Path) -> None:
    for project in small_projects():
        if not project.name.startswith(("story-", "jobs-")) and not is_huge(project):
            cut_off(project, tmp_path, 40)


@pytest.mark.long
@pytest.mark.parametrize("project", [*small_projects(), *example_projects()], ids=lambda project: project.name)
def test_text_truncated_at_every_tenth_character_is_handled(project: CorpusEntry, tmp_path: Path) -> None:
    assert cut_off(project, tmp_path, 10)


def test_all_requests_work_in_a_whole_example(tmp_path: Path) -> None:
    for project in example_projects():
        main = project.write(tmp_path)
        checks = LiveChecks(Buffers(tmp_path))
        path = checks.buffers.path_of(main.as_uri())
        bear(checks, path, main.read_text("utf-8"))
        report = checks.report(path)
        fix_all(checks, report)
        assert report.unit is not None
        first = place_at(report.unit, next(iter(report.unit.file.statements)).span.start + 5)
        if first is not None:
            places_of(checks, path, first.declared)
