"""From checked files to the jobs of every story of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Severity, has_errors, sort_by_place
from storyboard.diagnostics.silences import without_silenced
from storyboard.errors import UsageError
from storyboard.fast_dataclasses import dataclass, field, replace
from storyboard.files.transcript import recording
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.jobs.lock import Lock
from storyboard.jobs.lockfile import lock_path, read_lock
from storyboard.project.check import STDIN, Checked, CheckedFile, uncollected
from storyboard.project.discovery import SUFFIX
from storyboard.project.project import Project
from storyboard.story.story import Story


@dataclass(frozen=True, slots=True)
class CompiledStory:
    """A story with its jobs, packed by `lock`."""

    project: Project
    story: Story
    variant: str
    lock: Lock
    jobs: tuple[Job, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    """The values of its params: from `--set`, `[variants.NAME]`, or the lock of its variant."""

    @property
    def path(self) -> Path:
        """The story's file."""
        return self.story.path

    @property
    def name(self) -> str:
        """The name of the film."""
        return film_name(self.path, self.variant)

    @property
    def in_words(self) -> str:
        """The variant and the values of its params: `variant winter: season=snow`."""
        values = ", ".join(f"{name}={text}" for name, text in sorted(self.values.items()))
        variant = f"variant {self.variant}" if self.variant else ""
        return ": ".join(each for each in (variant, values and (values if variant else f"with {values}")) if each)


def film_name(story: Path, variant: str) -> str:
    """Return the name of a story's film: the file's name without `.story`, plus that of the variant."""
    name = story.name.removesuffix(SUFFIX)
    return f"{name}.{variant}" if variant else name


@dataclass(frozen=True, slots=True)
class Compiled:
    """Every story of the run with its jobs, none if any file has an error; and all findings, by place. `files` have the
    findings of each file. A recalled file is not among `stories`.
    """

    files: tuple[CheckedFile, ...]
    stories: tuple[CompiledStory, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def has_errors(self) -> bool:
        """Whether anything stops a build."""
        return has_errors(self.diagnostics)


LockOf = Callable[[CheckedFile], Lock]
"""A function that returns the lock to pack a story's jobs with."""


@uncollected()
def compile_all(checked: Checked, variant: str, lock_of: LockOf) -> Compiled:
    """Compile every story; those with errors too, as far as that finds more mistakes."""
    files, stories = [], []
    for file in checked.files:
        if file.story is not None:
            with recording(file.depends):
                lock = lock_of(file)
            outcome = compile_story(file.story, file.project.catalog, lock)
            if outcome.value is not None:
                stories.append(CompiledStory(file.project, file.story, variant, lock, outcome.value, file.values))
            file = replace(file, found=(*file.found, *outcome.diagnostics))
        files.append(file if file.recalled else replace(file, found=as_wanted(file)))
    found = chain.from_iterable(file.found for file in files) if files else checked.diagnostics
    shown = sort_by_place(found)
    return Compiled(tuple(files), () if has_errors(shown) else tuple(stories), shown)


def as_wanted(file: CheckedFile) -> tuple[Diagnostic, ...]:
    """Apply the lint settings of the project and the comments of the author to a file's findings."""
    lint = file.project.settings.lint
    wanted: list[Diagnostic] = []
    for found in file.found:
        verdict = lint.judge(found.code, found.span.source.path)
        if verdict == "error" and found.severity is not Severity.ERROR:
            found = found._replace(rule=replace(found.rule, severity=Severity.ERROR))
        if verdict != "ignore":
            wanted.append(found)
    own = file.unit.file.source if file.unit and not file.is_library else None
    raised = chain(lint.error, *(each.error for each in lint.folders.values()))
    judged = frozenset(code for code in raised if own and lint.judge(code, own.path) == "error")
    return without_silenced(wanted, own, judged)


def stored_lock(variant: str) -> LockOf:
    """Return the lock in the file beside a story, unchanged."""
    return lambda file: Lock() if file.path == STDIN else read_lock(lock_path(file.path, variant))


def refuse_libraries(files: Sequence[CheckedFile]) -> None:
    """Raise UsageError if no story is left; libraries beside stories are skipped."""
    if any(not file.is_library for file in files):
        return
    for file in files:
        if file.named and file.is_library:
            raise UsageError(
                f"`{file.path.name}` is a library: it has no `story` line",
                help='a story begins with a line such as `story "Title"`; of a library, name the story that imports it',
            )
    if files:
        raise UsageError("all these files are libraries, not stories", help="a story has a `story` line")
