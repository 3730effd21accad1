"""The stories of a run as of a commit, read from git without a checkout."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from storyboard.cards.catalog import PROJECT_FOLDER
from storyboard.diagnostics import has_errors
from storyboard.errors import LockError, UsageError
from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import is_file, overlaid, real
from storyboard.files.git import files_at, find_commit
from storyboard.project.compile import Compiled
from storyboard.project.discovery import BUILD, LOCK_SUFFIX, SUFFIX, Target
from storyboard.project.settings import PROJECT_FILE
from storyboard.story.story import Shot

_KINDS = (SUFFIX, LOCK_SUFFIX, ".toml")
"""Files of these kinds are taken from the commit only; footage is taken from the disk."""


@dataclass(frozen=True, slots=True)
class StoriesAtCommit:
    """The stories at a commit: their shots by file, and the contents of their jobs. `name` is how the user named the
    commit, `commit` its hash. `unreadable` are stories that had errors there, so their shots cannot be compared.
    """

    name: str
    commit: str
    shots: Mapping[Path, Sequence[Shot]]
    contents: frozenset[str]
    unreadable: tuple[Path, ...] = ()


def stories_at(
    name: str,
    named: Sequence[Path],
    targets: Sequence[Target],
    lint: Callable[[Sequence[Path], Mapping[str, str]], Compiled],
    values: Mapping[str, str],
) -> StoriesAtCommit:
    """Return the stories at a commit that the files and folders `named` select. `targets` are the files of the current
    run: what it leaves out is left out here too. `lint` compiles files of the commit, with values for their params.
    Raises UsageError if git cannot read the commit, or where a configuration or a lock of it cannot be used.
    """
    folder = next((path if path.is_dir() else path.parent for path in named), Path.cwd())
    try:
        commit = find_commit(folder, name)
        texts = files_at(commit, _is_ours)
    except OSError as error:
        raise UsageError(
            f"--against: {error.strerror}",
            help="name a commit, branch or tag of this repository; in CI, fetch enough of its history",
        ) from error
    chosen = list(_chosen(texts, [real(path) for path in named], {target.path for target in targets}))
    shots: dict[Path, Sequence[Shot]] = {}
    contents: set[str] = set()
    unreadable: list[Path] = []
    try:
        with overlaid(texts, whole=commit.top, kinds=_KINDS):
            if chosen and values:
                known = {each for file in lint(chosen, {}).files for each in file.settable}
                values = {each: value for each, value in values.items() if each in known}
            compiled = lint(chosen, values) if chosen else None
            if compiled is not None and compiled.has_errors:
                unreadable = [file.path for file in compiled.files if has_errors(file.found)]
                chosen = [path for path in chosen if path not in unreadable]
                compiled = lint(chosen, values) if chosen else None
            for story in compiled.stories if compiled is not None else ():
                shots[story.path] = story.story.shots
                contents.update(job.content for job in story.jobs)
    except (UsageError, LockError) as error:
        raise UsageError(f"--against {name}: {error.message}", help=error.help) from error
    return StoriesAtCommit(name, commit.id, shots, frozenset(contents), tuple(unreadable))


def _is_ours(path: str) -> bool:
    """Whether stories are compiled from this kind of file."""
    place = PurePosixPath(path)
    is_card = place.suffix == ".toml" and place.parent.name == PROJECT_FOLDER
    return path.endswith((SUFFIX, LOCK_SUFFIX)) or place.name == PROJECT_FILE or is_card


def _chosen(texts: Mapping[Path, bytes], named: Sequence[Path], now: Collection[Path]) -> Iterator[Path]:
    """Return the stories of the commit that are in the current run, or were removed since; by path."""
    for path in sorted(texts):
        if path in now or (path.name.endswith(SUFFIX) and not is_file(path) and _is_below(path, named)):
            yield path


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    """Whether a scan of one of these folders would find a story."""
    inside = [path.relative_to(folder).parts for folder in folders if path.is_relative_to(folder)]
    return any(not any(part.startswith(".") or part == BUILD for part in parts) for parts in inside)
