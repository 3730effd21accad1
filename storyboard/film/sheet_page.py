"""The HTML of a contact sheet. What it shows comes in words; here they are escaped and put in their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from storyboard.fast_named_tuples import NamedTuple

_LONG_PROMPT = 360
"""Characters; a longer prompt is folded."""


class ShownTake(NamedTuple):
    """Another take of a job: its number, its picture and clip, and the command that puts it into the film."""

    number: int
    still: str
    clip: str
    command: str


class ShownShot(NamedTuple):
    """A shot. `sent` is its prompt in pieces, each with its source; times are in seconds, as text."""

    number: int
    address: str
    prompt: str
    sent: Sequence[tuple[str, str]]
    written: str
    places: Sequence[str]
    facts: Mapping[str, str]
    seconds: str
    start: str
    length: str
    cut: str | None
    transition: str | None
    say: Sequence[tuple[str, str]]
    captions: Sequence[str]
    notes: Sequence[str]
    at: str
    enters: str
    leaves: str
    shape: str
    still: str


class ShownJob(NamedTuple):
    """A job and its shots. Without a `clip`, `missing` and `why` say what became of it."""

    id: str
    clip: str | None
    seconds: str
    take: int
    state: str
    origin: str
    odd_length: str | None
    missing: str | None
    why: str | None
    shots: Sequence[ShownShot]
    others: Sequence[ShownTake]


class ShownScene(NamedTuple):
    """A scene and its jobs."""

    name: str
    title: str
    text: str
    notes: Sequence[str]
    seconds: str
    length: str
    tall: bool
    jobs: Sequence[ShownJob]


class ShownFilm(NamedTuple):
    """A whole page. `film` and `last_film` are links; `building` is set while a build is still running: when
    the page was written, in seconds since the epoch."""

    title: str
    logline: str
    music: str | None
    story: str
    film: str | None
    building: int | None
    draft: str | None
    last_film: str | None
    seconds: str
    shot_count: int
    job_count: int
    notes: Sequence[str]
    missing_count: int
    missing_seconds: str
    models: Sequence[str]
    scenes: Sequence[ShownScene]


def page(shown: ShownFilm, pictures: Mapping[str, str], *, css: str, script: str, script_hash: str) -> str:
    """Render the page. `pictures` are JPEGs in base64 by `still`; `script_hash` lets a browser run no other script."""
    return "".join(
        (
            _head(shown, css, script_hash),
            *_top(shown),
            *_reel(shown),
            *_tools(shown),
            '<main id="shots">\n',
            *(part for number, scene in enumerate(shown.scenes, 1) for part in _scene(number, scene, pictures)),
            f"</main>\n<script>{script}</script>\n</body>\n</html>",
        )
    )


def escaped(text: str) -> str:
    """Return a text as it can stand in an element or in an attribute."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("'", "&#39;").replace('"', "&#34;")


