"""Every story that there is: the examples, the golden cases, and both stories of each rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from storyboard.diagnostics.rules import RULES
from tests.support.front import MAIN, files_of
from tests.support.golden import paths_of, read_case

EXAMPLES = Path(__file__).parents[2] / "examples"


class CorpusEntry(NamedTuple):
    """A project of a few files; `main` is the one to open."""

    name: str
    files: Mapping[str, bytes]
    main: str = MAIN

    def write(self, folder: Path) -> Path:
        """Write the files below a folder; the one to open."""
        (folder / self.name).mkdir(parents=True)
        (folder / self.name / "storyboard.toml").touch()
        for name, content in self.files.items():
            path = folder / self.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / self.name / self.main


def small_projects() -> Iterator[CorpusEntry]:
    """The golden cases, and both stories of each rule."""
    for rule in RULES.values():
        for kind, text in (("bad", rule.bad), ("good", rule.good)):
            yield CorpusEntry(f"{rule.code}-{kind}", _encoded(files_of(text)))
    for stage in ("story", "jobs", "format"):
        for path in paths_of(stage):
            yield CorpusEntry(f"{stage}-{path.stem}", _encoded(read_case(path).files))


def is_huge(project: CorpusEntry) -> bool:
    """Whether a project goes to the bounds of what is allowed, which takes a while."""
    return project.name == "story-bounds" or project.name.split("-")[0] in ("SB130", "SB307", "SB309")


def example_projects() -> Iterator[CorpusEntry]:
    """Each story of the examples, with all files beside it."""
    for folder in sorted(each for each in EXAMPLES.iterdir() if each.is_dir()):
        stories = sorted(folder.rglob("*.story"))
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in stories}
        for name in files:
            yield CorpusEntry(f"{folder.name}-{Path(name).stem}", files, name)


def _encoded(files: Mapping[str, str]) -> Mapping[str, bytes]:
    return {name: text.encode("utf-8", "surrogateescape") for name, text in files.items()}
