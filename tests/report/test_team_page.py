"""The page of a team: what it shows, that nothing of others runs in it, and how a real browser sees it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html

from storyboard.report.team_page import MOST_JOBS, team_page
from storyboard.report.team_status import TeamBudget, TeamHolder, TeamJob, TeamJobState, TeamPerson, TeamView
from tests.support.chromium import CHROMIUM, browser

NOW = 1_795_774_800.0
HOSTILE = '<script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>'
_CONTRAST = """(() => {
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = each => {
    for (; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (!/, 0\\)$|transparent/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("body *")].filter(
    each => [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
  return Math.min(...texts.map(each => {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  }));
})()"""


def farm(name: str = "farm-1", jobs: int = 3) -> TeamView:
    """A ledger with a job in each state, and some of everything else."""
    states: tuple[TeamJobState, ...] = ("running", "unknown", "lost")
    return TeamView(
        "ledger",
        "postgresql://db.studio.example/films",
        people=(TeamPerson("mei", 2, 1, 1, 40), TeamPerson("ci", waiting=3)),
        holders=(
            TeamHolder(name, "mei", "0.9.1", NOW - 2, "connected", 1),
            TeamHolder("farm-2", "ci", "0.9.0", NOW - 7200, "cut off", 1),
            TeamHolder("farm-3", "ci", "0.9.0", NOW - 90_000, "dead"),
        ),
        jobs=tuple(
            TeamJob(
                f"{number:064x}",
                states[number % 3],
                "lantern",
                "a.story",
                name,
                NOW - 90,
                None,
                Decimal("1.18"),
                (name,),
            )
            for number in range(jobs)
        ),
        budgets=(TeamBudget("lantern", Decimal("9.10"), Decimal("1.18")),),
        purchases=4211,
        damaged=("the note of the job 01ab is damaged",),
        closed="it is on another server than before",
        told=("farm-1",),
    )


def test_page_shows_people_jobs_processes_and_budgets() -> None:
    page = html.fromstring(team_page([farm()], NOW))
    assert [each.text for each in page.findall(".//h2")] == ["People", "Open jobs", "Processes", "Budgets"]
    text = page.text_content()
    for words in (
        "mei",
        "4,211",
        "1 min 30 s ago",
        "may still be sent by farm-1",
        "cut off",
        "$9.10",
        "worker bury NAME",
    ):
        assert words in text
    assert "Closed. Nothing is bought, because it is on another server than before." in text
    assert next(each.get("title") for each in page.findall(".//td[@class='code'][@title]")) == "0" * 64


def test_text_of_others_is_shown_and_not_run() -> None:
    page = html.fromstring(team_page([farm(HOSTILE)], NOW))
    assert not page.findall(".//script") and not page.findall(".//img")
    assert HOSTILE in page.text_content()
    assert "default-src 'none'" in page.find(".//meta[@http-equiv]").get("content")


def test_many_jobs_are_cut_and_counted() -> None:
    page = html.fromstring(team_page([farm(jobs=MOST_JOBS + 7)], NOW))
    assert len(page.findall(".//td[@class='code'][@title]")) == MOST_JOBS
    assert "7 more jobs: storyboard status --all --json lists all." in page.text_content()


def test_empty_team_has_a_page_too() -> None:
    page = html.fromstring(team_page([TeamView("bucket", "s3://films/team")], NOW))
    assert "0purchases" in page.text_content() and not page.findall(".//table")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_page_needs_no_network_and_can_be_read_in_light_and_dark(tmp_path: Path) -> None:
    file = tmp_path / "team.html"
    file.write_text(team_page([farm(), farm(HOSTILE)], NOW), encoding="utf-8")
    with browser(tmp_path / "home") as chromium:
        for width, dark in ((1280, False), (1280, True), (420, False)):
            chromium.look_like(width=width, dark=dark)
            chromium.open(file.as_uri())
            assert chromium.run(_CONTRAST) >= 4.5
            assert chromium.run("document.documentElement.scrollWidth <= innerWidth")
        assert chromium.complaints == []
        assert {address.partition(":")[0] for address in chromium.requests} <= {"file"}