def _head(shown: ShownFilm, css: str, script_hash: str) -> str:
    building = f' data-building="{shown.building}"' if shown.building else ""
    policy = (
        f"default-src 'none'; script-src '{script_hash}'; img-src data:; media-src 'self' file:; connect-src 'self'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )
    return f"""\
<!doctype html>
<html lang="und"{building}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="storyboard">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{escaped(shown.title)}</title>
<style>{css}</style>
</head>
<body data-story="{escaped(shown.story)}" data-title="{escaped(shown.title)}">
<a class="skip" href="#shots">To the shots</a>
"""


def _top(shown: ShownFilm) -> Iterator[str]:
    yield f'<header id="top">\n  <div class="words">\n    <h1 dir="auto">{escaped(shown.title)}</h1>\n'
    if shown.logline:
        yield f'<p class="logline" dir="auto">{escaped(shown.logline)}</p>\n'
    if shown.music:
        yield f'<p class="cut">music: {escaped(shown.music)}</p>\n'
    yield from _notes(shown.notes)
    yield f'    <ul class="facts">\n      <li><b>{shown.seconds}</b></li>\n'
    yield f"      <li>{_count(shown.shot_count, 'shot')}</li>\n      <li>{_count(shown.job_count, 'job')}</li>\n"
    yield from (f'<li class="code">{escaped(model)}</li>\n' for model in shown.models)
    yield "    </ul>\n"
    if shown.missing_count:
        count = f"{shown.missing_count} of {_count(shown.job_count, 'job')} missing, {shown.missing_seconds}."
        yield f'    <p class="status" role="status"><b>Not complete.</b> {count}</p>\n'
    if shown.building:
        news = "This page is written again as each clip arrives, and reloads itself."
        yield f'    <p class="status" role="status"><b>Building.</b> {news}</p>\n'
    if shown.draft:
        yield f'    <p class="status"><b>Draft:</b> {escaped(shown.draft)}.</p>\n'
    if shown.last_film:
        yield f'    <p class="status"><a href="{shown.last_film}">The last complete film</a> is kept.</p>\n'
    if len(shown.scenes) > 1:
        yield '    <nav aria-label="Scenes"><ol>\n'
        for number, scene in enumerate(shown.scenes, 1):
            yield f'<li><a href="#scene-{number}" dir="auto">{escaped(scene.title)}</a></li>\n'
        yield "    </ol></nav>\n"
    yield "  </div>\n"
    if shown.film:
        shape = f'style="--shape: {shown.scenes[0].jobs[0].shots[0].shape}"'
        label = "The draft" if shown.draft else "The film"
        video = f'<video class="film" controls preload="metadata" playsinline src="{shown.film}#t=0.001" {shape}'
        yield f'  <div class="player" {shape}>{video} aria-label="{label}"></video></div>\n'
    yield "</header>\n"


def _reel(shown: ShownFilm) -> Iterator[str]:
    yield '<div class="bar">\n  <nav class="reel" aria-label="The film, shot by shot">\n'
    for scene in shown.scenes:
        yield f'<div class="reel-scene" style="flex-grow:{scene.length}">'
        for job in scene.jobs:
            for shot in job.shots:
                about = f'style="flex-grow:{shot.length}" title="{escaped(shot.address)} · {shot.seconds}"'
                yield f'<a class="{job.state}" href="#shot-{shot.number}" {about}></a>'
        yield "</div>\n"
    yield '    <i class="head" hidden></i>\n  </nav>\n'


def _tools(shown: ShownFilm) -> Iterator[str]:
    yield '  <div class="tools" hidden>\n'
    yield '    <input type="search" placeholder="Search  /" aria-label="Search words and addresses">\n'
    if len(shown.scenes) > 1:
        scenes = ((escaped(scene.name), escaped(scene.title)) for scene in shown.scenes)
        yield _choice("scene", "Scene", "all scenes", scenes)
    states = sorted({job.state for scene in shown.scenes for job in scene.jobs})
    if len(states) > 1:
        words = ((state, "animatic" if state == "drawn" else state) for state in states)
        yield _choice("state", "State", "all states", words)
    if any(job.others for scene in shown.scenes for job in scene.jobs):
        yield '<label><input type="checkbox" name="takes"> several takes</label>\n'
    yield """\
    <label><input type="checkbox" name="notes"> with notes</label>
    <span class="found" role="status"></span>
    <span class="notes-tools" hidden><button type="button" name="save-notes">Save notes</button></span>
    <span class="keys"><kbd>j</kbd> <kbd>k</kbd> shot &nbsp;<kbd>space</kbd> play &nbsp;<kbd>n</kbd> note</span>
    <a class="up" href="#top">Top</a>
  </div>
</div>
"""


def _choice(name: str, label: str, every: str, options: Iterator[tuple[str, str]]) -> str:
    shown = "".join(f'<option value="{value}">{words}</option>' for value, words in options)
    return f'<select name="{name}" aria-label="{label}"><option value="">{every}</option>{shown}</select>\n'


def _scene(number: int, scene: ShownScene, pictures: Mapping[str, str]) -> Iterator[str]:
    yield f'<section id="scene-{number}" aria-labelledby="title-{number}">\n  <div class="scene" dir="auto">\n'
    yield f'    <h2 id="title-{number}" dir="auto">{escaped(scene.title)}</h2>\n'
    if scene.name != scene.title:
        yield f'<span class="code" dir="auto">{escaped(scene.name)}</span>\n'
    yield f'    <span class="length">{scene.seconds}</span>\n  </div>\n'
    if scene.text:
        yield f'<p class="scene-text" dir="auto">{escaped(scene.text)}</p>\n'
    yield from _notes(scene.notes)
    yield f'  <div class="strip{" tall" if scene.tall else ""}">\n'
    for job in scene.jobs:
        for shot in job.shots:
            yield from _article(scene, job, shot, pictures)
    yield "  </div>\n</section>\n"


def _article(scene: ShownScene, job: ShownJob, shot: ShownShot, pictures: Mapping[str, str]) -> Iterator[str]:
    is_first = shot is job.shots[0]
    kinds = f"{'first ' if is_first else ''}{'last ' if shot is job.shots[-1] else ''}{job.state}"
    marks = f'data-take="{job.take}"{" data-takes" if job.others else ""}{" data-notes" if shot.notes else ""}'
    about = f'data-address="{escaped(shot.address)}" data-scene="{escaped(scene.name)}" data-state="{job.state}"'
    times = f'data-start="{shot.start}" data-length="{shot.length}" data-enters="{shot.enters}"'
    yield f'  <article class="{kinds}" id="shot-{shot.number}" tabindex="-1" {about} {times} {marks}>\n'
    yield f'    <div class="job">{_job_words(job) if is_first else ""}</div>\n'
    yield f'    <div class="frame" style="aspect-ratio: {shot.shape}">\n'
    if job.clip:
        where = f"{job.clip}#t={shot.enters},{shot.leaves}"
        picture = _picture(shot.still, pictures)
        yield f'      <a href="{where}" aria-label="Play {escaped(shot.address)}">{picture}</a>\n'
    else:
        why = f'<br><span dir="auto">{escaped(job.why)}</span>' if job.why else ""
        yield f"      <p><b>{escaped(job.missing or '')}</b>{why}</p>\n"
    yield f'    </div>\n    <div class="line">\n      <h3 class="code" dir="auto">{escaped(shot.address)}</h3>\n'
    yield f'      <span class="time">{shot.seconds} <i>{shot.at}</i></span>\n    </div>\n'
    if is_first and job.odd_length:
        yield f'<p class="cut">{escaped(job.odd_length)}</p>\n'
    if shot.cut:
        yield f'<p class="cut">cut: {escaped(shot.cut)}</p>\n'
    if shot.transition:
        yield f'<p class="cut">begins with: {escaped(shot.transition)}</p>\n'
    yield from (f'<p class="caption" dir="auto">{escaped(caption)}</p>\n' for caption in shot.captions)
    for speaker, text in shot.say:
        name = f"<b>{escaped(speaker)}</b> " if speaker else ""
        yield f'<p class="say" dir="auto">{name}{escaped(text)}</p>\n'
    prompt = escaped(shot.prompt)
    if len(shot.prompt) > _LONG_PROMPT:
        yield f'    <details class="prompt"><summary dir="auto">{prompt}</summary></details>\n'
    else:
        yield f'    <p class="prompt" dir="auto">{prompt}</p>\n'
    yield from _notes(shot.notes)
    yield from _details(job, shot)
    if is_first and job.others:
        yield from _takes(job, shot.shape, pictures)
    yield "  </article>\n"


def _job_words(job: ShownJob) -> str:
    take = f", take {job.take}" if job.take > 1 or job.others else ""
    origin = f'<span class="origin" dir="auto">{escaped(job.origin)}</span>' if job.origin else ""
    return f'<span class="code" dir="auto">{escaped(job.id)}</span> <span>{job.seconds}{take}</span> {origin}'


def _details(job: ShownJob, shot: ShownShot) -> Iterator[str]:
    yield '    <details class="more"><summary>Details</summary>\n'
    if job.state != "free":
        yield '      <h4>Sent</h4>\n      <p class="sent" dir="auto">'
        for text, by in shot.sent:
            source = escaped(by)
            piece = escaped(text)
            yield f'<mark title="from {source}">{piece}<small>{source}</small></mark>' if by else piece
        yield "</p>\n"
    yield f'      <h4>Written</h4>\n      <pre dir="auto">{escaped(shot.written)}</pre>\n      <dl>\n'
    for name, value in shot.facts.items():
        yield f'<dt>{escaped(name)}</dt><dd dir="auto">{escaped(value)}</dd>\n'
    places = " via ".join(f'<code class="copy">{escaped(place)}</code>' for place in shot.places)
    yield f"        <dt>source</dt><dd>{places}</dd>\n      </dl>\n    </details>\n"


def _takes(job: ShownJob, shape: str, pictures: Mapping[str, str]) -> Iterator[str]:
    yield '    <div class="takes" aria-label="Other takes">\n'
    for take in job.others:
        label = f'aria-label="Play take {take.number} of {escaped(job.id)}"'
        play = f'<a href="{take.clip}" {label}>{_picture(take.still, pictures)}</a>'
        words = f'<figcaption>take {take.number} <code class="copy">{escaped(take.command)}</code></figcaption>'
        frame = f'<div class="frame" style="aspect-ratio: {shape}">{play}</div>'
        yield f'      <figure data-take="{take.number}">{frame}{words}</figure>\n'
    yield "    </div>\n"


def _picture(still: str, pictures: Mapping[str, str]) -> str:
    about = f'alt="" loading="lazy" decoding="async" data-still="{still}"'
    return f'<img {about} src="data:image/jpeg;base64,{pictures[still]}">'


def _notes(notes: Sequence[str]) -> Iterator[str]:
    yield from (f'<p class="note" dir="auto">{escaped(note)}</p>\n' for note in notes)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
