"""Stories in the one canonical layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard.diagnostics import Diagnostic
from storyboard.errors import StoryboardError, UsageError
from storyboard.files.disk import read_file, reason
from storyboard.files.writing import replace_file
from storyboard.project.check import STDIN
from storyboard.project.discovery import Target
from storyboard.syntax import decode, format_source


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file as it was and as it should be; `after` is None where it is no text, which `diagnostics` tell."""

    path: Path
    before: bytes
    after: bytes | None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether it is laid out otherwise."""
        return self.after is not None and self.after != self.before


def format_all(targets: Sequence[Target]) -> tuple[Formatted, ...]:
    """Every file; nothing is written. Raises UsageError where one cannot be read."""
    return tuple(format_bytes(target.path, _read(target.path)) for target in targets)


def format_bytes(path: Path, content: bytes) -> Formatted:
    """A file's content; `path` may be standard input's."""
    source = decode(path, content)
    if source.value is None or source.diagnostics:
        return Formatted(path, content, None, source.diagnostics)
    return Formatted(path, content, format_source(source.value).encode())


def write(formatted: Formatted) -> None:
    """Put the new layout in the file's place, whole or not at all; raises StoryboardError where the disk refuses."""
    if formatted.after is None or formatted.path == STDIN:
        return
    path = formatted.path
    try:
        replace_file(path, formatted.after)
    except OSError as trouble:
        raise StoryboardError(f"{path} cannot be written: {reason(trouble)}") from trouble


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except OSError as trouble:
        raise UsageError(f"{path} cannot be read: {reason(trouble)}") from trouble
