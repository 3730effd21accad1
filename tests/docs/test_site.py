"""The site that is built from the pages: whole, without a warning, and without anything from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.site.story_lexer import StoryLexer
from storyboard import Run
from storyboard.diagnostics.docs_site import page_of
from storyboard.diagnostics.rules import RULES
from storyboard.project.schemas import SCHEMAS
from storyboard.report.sarif import sarif_document

ROOT = Path(__file__).parents[2]
STORIES = sorted((ROOT / "examples").rglob("*.story"))


class Resources(HTMLParser):
    """What a page loads by itself, and the pages that it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects addresses."""
        values = dict(attrs)
        place = values.get("href") if tag in ("link", "a") else values.get("src")
        if place:
            (self.links if tag == "a" else self.loaded).append(place)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/site/build.py"), str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return out


def test_every_code_has_a_page_at_the_address_that_is_shown(site: Path) -> None:
    for code in RULES:
        page = page_of(code, str(site / "html"))
        assert page is not None and f"{code} " in Path(page).read_text(encoding="utf-8")


def test_no_page_loads_anything_from_outside_and_every_link_leads_somewhere(site: Path) -> None:
    html = site / "html"
    for page in html.rglob("*.html"):
        found = Resources()
        found.feed(page.read_text(encoding="utf-8"))
        assert [place for place in found.loaded if re.match("(https?:)?//", place)] == [], page
        local = {link.partition("#")[0] for link in found.links if not re.match("[a-z]+:", link)} - {""}
        assert [link for link in local if not (page.parent / link).exists()] == [], page
    for style in html.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text(encoding="utf-8")), style


def test_every_page_is_available_as_markdown(site: Path) -> None:
    listed = re.findall(r"\]\(([^)]+)\)", (site / "html/llms.txt").read_text(encoding="utf-8"))
    assert {"language.md", "commands.md", "codes/index.md"} <= set(listed)
    for name in listed:
        assert (site / "html" / name).read_text(encoding="utf-8").startswith("# ")
    language = (site / "html/language.md").read_text(encoding="utf-8")
    assert language.count("```") == (ROOT / "docs/language.md").read_text(encoding="utf-8").count("```")


def test_every_json_document_is_described(site: Path) -> None:
    page = (site / "html/json-documents.html").read_text(encoding="utf-8")
    for name in SCHEMAS:
        assert f'id="{name}"' in page


def test_the_man_page_holds_every_command(site: Path) -> None:
    text = (site / "man/storyboard.1").read_text(encoding="utf-8")
    assert '.TH "STORYBOARD" "1"' in text.upper()
    assert re.search(r"^Usage: storyboard plan", text.replace("\\-", "-"), re.MULTILINE)


def test_stories_on_the_site_are_in_colour(site: Path) -> None:
    page = (site / "html/language.html").read_text(encoding="utf-8")
    assert 'class="highlight-story' in page and '<span class="k">shot</span>' in page


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_the_lexer_keeps_every_character(story: Path) -> None:
    text = story.read_text(encoding="utf-8").rstrip("\n") + "\n"
    tokens = list(StoryLexer(stripnl=False).get_tokens(text))
    assert "".join(piece for _, piece in tokens) == text
    assert not [piece for kind, piece in tokens if "Error" in str(kind)]


def test_word_inside_a_sentence_is_not_a_keyword() -> None:
    text = "shot a 5s\n  for a moment, use the light\n  split screen\n\nfor bank in north, south\n  shot boats 3s\n"
    tokens = [piece for kind, piece in StoryLexer().get_tokens(text) if str(kind) == "Token.Keyword"]
    assert [piece.strip() for piece in tokens] == ["shot", "for", "shot"]


def test_sarif_links_to_the_page_of_a_code_if_there_is_a_site(tmp_path: Path) -> None:
    (tmp_path / "a.story").write_text('story "A"\n\nshot s\n  A moon.\n')
    findings = Run([str(tmp_path / "a.story")]).lint().diagnostics

    def rule(site: str | None) -> dict[str, object]:
        document = sarif_document(findings, ROOT, "1", site)
        found = document["runs"][0]["tool"]["driver"]["rules"][0]
        assert isinstance(found, dict)
        return found

    assert rule("https://docs.example/")["helpUri"] == f"https://docs.example/codes/{findings[0].code}.html"
    assert "helpUri" not in rule(None)
