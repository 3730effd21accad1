"""What the pages say is what the program does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from storyboard import Run

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["diagnostics.md", "commands.md", "configuration.md", "simulator.md"])
def test_generated_pages_are_up_to_date(page: str) -> None:
    written = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == generator().pages()[page], "run: python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def stories() -> list[tuple[str, str]]:
    """Every story that a page shows, by the page and the line it stands in."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(r"^```story\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            found.append((f"{page.name}:{text.count(chr(10), 0, block.start()) + 1}", block[1]))  # noqa: PERF401
    return found


@pytest.mark.parametrize(("place", "text"), list(stories()), ids=[place for place, _ in stories()])
def test_every_story_that_a_page_shows_compiles(place: str, text: str, tmp_path: Path) -> None:
    """A line `--- NAME` begins another file; a text without `story` is a library."""
    first, *others = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    (tmp_path / "storyboard.toml").write_text("", encoding="utf-8")
    (tmp_path / "main.story").write_text(first, encoding="utf-8")
    for name, other in zip(others[::2], others[1::2], strict=True):
        (tmp_path / name).write_text(other, encoding="utf-8")
    linted = Run([str(tmp_path / "main.story")]).lint()
    assert not linted.has_errors, [found.message for found in linted.diagnostics]
    if re.search(r"^story ", first, re.MULTILINE):
        assert linted.stories


def test_story_of_the_readme_has_the_promised_length(tmp_path: Path) -> None:
    text = next(text for place, text in stories() if place.startswith("README"))
    (tmp_path / "a.story").write_text(text, encoding="utf-8")
    (compiled,) = Run([str(tmp_path / "a.story")]).compile().stories
    assert sum(job.seconds for job in compiled.jobs) == 12
    assert len(compiled.jobs) == 1, "its shots share a job"
