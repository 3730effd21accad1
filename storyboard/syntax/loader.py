"""Load a story with everything it imports, each file read once per run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Outcome, Related, has_errors, sort_by_place
from storyboard.diagnostics.rules import reading
from storyboard.diagnostics.suggest import suggest
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.disk import list_folder, read_file, real, reason
from storyboard.files.project_root import folder_of
from storyboard.files.transcript import Transcript, current, recording
from storyboard.source import Source
from storyboard.syntax.decode import decode
from storyboard.syntax.parser import parse
from storyboard.syntax.tree import ImportDecl, StoryFile, Unit


@dataclass(slots=True)
class _Visit:
    """A file whose imports are being followed. `through` is the import that led to it; None for the file asked for."""

    file: StoryFile
    through: ImportDecl | None
    pending: Iterator[ImportDecl]
    links: list[tuple[ImportDecl, Unit]] = field(default_factory=list)
    whole: bool = True
    """Whether no cycle was cut on the way, so that its unit is the same for every importer."""


@dataclass(slots=True)
class _Walk:
    """The traversal of the imports of one requested file: where it is, and what is done."""

    trail: list[_Visit] = field(default_factory=list)
    places: dict[Path, int] = field(default_factory=dict)
    done: dict[Path, Unit] = field(default_factory=dict)
    circles: list[Diagnostic] = field(default_factory=list)


def read_story_file(path: Path) -> Outcome[StoryFile]:
    """Read and parse one file. Raises OSError if it cannot be read."""
    return parse_story_file(path, read_file(path))


def parse_story_file(path: Path, content: bytes) -> Outcome[StoryFile]:
    """Decode and parse the content of a file."""
    source = decode(path, content)
    if source.value is None or has_errors(source.diagnostics):
        return Outcome(None, source.diagnostics)
    return parse(source.value)


class Loader:
    """Loads stories of one project, whose imports stay inside `root`. A run has one; files do not change under it."""

    def __init__(self, root: Path, read: Callable[[Path], Outcome[StoryFile]] | None = None) -> None:
        """`read` reads and parses one file, for a caller that caches parsed files between runs."""
        self.root = real(root)
        self._read = read or read_story_file
        self._depends: dict[Path, Transcript] = {}
        """The disk accesses made to read each file and find its imports."""
        self._files: dict[Path, Outcome[StoryFile]] = {}
        self._units: dict[Path, Unit] = {}
        self._found: dict[Path, list[Diagnostic]] = {}
        self._leads_to: dict[Path, list[Path]] = {}
        self._circles: set[frozenset[Path]] = set()

    def load(self, path: Path) -> Outcome[Unit]:
        """Load a file with its imports, and report every mistake in any of them.

        The value is None if the file itself could not be understood at all. Raises UsageError if there is no
        such file, or the system does not let it be read.
        """
        try:
            outcome = self._file(real(path))
        except FileNotFoundError:
            raise UsageError(f"there is no file {path}", help=_near(path)) from None
        except OSError as trouble:
            raise UsageError(f"{path} cannot be read: {reason(trouble)}") from None
        unit = self._unit(outcome)
        for each in self._reached_from(real(path)):
            current().include(self._depends.get(each, Transcript()))
        return unit

    def load_source(self, source: Source) -> Outcome[Unit]:
        """Load a text that is not a file, such as standard input; its imports are relative to the working directory."""
        return self._unit(parse(source))

    def _file(self, path: Path) -> Outcome[StoryFile]:
        known = self._files.get(path)
        if known is None:
            with recording(self._depends.setdefault(path, Transcript())):
                known = self._files[path] = self._read(path)
        return known

    def _unit(self, outcome: Outcome[StoryFile]) -> Outcome[Unit]:
        file = outcome.value
        if file is None:
            return Outcome(None, outcome.diagnostics)
        walk = _Walk()
        unit = self._units.get(file.source.path) or self._follow(file, walk)
        found = (*outcome.diagnostics, *walk.circles, *self._found_from(file.source.path))
        return Outcome(unit, sort_by_place(found))

    def _follow(self, top: StoryFile, walk: _Walk) -> Unit:
        """Return the file's unit, following imports depth first, without recursion."""
        self._enter(top, None, walk)
        while True:
            visit = walk.trail[-1]
            declaration = next(visit.pending, None)
            if declaration is not None:
                self._step(declaration, walk)
                continue
            unit = self._leave(walk)
            if not walk.trail:
                return unit
            if visit.through is not None:
                walk.trail[-1].links.append((visit.through, unit))
            walk.trail[-1].whole &= visit.whole

    def _enter(self, file: StoryFile, through: ImportDecl | None, walk: _Walk) -> None:
        path = file.source.path
        self._found[path] = []
        self._leads_to[path] = []
        walk.places[path] = len(walk.trail)
        walk.trail.append(_Visit(file, through, (s for s in file.statements if isinstance(s, ImportDecl))))

    def _leave(self, walk: _Walk) -> Unit:
        visit = walk.trail.pop()
        path = visit.file.source.path
        del walk.places[path]
        unit = walk.done[path] = Unit(visit.file, tuple(visit.links))
        if visit.whole:
            self._units[path] = unit
        return unit

    def _step(self, declaration: ImportDecl, walk: _Walk) -> None:
        """Follow one import of the file at the trail's end."""
        visit = walk.trail[-1]
        here = visit.file.source.path
        with recording(self._depends.setdefault(here, Transcript())):
            target = real(folder_of(here) / declaration.path.value)
        if target in walk.places:
            self._circle(declaration, walk, walk.places[target])
            return
        self._leads_to[here].append(target)
        unit = self._units.get(target) or walk.done.get(target)
        if unit is not None:
            visit.links.append((declaration, unit))
            visit.whole &= target in self._units
            return
        file = self._imported(declaration, target, visit)
        if file is not None:
            self._enter(file, declaration, walk)

    def _imported(self, declaration: ImportDecl, target: Path, visit: _Visit) -> StoryFile | None:
        """Return the file that an import names; its own mistakes, and why there is none, are kept."""
        try:
            if not target.is_relative_to(self.root):
                problem = _outside(declaration, self.root)
            elif not declaration.path.value.strip():
                problem = _missing(declaration, target)
            else:
                return self._file(target).value
        except (FileNotFoundError, NotADirectoryError):
            problem = _missing(declaration, target)
        except OSError as trouble:
            problem = _unreadable(declaration, trouble)
        if not visit.file.is_broken(declaration.span):
            self._found[visit.file.source.path].append(problem)
        return None

    def _circle(self, last: ImportDecl, walk: _Walk, start: int) -> None:
        caught = walk.trail[start:]
        for visit in caught:
            visit.whole = False
        members = frozenset(visit.file.source.path for visit in caught)
        if members not in self._circles:
            self._circles.add(members)
            edges = [*(visit.through for visit in caught[1:] if visit.through is not None), last]
            into = walk.trail[1].through if len(walk.trail) > 1 else None
            walk.circles.append(_in_a_circle(into or last, edges, caught[0].file.source))

    def _found_from(self, top: Path) -> Iterator[Diagnostic]:
        """Return the findings in the files that one leads to, and at its imports."""
        for path in self._reached_from(top):
            yield from self._found.get(path, ())
            if path != top and path in self._files:
                yield from self._files[path].diagnostics

    def _reached_from(self, top: Path) -> Iterator[Path]:
        """Yield the files that one leads to, itself first."""
        seen = {top}
        waiting = [top]
        while waiting:
            path = waiting.pop()
            yield path
            fresh = [target for target in self._leads_to.get(path, ()) if target not in seen]
            seen.update(fresh)
            waiting.extend(fresh)


