"""The contact sheet: everything a person looks for, and nothing that a hostile text could do."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from storyboard.film import assemble
from storyboard.film.contact_sheet import clock, spoken
from storyboard.story.story import Story, UsedPart
from tests.support.films import run_of
from tests.support.shots import run, shot, span, story

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'{{ 7*7 }}{% x %} \u202egnp.exe \0\x1b &amp;"
)


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(tmp_path: Path, made: Story, *, failed: tuple[str, ...] = ()) -> Page:
    film = assemble(made, run_of(made, tmp_path / "store", failed=failed), tmp_path / "night")
    return Page(film.sheet.read_text())


def test_sheet_shows_title_logline_totals_scenes_and_every_shot(tmp_path: Path) -> None:
    made = replace(story([*run(5, 4, scene="arrival"), *run(3, scene="river")]), title="Night", logline="A courier.")
    made = replace(made, scenes=(replace(made.scenes[0], title="The arrival"), made.scenes[1]))
    shown = page(tmp_path, made)
    for words in ("Night", "A courier.", "12 s", "3 shots", "2 jobs", "The arrival", "arrival#1", "Prompt of b."):
        assert words in shown.text
    for address in ("arrival.a", "arrival.b", "river.a"):
        assert address in shown.text
    assert "Not complete" not in shown.text


def test_a_job_of_which_the_film_uses_less_shows_both_lengths(tmp_path: Path) -> None:
    first, second = run(5, 4)
    cut = replace(first, part=UsedPart(Decimal(0), Decimal(4), span()))
    (tmp_path / "whole").mkdir()
    assert "8 s of 9 s" in page(tmp_path, story([cut, second])).text
    assert "9 s of" not in page(tmp_path / "whole", story([first, second])).text


def test_every_shot_has_its_picture_and_its_own_range(tmp_path: Path) -> None:
    shown = page(tmp_path, story([*run(5, 4, scene="arrival"), *run(3, scene="river")]))
    links = [link["href"] for link in shown.of("a") if (link["href"] or "").startswith("clips/")]
    assert links == ["clips/01-arrival-1.mp4#t=0,5", "clips/01-arrival-1.mp4#t=5,9", "clips/02-river-1.mp4#t=0,3"]
    pictures = [picture["src"] or "" for picture in shown.of("img")]
    assert len(set(pictures)) == 3
    assert all(source.startswith("data:image/jpeg;base64,/9j/") for source in pictures)


def test_missing_clip_is_shown_with_its_reason(tmp_path: Path) -> None:
    shown = page(tmp_path, story([*run(5, 4, scene="arrival"), *run(3, scene="river")]), failed=("arrival#1",))
    assert "1 of 2 jobs missing, 9 s" in shown.text
    assert shown.text.count("the text was refused") == 2
    assert [video["src"] for video in shown.of("video")] == ["night.draft.mp4#t=0.001"]
    assert "1 of 2 jobs; arrival#1 is a card" in shown.text


def test_text_is_escaped(tmp_path: Path) -> None:
    made = story([shot("a", 5, HOSTILE, scene="s", address=f"s.a[{HOSTILE}]")])
    made = replace(made, title=HOSTILE, logline=HOSTILE, scenes=(replace(made.scenes[0], title=HOSTILE, text=HOSTILE),))
    shown = page(tmp_path, made)
    assert len(shown.of("script")) == 1
    assert {name for _, attributes in shown.elements for name in attributes if name.startswith("on")} == set()
    assert all((picture["src"] or "").startswith("data:image/jpeg") for picture in shown.of("img"))
    assert "{{ 7*7 }}" in shown.text
    assert "\0" not in shown.text


def test_sheet_loads_nothing_from_the_network(tmp_path: Path) -> None:
    made = story(run(3))
    film = assemble(made, run_of(made, tmp_path / "store"), tmp_path / "night")
    text = film.sheet.read_text()
    assert not re.search(r"https?:|@import|url\(", text)
    policy = next(meta for meta in Page(text).of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in str(policy["content"])
    assert "unsafe-inline" not in str(policy["content"]).partition("script-src")[2].partition(";")[0]


def test_only_the_script_named_by_the_policy_runs(tmp_path: Path) -> None:
    import base64
    import hashlib

    made = story(run(3))
    text = assemble(made, run_of(made, tmp_path / "store"), tmp_path / "night").sheet.read_text()
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_pictures_of_unchanged_clips_are_reused_from_the_last_sheet(tmp_path: Path) -> None:
    made = story(run(3, 3))
    result = run_of(made, tmp_path / "store")
    film = assemble(made, result, tmp_path / "night")
    marked = film.sheet.read_text().replace("base64,/9j/", "base64,/9j/MARK")
    film.sheet.write_text(marked)
    again = assemble(replace(made, title="Another"), result, tmp_path / "night")
    assert again.sheet.read_text().count("base64,/9j/MARK") == 2


@pytest.mark.parametrize(
    ("seconds", "words", "time"),
    [("5", "5 s", "0:05"), ("2.5", "2.5 s", "0:02.5"), ("60", "1 min", "1:00"), ("65.04", "1 min 5 s", "1:05")],
)
def test_times_are_shown_in_a_readable_form(seconds: str, words: str, time: str) -> None:
    assert (spoken(Fraction(seconds)), clock(Fraction(seconds))) == (words, time)
