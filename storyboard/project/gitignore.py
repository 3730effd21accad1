"""What git ignores, by the `.gitignore` of each folder.

Most of these files contain only plain names and suffixes, which are handled here. For all others there is pathspec,
whose import would slow down every start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import SMALL, exists, read_file
from storyboard.files.lazy_pattern import lazy_pattern

IGNORE_FILE = ".gitignore"
_PLAIN = lazy_pattern(r"(?P<top>/?)(?P<any>\*(?=\.))?(?P<name>[\w.-]+)(?P<folder>/?)")


class Ignore(Protocol):
    """The rules of one `.gitignore`, for paths below its folder."""

    def says(self, path: Path, is_folder: bool) -> bool | None:
        """Whether it ignores the path; None if it says nothing."""
        ...


def ignores_of(folder: Path) -> Iterator[Ignore]:
    """Yield the rules in a folder, if it has any."""
    try:
        text = read_file(folder / IGNORE_FILE, SMALL, inside=folder).decode(errors="replace")
    except OSError:
        return
    lines = text.splitlines()
    plain = plain_rules(folder, lines)
    yield plain if plain is not None else _Patterns(folder, lines)


def ignores_above(folder: Path) -> tuple[Ignore, ...]:
    """Return the rules of parent folders within the repository. A folder that was named explicitly is searched even if
    they ignore it."""
    top = next((parent for parent in (folder, *folder.parents) if exists(parent / ".git")), folder)
    ignores: tuple[Ignore, ...] = ()
    for parent in reversed(folder.parents):
        if parent.is_relative_to(top):
            ignores += tuple(ignores_of(parent))
    return () if is_ignored(folder, True, ignores) else ignores


def is_ignored(path: Path, is_folder: bool, ignores: Sequence[Ignore]) -> bool:
    """Whether a path is ignored; the nearest rules decide."""
    said = (ignore.says(path, is_folder) for ignore in reversed(ignores))
    return next((answer for answer in said if answer is not None), False)


@dataclass(frozen=True, slots=True)
class PlainRules:
    """Names and suffixes without exceptions: `build/`, `/out`, `*.part`."""

    folder: Path
    rules: tuple[re.Match[str], ...]

    def says(self, path: Path, is_folder: bool) -> bool | None:
        """True or None: plain rules have no exceptions."""
        return True if any(self._holds(rule, path, is_folder) for rule in self.rules) else None

    def _holds(self, rule: re.Match[str], path: Path, is_folder: bool) -> bool:
        if (rule["folder"] and not is_folder) or (rule["top"] and path.parent != self.folder):
            return False
        return path.name.endswith(rule["name"]) if rule["any"] else path.name == rule["name"]


def plain_rules(folder: Path, lines: Sequence[str]) -> PlainRules | None:
    """Return the rules of these lines if all are plain, else None."""
    rules = [_PLAIN.fullmatch(line) for line in lines if line.strip() and not line.startswith("#")]
    found = tuple(rule for rule in rules if rule is not None)
    return PlainRules(folder, found) if len(found) == len(rules) else None


class _Patterns:
    """All other rules that git understands."""

    def __init__(self, folder: Path, lines: Sequence[str]) -> None:
        from pathspec import GitIgnoreSpec

        self._folder = folder
        self._spec = GitIgnoreSpec.from_lines(lines)

    def says(self, path: Path, is_folder: bool) -> bool | None:
        name = path.relative_to(self._folder).as_posix() + ("/" if is_folder else "")
        return self._spec.check_file(name).include
