"""The first stages, over all files of a run: read, parse, check."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from unicodedata import normalize

from storyboard.diagnostics import Diagnostic, Outcome, has_errors, sort_by_place
from storyboard.diagnostics.suggest import did_you_mean
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.files.transcript import Transcript, recording
from storyboard.project.discovery import Target
from storyboard.project.file_cache import Recalled
from storyboard.project.project import Project
from storyboard.source import Source
from storyboard.story import allowed_values, check, check_library, settable
from storyboard.story.story import Story
from storyboard.syntax import Loader
from storyboard.syntax.tree import StoryFile, Unit

STDIN = Path("-")


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the collector while many long-lived values are created: each collection would go through all of them, and
    there are no cycles among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file of the run, with the findings in it and in its imports.

    `story` is None for a library, after errors, or if it is `recalled`. `settable` are the names that `--set` accepts,
    `values` those that were set; `depends` records the disk accesses.
    """

    path: Path
    named: bool
    project: Project
    is_library: bool
    story: Story | None
    found: tuple[Diagnostic, ...] = ()
    settable: tuple[str, ...] = ()
    recalled: Recalled | None = None
    depends: Transcript = field(default_factory=Transcript, compare=False)
    values: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = field(default=None, compare=False, repr=False)
    """The file as it was written, with its imports; None if it was not understood at all."""


@dataclass(frozen=True, slots=True)
class Checked:
    """All files of the run, with what was found in them; `undecoded` are the findings of a file that is not text."""

    files: tuple[CheckedFile, ...]
    undecoded: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings in the files and their imports, by place."""
        return sort_by_place(chain(self.undecoded, *[file.found for file in self.files]))

    @property
    def has_errors(self) -> bool:
        """Whether there is any error, which stops a build."""
        return has_errors(self.diagnostics)


class Checker:
    """Checks files one by one; the files of a project share a loader, so that an import is read once per run."""

    def __init__(
        self,
        open_for: Callable[[Path], Project],
        values: Mapping[str, str],
        recalled: Mapping[Path, Recalled],
        read: Callable[[Path], Outcome[StoryFile]] | None = None,
        remembered: Callable[[Path], Mapping[str, str]] | None = None,
    ) -> None:
        """`open_for` returns a file's project; `values` are those of `--set`; `recalled` files are not read again.
        `remembered` returns the values of a file's variant without `--set`. `read` reads and parses a file, for a
        caller that caches parsed files.
        """
        self._read = read
        self._open_for = open_for
        self._values = values
        self._remembered = remembered
        self._recalled = recalled
        self._loaders: dict[Path, Loader] = {}

    @uncollected()
    def all(self, targets: Sequence[Target]) -> Checked:
        """Check every file; raises UsageError for a file that cannot be read, or a value for a name that no file
        has."""
        return self._checked([self._file(target) for target in targets])

    def source(self, source: Source) -> Checked:
        """Check one text that is not a file."""
        project = self._open_for(source.path)
        return self._checked([self._understood(source.path, True, project, self._loader(project).load_source(source))])

    def _file(self, target: Target) -> CheckedFile:
        path, named = target
        project, known = self._open_for(path), self._recalled.get(path)
        if known is not None:
            return CheckedFile(path, named, project, known.is_library, None, known.found, known.settable, known)
        with recording() as depends:
            file = self._understood(path, named, project, self._loader(project).load(path))
        return replace(file, depends=depends)

    def _understood(self, path: Path, named: bool, project: Project, loaded: Outcome[Unit]) -> CheckedFile:
        unit, found = loaded.value, loaded.diagnostics
        if unit is None:
            return CheckedFile(path, named, project, is_library=False, story=None, found=found)
        values = {**self._remembered_for(path), **self._values}
        if values:
            _check_values(values, allowed_values(unit))
        names = (*settable(unit), *(lost.name for lost in unit.file.lost if lost.name))
        if unit.file.story is None:
            found = (*found, *check_library(unit, project.catalog))
            return CheckedFile(
                path, named, project, is_library=True, story=None, found=found, settable=names, unit=unit
            )
        values = {name: text for name, text in values.items() if name in names}
        outcome = check(unit, project.catalog, values)
        story = outcome.value
        free = _footage_findings(story, project.root) if story and (story.local_shots or story.music) else ()
        return CheckedFile(
            path, named, project, False, story, (*found, *outcome.diagnostics, *free), names, unit=unit, values=values
        )

    def _remembered_for(self, path: Path) -> Mapping[str, str]:
        return self._remembered(path) if self._remembered and path != STDIN else {}

    def _loader(self, project: Project) -> Loader:
        return self._loaders.setdefault(project.root, Loader(project.root, self._read))

    def _checked(self, files: list[CheckedFile]) -> Checked:
        known = {name for file in files for name in file.settable}
        for name in self._values:
            if name not in known:
                raise UsageError(
                    f"--set: there is no `param` named `{name}`",
                    help=did_you_mean(name, known) or _settable_names(known),
                )
        for name in {name for file in files for name in self._remembered_for(file.path)}:
            guess = did_you_mean(name, known) if name not in known else ""
            if guess:
                raise UsageError(f"[variants]: there is no `param` called `{name}`", help=guess)
        return Checked(tuple(files))


def _check_values(given: Mapping[str, str], allowed: Mapping[str, Sequence[str]]) -> None:
    """Raise UsageError for a value that its `param` does not list."""
    for name, values in allowed.items():
        value = normalize("NFC", given.get(name, values[0]))
        if value not in values:
            raise UsageError(
                f"--set: `{name}` cannot be `{value}`",
                help=did_you_mean(value, values) or "allowed: " + ", ".join(values),
            )


def _footage_findings(story: Story, root: Path) -> tuple[Diagnostic, ...]:
    from storyboard.film.footage import footage_findings  # brings the room of films: only where there are files

    return tuple(footage_findings(story, root))


def _settable_names(names: set[str]) -> str:
    return "allowed: " + ", ".join(sorted(names)) if names else "`param` declares names that can be set"
