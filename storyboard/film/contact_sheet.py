"""`index.html`, the contact sheet: one file that needs nothing else, no network and no script."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from storyboard.files.disk import read_packaged
from storyboard.film.draft import Draft
from storyboard.film.takes import Takes, others, take_file, take_key
from storyboard.film.thumbnails import still_key
from storyboard.film.timeline import CutJob, CutShot, Timeline
from storyboard.run.result import JobState

if TYPE_CHECKING:
    from jinja2 import Template

_ROOM = Path(__file__).parent
_PARTS = ("sheet.html.j2", "sheet.css", "sheet.js")
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
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


def sheet_recipe(
    cut: Timeline, film_name: str, takes: Takes, draft: Draft | None = None, *, last_is_there: bool = False
) -> str:
    """A hash of all that the sheet shows and how."""
    story = cut.story
    scenes = [(scene.name, scene.title, scene.text, scene.notes) for scene in story.scenes]
    jobs = [[*_shown(job), [(each.number, each.sha256) for each in others(job, takes)]] for job in cut.jobs]
    films = [film_name, cut.complete, draft and [draft.file.name, draft.words], last_is_there]
    shown = json.dumps([films, story.title, story.logline, story.notes, scenes, jobs, *map(_source, _PARTS)])
    return hashlib.sha256(shown.encode()).hexdigest()


def _shown(job: CutJob) -> list[object]:
    result = job.result
    missing = None if job.clip else (str(result.state), result.reason, result.error and result.error.message)
    shots = [
        (
            s.address,
            s.name,
            s.prompt,
            str(s.seconds),
            str(s.parameters.get("aspect_ratio")),
            s.beside,
            s.part and (str(s.part.start), str(s.part.end)),
        )
        for s in job.job.shots
    ]
    return [job.job.id, job.job.model, job.job.take, str(job.end), result.sha256, missing, shots, _odd_length(job)]


def is_sheet(content: bytes) -> bool:
    """Whether a page is a contact sheet of ours, of whatever film."""
    return b'<meta name="generator" content="storyboard">' in content[:4000]


def render_sheet(
    cut: Timeline,
    film_name: str,
    pictures: Mapping[str, str],
    takes: Takes,
    draft: Draft | None = None,
    *,
    last_is_there: bool = False,
) -> str:
    """The page. `pictures` are JPEGs in base64 by `still_key`. `draft` is shown where there is no complete film of this
    story; `last_is_there` says that one of an earlier build is."""
    script = _source("sheet.js")
    script_hash = "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return template().render(
        **_context(cut, film_name, takes, draft, last_is_there=last_is_there),
        pictures=pictures,
        css=_source("sheet.css"),
        script=script,
        script_hash=script_hash,
    )


@lru_cache(maxsize=1)
def template() -> Template:
    """The page without what it shows. To have it takes longer than to fill it in: it can be got ready meanwhile."""
    from jinja2 import Environment, StrictUndefined  # only where a page is written

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_source("sheet.html.j2"))


@lru_cache(maxsize=4)
def _source(name: str) -> str:
    return read_packaged(_ROOM / name)


def _context(
    cut: Timeline, film_name: str, takes: Takes, draft: Draft | None, *, last_is_there: bool
) -> dict[str, Any]:
    story = cut.story
    missing = [job for job in cut.jobs if job.clip is None]
    return {
        "title": _clean(story.title),
        "logline": _clean(story.logline),
        "film": quote(draft.file.name) if draft else quote(film_name) if cut.complete else None,
        "draft": draft and draft.words,
        "last_film": quote(film_name) if last_is_there else None,
        "seconds": spoken(cut.seconds),
        "shot_count": len(cut.shots),
        "job_count": sum(not job.is_free for job in cut.jobs),
        "notes": [_clean(note) for note in story.notes],
        "missing_count": len(missing),
        "missing_seconds": spoken(sum((job.end - job.start for job in missing), Fraction(0))),
        "models": sorted({job.job.model for job in cut.jobs} - {""}),
        "scenes": [
            {
                "name": scene.name,
                "title": _clean(scene.title) or scene.name,
                "text": _clean(scene.text),
                "notes": [_clean(note) for note in scene.notes],
                "seconds": spoken(sum((job.end - job.start for job in cut.of_scene(scene)), Fraction(0))),
                "tall": all(_is_tall(shot) for job in cut.of_scene(scene) for shot in job.shots),
                "jobs": [_job(job, takes) for job in cut.of_scene(scene)],
            }
            for scene in story.scenes
            if cut.of_scene(scene)
        ],
    }


def _job(job: CutJob, takes: Takes) -> dict[str, Any]:
    result = job.result
    return {
        "id": job.job.id,
        "clip": f"clips/{quote(job.file)}" if job.clip else None,
        "file": job.file,
        "seconds": spoken(job.end - job.start),
        "take": job.job.take if job.job.take > 1 else None,
        "free": _FREE_WORDS[source.kind] if (source := job.job.shots[0].local if job.job.shots else None) else None,
        "odd_length": _odd_length(job),
        "missing": None if job.clip else _MISSING_WORDS.get(result.state, str(result.state)),
        "why": None if job.clip else _clean(result.error.message if result.error else result.reason),
        "shots": [_shot(job, shot) for shot in job.shots],
        "others": [
            {"number": each.number, "still": take_key(job, each), "clip": quote(take_file(job, each))}
            for each in others(job, takes)
        ],
    }


def _odd_length(job: CutJob) -> str | None:
    """What the film does with a clip that is not as long as ordered."""
    if job.clip is None or job.lasts is None:
        return None
    ordered = spoken(job.ordered_seconds)
    way = "its last picture is held" if job.lasts < job.ordered_seconds else "the rest is cut off"
    return f"{spoken(job.lasts)} came for {ordered} that were ordered: {way}"


def _shot(job: CutJob, shot: CutShot) -> dict[str, Any]:
    return {
        "number": shot.number,
        "address": _clean(shot.shot.address),
        "name": _clean(shot.shot.name),
        "prompt": _clean(shot.shot.prompt),
        "seconds": spoken(Fraction(shot.shot.film_seconds)),
        "cut": _cut_words(shot),
        "say": [{"speaker": _clean(each.speaker), "text": _clean(each.text)} for each in shot.shot.beside.say],
        "captions": [_clean(each) for each in shot.shot.beside.captions],
        "notes": [_clean(each) for each in shot.shot.beside.notes],
        "at": clock(shot.start),
        "enters": _plain(shot.enters),
        "leaves": _plain(shot.leaves),
        "shape": _shape(shot),
        "still": still_key(job, shot),
    }


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
    """Without the controls that HTML does not know."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def _plain(seconds: Fraction) -> str:
    return f"{float(seconds):.3f}".rstrip("0").rstrip(".")


def spoken(seconds: Fraction) -> str:
    """`12 s`, `2.5 s`, `2 min 5 s`."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    short = f"{rest // 10} s" if rest % 10 == 0 else f"{rest / 10:.1f} s"
    if not minutes:
        return short
    return f"{minutes} min" if not rest else f"{minutes} min {short}"


def clock(seconds: Fraction) -> str:
    """`0:05`, `1:02.5`: a time of the film."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    tail = f".{rest % 10}" if rest % 10 else ""
    return f"{minutes}:{rest // 10:02}{tail}"
