"""The page of a contact sheet: words of any kind stay words, and elements and their attributes stay as they are."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storyboard.film.sheet_page import ShownFilm, ShownJob, ShownScene, ShownShot, ShownTake, page

WORDS = st.text(st.sampled_from("""<>&"'/=ab -!"""), min_size=1, max_size=12)
STILLS = st.just("picture")
LINKS = st.just("clips/a.mp4")
FIGURES = st.just("4.0")
SHOTS = st.builds(
    ShownShot,
    number=st.just(1),
    address=WORDS,
    prompt=WORDS,
    sent=st.lists(st.tuples(WORDS, WORDS | st.just("")), max_size=2),
    written=WORDS,
    places=st.lists(WORDS, min_size=1, max_size=2),
    facts=st.dictionaries(WORDS, WORDS, max_size=2),
    seconds=FIGURES,
    start=FIGURES,
    length=FIGURES,
    cut=WORDS | st.none(),
    transition=WORDS | st.none(),
    say=st.lists(st.tuples(WORDS | st.just(""), WORDS), max_size=2),
    captions=st.lists(WORDS, max_size=2),
    notes=st.lists(WORDS, max_size=2),
    at=FIGURES,
    enters=FIGURES,
    leaves=FIGURES,
    shape=FIGURES,
    still=STILLS,
)
JOBS = st.builds(
    ShownJob,
    id=WORDS,
    clip=LINKS | st.none(),
    seconds=FIGURES,
    take=st.integers(1, 2),
    state=st.sampled_from(["drawn", "free", "bought"]),
    origin=WORDS,
    odd_length=WORDS | st.none(),
    missing=WORDS,
    why=WORDS | st.none(),
    shots=st.lists(SHOTS, min_size=1, max_size=2),
    others=st.lists(st.builds(ShownTake, st.just(2), STILLS, LINKS, WORDS), max_size=1),
)
SCENES = st.builds(
    ShownScene,
    name=WORDS,
    title=WORDS,
    text=WORDS | st.just(""),
    notes=st.lists(WORDS, max_size=2),
    seconds=FIGURES,
    length=FIGURES,
    tall=st.booleans(),
    jobs=st.lists(JOBS, min_size=1, max_size=2),
)
FILMS = st.builds(
    ShownFilm,
    title=WORDS,
    logline=WORDS | st.just(""),
    music=WORDS | st.none(),
    story=WORDS,
    film=LINKS | st.none(),
    building=st.none() | st.just(1),
    draft=WORDS | st.none(),
    last_film=LINKS | st.none(),
    seconds=FIGURES,
    shot_count=st.integers(1, 2),
    job_count=st.integers(1, 2),
    notes=st.lists(WORDS, max_size=2),
    missing_count=st.integers(0, 1),
    missing_seconds=FIGURES,
    models=st.lists(WORDS, max_size=2),
    scenes=st.lists(SCENES, min_size=1, max_size=2),
)


class Elements(HTMLParser):
    """The elements of a page, in order, with the names of their attributes, and all words that it shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))
        self.words += [value for _, value in attrs if value]

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment",))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def rendered(film: ShownFilm) -> Elements:
    return Elements(page(film, {"picture": "AAAA"}, css="", script="", script_hash="sha256-AAAA"))


SIGNS = str.maketrans("<>&\"'", "lgmqs")
"""Signs that HTML gives a meaning, and letters that no text here has."""


def plain(value: Any) -> Any:
    """The same film with a letter in place of every sign that HTML gives a meaning."""
    if isinstance(value, str):
        return value.translate(SIGNS)
    if isinstance(value, dict):
        return {plain(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(map(plain, value))
    return type(value)(map(plain, value)) if isinstance(value, list | tuple) else value


@given(FILMS)
def test_no_word_of_a_film_becomes_an_element_or_an_attribute(film: ShownFilm) -> None:
    assert rendered(film).found == rendered(plain(film)).found


@given(FILMS)
def test_words_are_shown_as_they_are(film: ShownFilm) -> None:
    shown = "\0".join(rendered(film).words)
    for words in (film.title, film.logline, *film.notes, *film.models, film.story):
        assert words in shown
    for shot in (shot for scene in film.scenes for job in scene.jobs for shot in job.shots):
        for words in (shot.address, shot.prompt, shot.written, *shot.captions, *shot.notes, *shot.places):
            assert words in shown
