"""The contact sheet in a real browser: it plays, filters, answers to keys, and says nothing on the console."""

from __future__ import annotations

import base64
import io
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from storyboard.film import assemble
from storyboard.film.build_facts import BuildFacts
from storyboard.film.contact_sheet import SheetContent, render_sheet, shown_film
from storyboard.film.review_notes import ReviewNote, read_review
from storyboard.film.sheet_server import served
from storyboard.film.takes import Take
from storyboard.film.thumbnails import still_key
from storyboard.film.timeline import make_cut
from storyboard.story.story import WordsBeside
from tests.support.chromium import CHROMIUM, Browser, browser
from tests.support.films import run_of
from tests.support.shots import run, shot, story
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

SHOTS = [*run(3, 2, scene="arrival"), *run(3, 4, scene="river")]
STORY = replace(story([*SHOTS[:3], replace(SHOTS[3], beside=WordsBeside(notes=("Reshoot?",)))]), title="Night")
TAKES_OF = "arrival#1"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("film")
    result = run_of(STORY, place / "store")
    other = run_of(story([replace(each, prompt="Take two.") for each in STORY.shots]), place / "store")
    [job] = [each.job for each in result.jobs if each.job.id == TAKES_OF]
    assert other.jobs[0].clip is not None
    take = Take(2, str(other.jobs[0].sha256), other.jobs[0].clip)
    assemble(STORY, result, place / "night", takes={job.base: [take]})
    return place / "night"


@pytest.fixture
def opened(page: Browser, folder: Path) -> Iterator[Browser]:
    """The page as it is opened from disk; whatever is done with it, the browser has nothing to complain of."""
    page.look_like()
    page.complaints.clear()
    page.requests.clear()
    page.open((folder / "index.html").as_uri())
    yield page
    assert page.complaints == []
    assert all(request.startswith(("file:", "data:", "blob:")) for request in page.requests)


def test_the_strip_is_in_proportion_to_seconds(opened: Browser) -> None:
    widths = opened.run("[...document.querySelectorAll('.reel a')].map(each => each.getBoundingClientRect().width)")
    shares = [width / sum(widths) for width in widths]
    assert shares == pytest.approx([3 / 12, 2 / 12, 3 / 12, 4 / 12], abs=0.01)


def test_a_click_on_the_strip_goes_to_the_shot_in_the_page_and_in_the_film(opened: Browser) -> None:
    opened.until("document.querySelector('.film').readyState > 0")
    opened.run("document.querySelectorAll('.reel a')[2].click()")
    opened.until("Math.abs(document.querySelector('.film').currentTime - 5) < 0.1")
    assert opened.run("document.activeElement.id") == "shot-3"
    assert opened.run("document.querySelector('article.current').id") == "shot-3"


def test_keyboard_shortcuts_navigate_and_play(opened: Browser) -> None:
    opened.until("document.querySelector('.film').readyState > 1")
    for key, number in (("j", 2), ("j", 3), ("k", 2)):
        opened.press(key)
        opened.until(f"document.activeElement.id === 'shot-{number}'")
    opened.press(" ")
    opened.until("!document.querySelector('.film').paused && document.querySelector('.film').currentTime > 3.2")
    opened.press(" ")
    opened.until("document.querySelector('.film').paused")


def test_search_and_filters_show_the_matching_shots(opened: Browser) -> None:
    shown = "[...document.querySelectorAll('article')].filter(each => !each.hidden).map(each => each.id).join()"
    opened.press("/")
    for key in "river":
        opened.press(key)
    opened.until(f"({shown}) === 'shot-3,shot-4'")
    opened.press("Escape")
    opened.until(f"({shown}) === 'shot-1,shot-2,shot-3,shot-4'")
    opened.run("document.querySelector('[name=notes]').click()")
    opened.until(f"({shown}) === 'shot-4'")
    opened.press("j")
    assert opened.run("document.activeElement.id") == "shot-4"
    opened.run("document.querySelector('[name=notes]').click()")
    opened.run("document.querySelector('[name=takes]').click()")
    opened.until(f"({shown}) === 'shot-1,shot-2'")


