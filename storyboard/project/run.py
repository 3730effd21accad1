"""One run of a command over some files: which they are, which project each belongs to, and the stages."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storyboard.diagnostics import sort_by_place
from storyboard.errors import UsageTrouble
from storyboard.project.checking import STDIN, Checked, Checker
from storyboard.project.project import Project, open_project
from storyboard.project.scan import Target, find_targets
from storyboard.syntax import decode, project_root


class Run:
    """The files that `paths` stand for (none: the project's), the projects they belong to, opened once each.

    `values` are those of `--set`; `flags` go over everything that is configured. The path `-` is standard input.
    """

    def __init__(
        self,
        paths: Sequence[str] = (),
        *,
        values: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
    ) -> None:
        self.base = Path.cwd()
        self.values = values or {}
        self._flags = flags or {}
        self._paths = tuple(paths)
        self._projects: dict[Path, Project] = {}

    def targets(self) -> tuple[Target, ...]:
        """The files; raises UsageTrouble where an argument is none, or a folder holds no story."""
        return find_targets(self._paths or [str(project_root(self.base))], self.base)

    def check(self) -> Checked:
        """Reads, parses and checks every file."""
        checker = Checker(self.project_of, self.values)
        if "-" not in self._paths:
            return checker.all(self.targets())
        if len(self._paths) > 1:
            raise UsageTrouble("`-`, standard input, stands alone", help="name files, or pipe one text in")
        source = decode(STDIN, sys.stdin.buffer.read())
        if source.value is None or source.diagnostics:
            return Checked((), sort_by_place(source.diagnostics))
        return checker.source(source.value)

    def project_of(self, path: Path) -> Project:
        """The project that a file belongs to."""
        root = project_root(path)
        if root not in self._projects:
            self._projects[root] = open_project(root, self._flags)
        return self._projects[root]