def _outside(declaration: ImportDecl, root: Path) -> Diagnostic:
    return reading.IMPORT_OUTSIDE.at(
        declaration.path.span,
        f"`{declaration.path.value}` is outside the project, which is the folder `{root.name or root}`",
        help="copy the file into the project, or put a `storyboard.toml` into the folder that contains both",
    )


def _missing(declaration: ImportDecl, target: Path) -> Diagnostic:
    written = declaration.path.value
    return reading.IMPORT_MISSING.at(
        declaration.path.span,
        f"there is no file `{written}`" if written else "an import needs a path",
        help=(_near(target) if written else None) or "the path is relative to the file that contains the import",
    )


def _unreadable(declaration: ImportDecl, trouble: OSError) -> Diagnostic:
    return reading.IMPORT_UNREADABLE.at(
        declaration.path.span,
        f"`{declaration.path.value}` cannot be read: {reason(trouble)}",
        help="an import must name a story file",
    )


def _in_a_circle(into: ImportDecl, edges: list[ImportDecl], first: Source) -> Diagnostic:
    names = [edge.path.span.source.path.name for edge in edges]
    return reading.IMPORT_CYCLE.at(
        into.path.span,
        "import cycle: " + " → ".join(f"`{name}`" for name in [*names, first.path.name]),
        help="put what they share into a file that imports none of them",
        related=[
            Related(f"`{edge.path.span.source.path.name}` imports `{edge.path.value}`", edge.path.span)
            for edge in edges
        ],
    )


def _near(path: Path) -> str | None:
    """Suggest a file name, from the stories beside it."""
    try:
        beside = [entry.name for entry in list_folder(path.parent) if entry.name.endswith(".story")]
    except OSError:
        return None
    name = path.name
    meant = f"{name}.story" if f"{name}.story" in beside else suggest(name, beside)
    return None if meant is None else f"did you mean `{meant}`?"