def test_takes_play_side_by_side_in_step(opened: Browser) -> None:
    opened.run("document.querySelector('.takes button').click()")
    opened.until("[...document.querySelectorAll('dialog video')].length === 2")
    assert "--take 2" in opened.run("document.querySelector('dialog').textContent")
    assert "take 1 in the film" in opened.run("document.querySelector('dialog .chosen').textContent")
    opened.run("document.querySelector('dialog .controls button').click()")
    opened.until("document.querySelector('dialog video').currentTime > 0.5")
    apart = opened.run(
        """new Promise(done => {
          const [first, second] = document.querySelectorAll("dialog video"), apart = [];
          const look = () => {
            apart.push(Math.abs(first.currentTime - second.currentTime));
            apart.length < 60 ? requestAnimationFrame(look) : done(apart);
          };
          look();
        })"""
    )
    assert max(apart) <= 2 / 12  # frames of these clips
    opened.press("Escape")
    opened.until("!document.querySelector('dialog')")


HOSTILE = '</script><img src=x onerror="alert(1)"> =1+1 --> \u202e \x1b[31m'


def test_note_survives_a_reload_and_is_saved_as_a_file(opened: Browser, tmp_path: Path) -> None:
    opened.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    opened.until("document.querySelector('.film').readyState > 0")
    opened.run("document.querySelectorAll('.reel a')[2].click()")
    opened.until("!document.querySelector('.film').seeking")
    opened.press("n")
    opened.run(f"document.querySelector('.note-form textarea').value = {json.dumps(HOSTILE)}")
    opened.run("document.querySelector('.note-form input[type=number]').value = 1.25")
    opened.run("document.querySelector('.note-form input[type=text]').value = 'Ana'")
    opened.run("document.querySelector('.note-form button').click()")
    opened.reload()
    opened.until("document.querySelector('#shot-3 .review')?.textContent.includes('Ana, 1.25 s')")
    opened.run("document.querySelector('[name=save-notes]').click()")
    saved = tmp_path / "night.notes.json"
    until(saved.exists)
    review = read_review(saved)
    assert review.notes == (ReviewNote("river.a", 1, 1.25, HOSTILE, "Ana"),)
    opened.run("document.querySelector('.review button').click()")
    opened.until("document.querySelector('.notes-tools').hidden")


def test_picture_plays_its_clip_in_place(opened: Browser) -> None:
    opened.run("document.querySelector('#shot-2 .frame a').click()")
    opened.until("document.querySelector('#shot-2 .frame video').currentTime >= 3")
    opened.press("Escape")


def _write_whole(file: Path, text: str) -> None:
    """Write a file as a build does: whoever reads it meanwhile sees all of the old or all of the new."""
    file.with_suffix(".new").write_text(text)
    file.with_suffix(".new").replace(file)


def test_a_page_that_is_served_reloads_when_a_build_changed_it(page: Browser, folder: Path) -> None:
    with served(folder) as address:
        page.complaints.clear()
        page.open(address)
        page.run("window.same = true")
        sheet = folder / "index.html"
        _write_whole(sheet, sheet.read_text().replace("<title>Night</title>", "<title>Night two</title>"))
        page.until("document.title === 'Night two' && !window.same")
        page.until("document.querySelector('.film').readyState > 0")
        assert page.complaints == []
        page.open("about:blank")


def test_a_page_of_a_running_build_reloads_itself_from_disk(page: Browser, folder: Path, tmp_path: Path) -> None:
    text = (folder / "index.html").read_text()
    growing = tmp_path / "index.html"
    growing.write_text(text.replace('<html lang="und"', f'<html lang="und" data-building="{int(time.time())}"'))
    page.open(growing.as_uri())
    _write_whole(growing, text.replace("<title>Night", "<title>Whole"))
    page.until("document.title.startsWith('Whole')")
    page.open("about:blank")


