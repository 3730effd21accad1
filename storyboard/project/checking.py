"""The first stages over all files of a run: read, parse, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Outcome, has_errors, sort_by_place
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageTrouble
from storyboard.project.project import Project
from storyboard.project.scan import Target
from storyboard.source import Source
from storyboard.story import check, check_library, settable
from storyboard.story.model import Story
from storyboard.syntax import Loader
from storyboard.syntax.tree import Unit

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file of the run. `story` is None where it is a library, or where errors left none."""

    path: Path
    named: bool
    project: Project
    is_library: bool
    story: Story | None


@dataclass(frozen=True, slots=True)
class Checked:
    """All files of the run, and every finding in them and in what they import, by place."""

    files: tuple[CheckedFile, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything stops a build."""
        return has_errors(self.diagnostics)


class Checker:
    """Checks files one after the other; a project's files share a loader, so that an import is read once a run."""

    def __init__(self, open_for: Callable[[Path], Project], values: Mapping[str, str]) -> None:
        """`open_for` gives a file's project; `values` are those of `--set`."""
        self._open_for = open_for
        self._values = values
        self._loaders: dict[Path, Loader] = {}
        self._found: list[Diagnostic] = []
        self._settable: set[str] = set()

    def all(self, targets: Sequence[Target]) -> Checked:
        """Every file; raises UsageTrouble for a file that cannot be read, or a value for a name that no file has."""
        return self._checked([self._file(target) for target in targets])

    @property
    def sources(self) -> frozenset[Path]:
        """Every file that was looked for, links not resolved."""
        return frozenset(path for loader in self._loaders.values() for path in loader.asked)

    def source(self, source: Source) -> Checked:
        """One text that is no file."""
        project = self._open_for(source.path)
        return self._checked([self._understood(source.path, True, project, self._loader(project).load_source(source))])

    def _file(self, target: Target) -> CheckedFile:
        project = self._open_for(target.path)
        return self._understood(target.path, target.named, project, self._loader(project).load(target.path))

    def _understood(self, path: Path, named: bool, project: Project, loaded: Outcome[Unit]) -> CheckedFile:
        self._found += loaded.diagnostics
        unit = loaded.value
        if unit is None:
            return CheckedFile(path, named, project, is_library=False, story=None)
        self._settable.update(settable(unit), (lost.name for lost in unit.file.lost if lost.name))
        if unit.file.story is None:
            self._found += check_library(unit, project.catalog)
            return CheckedFile(path, named, project, is_library=True, story=None)
        outcome = check(unit, project.catalog, self._values)
        self._found += outcome.diagnostics
        return CheckedFile(path, named, project, is_library=False, story=outcome.value)

    def _loader(self, project: Project) -> Loader:
        return self._loaders.setdefault(project.root, Loader(project.root))

    def _checked(self, files: list[CheckedFile]) -> Checked:
        for name in self._values:
            if name not in self._settable:
                raise UsageTrouble(
                    f"--set: there is no `param` called `{name}`",
                    help=did_you_mean(name, self._settable) or _settable_names(self._settable),
                )
        return Checked(tuple(files), sort_by_place(self._found))


def _settable_names(names: set[str]) -> str:
    return "it may be " + ", ".join(sorted(names)) if names else "a `param` declares a name that may be set"
