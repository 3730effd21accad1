"""The front end as tests use it: stories given as text, through load, check and compile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from storyboard.cards import Catalog, load_catalog
from storyboard.diagnostics import Diagnostic, Severity, sort_by_place
from storyboard.diagnostics.silences import without_silenced
from storyboard.film.footage import footage_findings
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.story import check, check_library
from storyboard.story.story import Shot, Story
from storyboard.syntax import Loader

MAIN = "main.story"
HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'
CATALOG: Catalog = load_catalog(None)


@dataclass(frozen=True)
class Checked:
    """A story that went through the front end, and everything that was said of it."""

    story: Story | None
    jobs: tuple[Job, ...] | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of what was found, in order."""
        return [found.code for found in self.diagnostics]

    @property
    def errors(self) -> list[str]:
        """Errors alone: place, code and message, a line each."""
        return [line_of(found) for found in self.diagnostics if found.severity is Severity.ERROR]

    @property
    def lines(self) -> list[str]:
        """Everything that was found, a line each."""
        return [line_of(found) for found in self.diagnostics]

    @property
    def shots(self) -> tuple[Shot, ...]:
        """The story's shots."""
        assert self.story is not None
        return self.story.shots

    @property
    def prompts(self) -> dict[str, str]:
        """Each shot's prompt by its address."""
        return {shot.address: shot.prompt for shot in self.shots}

    def only(self, code: str) -> Diagnostic:
        """The one finding of a code."""
        found = [each for each in self.diagnostics if each.code == code]
        assert len(found) == 1, self.lines
        return found[0]


def line_of(found: Diagnostic) -> str:
    """`main.story:3:5 SB110 message`; the file only where it is another one."""
    place, path = found.span.position, found.span.source.path.name
    return f"{'' if path == MAIN else path + ':'}{place.line}:{place.column} {found.code} {found.message}"


def files_of(text: str) -> dict[str, str]:
    """Several files in one text: each further one follows a line `--- NAME`."""
    files: dict[str, list[str]] = {MAIN: []}
    name = MAIN
    for line in text.splitlines(keepends=True):
        if line.startswith("--- "):
            name = line[4:].strip()
            files[name] = []
        else:
            files[name].append(line)
    return {name: "".join(lines) for name, lines in files.items()}


def overrides_of(text: str) -> dict[str, str]:
    """The values that a first line such as `# storyboard lint main.story --set name=value` gives."""
    first = text.partition("\n")[0]
    pairs = re.findall(r"--set (\S+?)=(\S*)", first) if first.startswith("# storyboard") else []
    return dict(pairs)


def check_text(folder: Path, text: str, overrides: Mapping[str, str] | None = None) -> Checked:
    """Check the first of the files that a text holds (see `files_of`)."""
    return check_files(folder, files_of(text), overrides)


def check_files(folder: Path, files: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> Checked:
    """Write the files into a folder and check `main.story`."""
    (folder / "storyboard.toml").touch()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    loaded = Loader(folder).load(folder / MAIN)
    if loaded.value is None:
        return Checked(None, None, loaded.diagnostics)
    if loaded.value.file.story is None:
        return Checked(None, None, (*loaded.diagnostics, *check_library(loaded.value, CATALOG)))
    checked = check(loaded.value, CATALOG, overrides or overrides_of(files[MAIN]))
    compiled = compile_story(checked.value, CATALOG) if checked.value else None
    footage = tuple(footage_findings(checked.value, folder)) if checked.value else ()
    found = sort_by_place(
        (*loaded.diagnostics, *checked.diagnostics, *footage, *(compiled.diagnostics if compiled else ()))
    )
    found = sort_by_place(without_silenced(found, loaded.value.file.source))
    return Checked(checked.value, compiled.value if compiled else None, found)
