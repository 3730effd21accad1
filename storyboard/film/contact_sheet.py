"""`index.html`, the contact sheet: one file that needs no network and no server. It can be read without its script,
with links that play each shot."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import read_packaged
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.film.build_facts import NO_FACTS, BuildFacts
from storyboard.film.draft import Draft
from storyboard.film.sheet_page import ShownFilm, ShownJob, ShownScene, ShownShot, ShownTake, page
from storyboard.film.shot_details import as_written, clip_facts, prompt_pieces, source_places
from storyboard.film.takes import Takes, others, take_file, take_key
from storyboard.film.thumbnails import still_key
from storyboard.film.timeline import CutJob, CutShot, Timeline
from storyboard.run.result import JobState
from storyboard.story.story import Scene, Story

_ROOM = Path(__file__).parent
_PARTS = ("sheet_page.py", "sheet.css", "sheet.js")
_RATIO = lazy_pattern(r"([1-9]\d{0,3}):([1-9]\d{0,3})")
_CONTROLS = lazy_pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FREE_WORDS = {"clip": "footage, free", "still": "picture, free", "card": "title, free"}
_MISSING_WORDS = {
    JobState.RUNNING: "still rendering",
    JobState.FINISHED: "finished, its clip is not here yet",
    JobState.SKIPPED: "not made yet",
    JobState.UNKNOWN: "outcome not known",
    JobState.LOST: "lost",
    JobState.FAILED: "failed",
    JobState.BILLED_FAILURE: "failed, and charged",
    JobState.HELD: "held for another account",
}


@dataclass(frozen=True, slots=True)
class SheetContent:
    """Everything that a contact sheet shows. `draft` is shown if there is no complete film of this story;
    `last_is_there` means that there is one of an earlier build. `bought` are the contents of the jobs whose clips were
    bought.
    """

    cut: Timeline
    film_name: str
    takes: Takes
    draft: Draft | None = None
    last_is_there: bool = False
    bought: Collection[str] = ()
    facts: BuildFacts = NO_FACTS


def sheet_recipe(shown: ShownFilm) -> str:
    """Return a hash of everything that the sheet shows, and of what makes its page."""
    return hashlib.sha256(json.dumps([shown, *map(_source, _PARTS)]).encode()).hexdigest()


def is_sheet(content: bytes) -> bool:
    """Whether a page is one of our contact sheets, of any film."""
    return b'<meta name="generator" content="storyboard">' in content[:4000]


def render_sheet(shown: ShownFilm, pictures: Mapping[str, str]) -> str:
    """Render the page. `pictures` are JPEGs in base64 by `still_key` and `take_key`."""
    script = _source("sheet.js")
    script_hash = "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return page(shown, pictures, css=_source("sheet.css"), script=script, script_hash=script_hash)


@lru_cache(maxsize=4)
def _source(name: str) -> str:
    return read_packaged(_ROOM / name)


def shown_film(content: SheetContent) -> ShownFilm:
    """Return what the sheet shows, in words."""
    cut, draft, story = content.cut, content.draft, content.cut.story
    missing = [job for job in cut.jobs if job.clip is None]
    film = quote(draft.file.name) if draft else quote(content.film_name) if cut.complete else None
    return ShownFilm(
        title=_clean(story.title),
        logline=_clean(story.logline),
        music=_music_words(story),
        story=_clean(content.facts.shown(story.path, story.path)),
        film=film if content.facts.since is None else None,
        building=content.facts.since,
        draft=draft.words if draft else None,
        last_film=quote(content.film_name) if content.last_is_there else None,
        seconds=spoken(cut.seconds),
        shot_count=len(cut.shots),
        job_count=sum(not job.is_free for job in cut.jobs),
        notes=[_clean(note) for note in story.notes],
        missing_count=len(missing),
        missing_seconds=spoken(sum((job.end - job.start for job in missing), Fraction(0))),
        models=sorted({job.job.model for job in cut.jobs} - {""}),
        scenes=[_scene(scene, content) for scene in story.scenes if cut.of_scene(scene)],
    )


def _scene(scene: Scene, content: SheetContent) -> ShownScene:
    jobs = content.cut.of_scene(scene)
    return ShownScene(
        name=scene.name,
        title=_clean(scene.title) or scene.name,
        text=_clean(scene.text),
        notes=[_clean(note) for note in scene.notes],
        seconds=spoken(sum((job.end - job.start for job in jobs), Fraction(0))),
        length=_plain(jobs[-1].end - jobs[0].start),
        tall=all(_is_tall(shot) for job in jobs for shot in job.shots),
        jobs=[_job(job, content, scene) for job in jobs],
    )


def _state(job: CutJob, content: SheetContent) -> str:
    """Return the origin of a clip in one word: `bought`, `free`, or `drawn`; `missing` if there is none."""
    if job.clip is None:
        return "missing"
    if job.is_free:
        return "free"
    return "bought" if job.job.content in content.bought else "drawn"


def _origin(job: CutJob, state: str, facts: BuildFacts) -> str:
    """Return the same for people: who made the clip, and that it was free."""
    source = job.job.shots[0].local if job.job.shots else None
    if source is not None:
        return _FREE_WORDS[source.kind]
    if state == "bought":
        purchase = facts.purchases.get(job.job.content)
        return purchase.provider if purchase else "bought"
    return (facts.provider or "animatic") if state == "drawn" else ""


def _job(job: CutJob, content: SheetContent, scene: Scene) -> ShownJob:
    result, story = job.result, content.cut.story
    state = _state(job, content)
    first = job.shots[0].shot.address if job.shots else ""
    return ShownJob(
        id=job.job.id,
        clip=f"clips/{quote(job.file)}" if job.clip else None,
        seconds=_lengths(job, state),
        take=job.job.take,
        state=state,
        origin=_clean(_origin(job, state, content.facts)),
        odd_length=_odd_length(job),
        missing=None if job.clip else _MISSING_WORDS.get(result.state, str(result.state)),
        why=None if job.clip else _clean(result.error.message if result.error else result.reason),
        shots=[_shot(job, shot, content, scene) for shot in job.shots],
        others=[
            ShownTake(
                each.number,
                take_key(job, each),
                quote(take_file(job, each)),
                _clean(content.facts.reroll_command(first, each.number, story.path)),
            )
            for each in others(job, content.takes)
        ],
    )


def _lengths(job: CutJob, state: str) -> str:
    """The length in the film and, where the film uses less of it, that of the clip which was ordered."""
    shown, ordered = spoken(job.end - job.start), spoken(job.ordered_seconds)
    if shown == ordered:
        return shown
    return f"{shown} of {ordered} bought" if state == "bought" else f"{shown} of {ordered}"


def _odd_length(job: CutJob) -> str | None:
    """Return what the film does with a clip whose length differs from the order."""
    if job.clip is None or job.lasts is None:
        return None
    ordered = spoken(job.ordered_seconds)
    way = "its last picture is held" if job.lasts < job.ordered_seconds else "the rest is cut off"
    return f"{spoken(job.lasts)} came for {ordered} that were ordered: {way}"


def _shot(job: CutJob, shot: CutShot, content: SheetContent, scene: Scene) -> ShownShot:
    places = source_places(shot.shot, content.facts, content.cut.story.path)
    own = shot.shot.parts.own if shot.shot.parts else shot.shot.prompt
    return ShownShot(
        number=shot.number,
        address=_clean(shot.shot.address),
        prompt=_clean(own),
        sent=[(_clean(each.text), each.by) for each in prompt_pieces(shot.shot, scene)],
        written=_clean(as_written(shot.shot.origin.span)),
        places=[_clean(place) for place in places],
        facts={name: _clean(value) for name, value in clip_facts(job, shot.shot, content.facts).items()},
        seconds=spoken(Fraction(shot.shot.film_seconds)),
        start=_plain(shot.start),
        length=_plain(shot.end - shot.start),
        cut=_cut_words(shot),
        transition=shot.shot.transition.written if shot.shot.transition else None,
        say=[(_clean(each.speaker), _clean(each.text)) for each in shot.shot.beside.say],
        captions=[_clean(each) for each in shot.shot.beside.captions],
        notes=[_clean(each) for each in shot.shot.beside.notes],
        at=clock(shot.start),
        enters=_plain(shot.enters),
        leaves=_plain(shot.leaves),
        shape=_shape(shot),
        still=still_key(job, shot),
    )


def _music_words(story: Story) -> str | None:
    music = story.music
    if music is None:
        return None
    start = f" from {spoken(Fraction(music.start))}" if music.start else ""
    gain = f", {music.gain.normalize():+f} dB" if music.gain else ""
    return f"{_clean(music.file)}{start}{gain}"


def _cut_words(shot: CutShot) -> str | None:
    part = shot.shot.part
    if part is None:
        return None
    return (
        f"{_plain(Fraction(part.start))}\u2013{_plain(Fraction(part.end))} s of {spoken(Fraction(shot.shot.seconds))}"
    )


def _shape(shot: CutShot) -> str:
    ratio = _RATIO.fullmatch(str(shot.shot.parameters.get("aspect_ratio", "16:9")))
    return f"{ratio[1]} / {ratio[2]}" if ratio else "16 / 9"


def _is_tall(shot: CutShot) -> bool:
    width, height = _shape(shot).split(" / ")
    return int(width) < int(height)


def _clean(text: str) -> str:
    """Remove control characters that HTML does not allow."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def _plain(seconds: Fraction) -> str:
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".")


def spoken(seconds: Fraction) -> str:
    """`12 s`, `2.5 s`, `2 min 5 s`."""
    minutes, rest = divmod(_tenths(seconds), 600)
    short = f"{rest // 10} s" if rest % 10 == 0 else f"{rest / 10:.1f} s"
    if not minutes:
        return short
    return f"{minutes} min" if not rest else f"{minutes} min {short}"


def clock(seconds: Fraction) -> str:
    """`0:05`, `1:02.5`: a time in the film."""
    minutes, rest = divmod(_tenths(seconds), 600)
    tail = f".{rest % 10}" if rest % 10 else ""
    return f"{minutes}:{rest // 10:02}{tail}"


def _tenths(seconds: Fraction) -> int:
    """Return the tenths of a second, rounded to even; most times are whole seconds, which need no fractions."""
    return seconds.numerator * 10 if seconds.denominator == 1 else round(seconds * 10)