def test_hostile_text_does_nothing_in_a_browser(page: Browser, folder: Path, tmp_path: Path) -> None:
    words = HOSTILE + " \"'`&amp;{{ 7*7 }}{% x %} javascript:alert(2) \u2028 \U0001f600"
    hostile = shot("a", 5, words, scene="s", address=f's.a["{words}"]', beside=WordsBeside(notes=(words,)))
    made = replace(story([hostile]), title=words, logline=words, notes=(words,))
    made = replace(made, scenes=(replace(made.scenes[0], title=words, text=words),))
    planned = run_of(made, tmp_path / "store", failed=["s#1"])
    clip = folder / "clips/01-arrival-1.mp4"
    cut = make_cut(made, [replace(each, clip=clip, sha256="0" * 64) for each in planned.jobs])
    facts = BuildFacts(provider=words, variant=words, values={words: words})
    sheet = tmp_path / "index.html"
    pictures = {still_key(job, each): _photo() for job in cut.jobs for each in job.shots}
    sheet.write_text(render_sheet(shown_film(SheetContent(cut, "night.mp4", {}, facts=facts)), pictures))
    shutil.copyfile(folder / "night.mp4", tmp_path / "night.mp4")
    page.complaints.clear()
    page.open(sheet.as_uri())
    page.press("n")
    page.run(f"document.querySelector('.note-form textarea').value = {json.dumps(words)}")
    page.run("document.querySelector('.note-form button').click()")
    page.until("document.querySelector('.review') !== null")
    assert page.run("document.querySelectorAll('script').length") == 1
    assert page.run("[...document.querySelectorAll('*')].every(each => !each.onerror && !each.onclick)")
    assert page.run("document.querySelectorAll('img:not([src^=data])').length") == 0
    assert page.complaints == []
    page.run("localStorage.clear()")


def _photo() -> str:
    """A JPEG as large as one of a real picture, in base64."""
    noise = Image.effect_noise((320, 180), 60).filter(ImageFilter.GaussianBlur(1))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=78)
    return base64.b64encode(file.getvalue()).decode()


def test_500_shots_cost_the_browser_no_more_steps_than_8(page: Browser, folder: Path, tmp_path: Path) -> None:
    """What makes a page slow is loading, laying out or styling once for each shot; counted, since time depends on
    what else the machine does.
    """
    few, many = (_steps(page, folder, tmp_path, shots) for shots in (8, 500))
    assert few["article"] == 8
    assert many["article"] == 500
    assert many["requests"] == few["requests"]
    for step in ("LayoutCount", "RecalcStyleCount"):
        assert many[step] <= few[step] + 20, step
        assert many[f"typing {step}"] <= few[f"typing {step}"] + 4, step


def _steps(page: Browser, folder: Path, place: Path, shots: int) -> dict[str, int]:
    """What loading a film's page, and then typing into its search, made the browser do."""
    made = story([each for at in range(shots // 2) for each in run(2, 2, scene=f"scene{at}")])
    planned = run_of(made, place / "store", failed=[f"scene{at}#1" for at in range(shots // 2)])
    clip = folder / "clips/01-arrival-1.mp4"
    cut = make_cut(made, [replace(each, clip=clip, sha256=f"{at:064}") for at, each in enumerate(planned.jobs)])
    content = SheetContent(cut, "night.mp4", {})
    sheet = place / "index.html"
    sheet.write_text(
        render_sheet(shown_film(content), {still_key(job, each): _photo() for job in cut.jobs for each in job.shots})
    )
    shutil.copyfile(folder / "night.mp4", place / "night.mp4")
    page.open("about:blank")
    page.complaints.clear()
    page.requests.clear()
    begun = page.counts()
    page.open(sheet.as_uri())
    loaded = page.counts()
    page.run(
        """(() => {
          const box = document.querySelector("input[type=search]");
          box.value = "scene1";
          box.dispatchEvent(new Event("input", { bubbles: true }));
          document.body.offsetHeight;
        })()"""
    )
    typed = page.counts()
    assert page.complaints == []
    steps = ("LayoutCount", "RecalcStyleCount")
    return {
        "article": page.run("document.querySelectorAll('article').length"),
        "requests": len([each for each in page.requests if not each.startswith("data:")]),
        **{step: loaded[step] - begun[step] for step in steps},
        **{f"typing {step}": typed[step] - loaded[step] for step in steps},
    }
