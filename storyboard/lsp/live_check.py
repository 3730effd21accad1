"""Check open files like `storyboard lint`, repeatedly, with everything unchanged cached."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextvars import copy_context
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.diagnostics import Diagnostic, Outcome, sort_by_place
from storyboard.errors import StoryboardError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import overlaid, read_file, real
from storyboard.files.plain_transcript import still_holds
from storyboard.files.transcript import begin_run, current_run
from storyboard.lsp.buffers import Buffers
from storyboard.project.check import Checker
from storyboard.project.compile import Compiled, CompiledStory, compile_all, stored_lock
from storyboard.project.discovery import Target, stories_below
from storyboard.project.project import Project, open_project
from storyboard.syntax import project_root
from storyboard.syntax.loader import Loader, parse_story_file
from storyboard.syntax.tree import StoryFile, Unit

if TYPE_CHECKING:
    from storyboard.files.plain_transcript import PlainTranscript


@dataclass(frozen=True)
class LiveReport:
    """The findings in one file. `unit` is None if nothing of it was understood. `reads` are the files that were
    accessed, found or missing; `trouble` is why nothing could be checked at all.
    """

    path: Path
    found: tuple[Diagnostic, ...] = ()
    unit: Unit | None = None
    project: Project | None = None
    compiled: Compiled | None = None
    reads: frozenset[Path] = frozenset()
    trouble: str = ""

    @property
    def file(self) -> StoryFile | None:
        """The file as it was written."""
        return self.unit.file if self.unit else None

    @property
    def story(self) -> CompiledStory | None:
        """The story with its jobs; None for a library, or after errors."""
        return next(iter(self.compiled.stories), None) if self.compiled else None


class ParsedFiles:
    """Parsed files; a file is parsed again only if its text changed."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[bytes, Outcome[StoryFile]]] = {}
        self.asked: set[Path] = set()
        """The files that were requested since this was last cleared."""

    def read(self, path: Path) -> Outcome[StoryFile]:
        """Read and parse a file. Raises OSError if it cannot be read."""
        self.asked.add(path)
        content = read_file(path)
        known = self._known.get(path)
        if known is None or known[0] != content:
            known = self._known[path] = content, parse_story_file(path, content)
        return known[1]

    def forget_all_but(self, wanted: frozenset[Path]) -> None:
        """Drop files that are no longer read."""
        self._known = {path: each for path, each in self._known.items() if path in wanted}


@dataclass(frozen=True)
class _OpenProject:
    project: Project
    depends: PlainTranscript | None


class LiveChecks:
    """The checks of all open files."""

    def __init__(self, buffers: Buffers) -> None:
        self.buffers = buffers
        self.reports: dict[Path, LiveReport] = {}
        self.stale: dict[Path, None] = {}
        """Open files that need another check, in this order."""
        self._parsed = ParsedFiles()
        self._projects: dict[Path, _OpenProject] = {}

    def changed(self, path: Path) -> None:
        """Record that a file changed: it is checked first, then the open files that read it."""
        readers = [each for each, report in self.reports.items() if path in report.reads and each != path]
        waiting = [each for each in self.stale if each != path]
        self.stale = dict.fromkeys(each for each in (path, *readers, *waiting) if each in self.buffers.by_path)

    def expect_anything(self) -> None:
        """Record that anything on the disk may have changed."""
        self.stale = dict.fromkeys([*self.stale, *self.buffers.by_path])

    def close(self, path: Path) -> None:
        """Forget a closed file; files that read it see its saved text again."""
        self.reports.pop(path, None)
        self.changed(path)
        self._parsed.forget_all_but(frozenset(chain.from_iterable(each.reads for each in self.reports.values())))

    def report(self, path: Path) -> LiveReport:
        """Return the current findings in a file, open or not."""
        known = self.reports.get(path)
        if known is not None and path not in self.stale:
            return known
        report = self.check(path)
        if path in self.buffers.by_path:
            self.reports[path] = report
            self.stale.pop(path, None)
        return report

    def check(self, path: Path, instead: Mapping[Path, bytes] | None = None) -> LiveReport:
        """Check a file in its current state, with the texts of `instead` replacing open or saved ones."""
        self._parsed.asked = set()
        try:
            project = self.project_of(path)
            with overlaid({**self.buffers.contents, **(instead or {})}):
                checked = Checker(lambda _: project, {}, {}, self._parsed.read).all([Target(path, named=True)])
                compiled = compile_all(checked, "", stored_lock(""))
        except (StoryboardError, OSError) as trouble:
            return LiveReport(path, reads=frozenset(self._parsed.asked), trouble=str(trouble))
        unit = compiled.files[0].unit
        return LiveReport(path, compiled.diagnostics, unit, project, compiled, frozenset(self._parsed.asked))

    def findings(self) -> dict[Path, list[Diagnostic]]:
        """Return all findings in the open files and their imports, by file, as `lint` lists them."""
        found: dict[Path, list[Diagnostic]] = defaultdict(list)
        for each in sort_by_place(chain.from_iterable(report.found for report in self.reports.values())):
            found[each.span.source.path].append(each)
        return found

    def project_of(self, path: Path) -> Project:
        """Return the project of a file, reopened only if its settings or model cards changed.

        Raises UsageError if they cannot be used.
        """
        root = project_root(path)
        known = self._projects.get(root)
        if known is None or known.depends is None or not _holds(known.depends):
            known = self._projects[root] = copy_context().run(_open, root)
        return known.project

    def units(self, near: Path) -> Iterator[Unit]:
        """Return every file of a project in its current state, including open ones, without unreadable ones."""
        root = project_root(near)
        below = [path for path in self.buffers.by_path if project_root(path) == root]
        with overlaid(self.buffers.contents):
            try:
                below += stories_below(root)
            except StoryboardError:
                below.append(near)
            loader = Loader(root, self._parsed.read)
            for path in dict.fromkeys([real(near), *below]):
                try:
                    unit = loader.load(path).value
                except StoryboardError:
                    continue
                if unit is not None:
                    yield unit


def _open(root: Path) -> _OpenProject:
    began = time.time_ns()
    begin_run(None, began)
    project = open_project(root) if root.is_dir() else open_project()
    _ = project.catalog  # read now, so that its files are recorded too
    return _OpenProject(project, current_run().plain(began))


def _holds(depends: PlainTranscript) -> bool:
    try:
        return still_holds(depends)
    except OSError:
        return False
