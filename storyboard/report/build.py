"""The result of a build, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.diagnostics import Diagnostic
from storyboard.money import dollars, exact
from storyboard.report.documents import diagnostics_of
from storyboard.report.frames import View
from storyboard.report.style import Line, Style, cells, counted, line, pad, shown
from storyboard.report.views import BuildPart, BuildView
from storyboard.run.result import JobResult, JobState

if TYPE_CHECKING:
    from storyboard.report.document_types import BuildDocument, BuiltJobDocument, BuiltStoryDocument

NEXT = "Change a shot and build again: only its job is rendered again. When the timing is right: --provider kirin"
FEW = 3
"""How many jobs with the same state are named individually."""
STYLES: dict[JobState, Style] = {
    JobState.CACHED: "ok",
    JobState.BUILT: "ok",
    JobState.RUNNING: "running",
    JobState.FINISHED: "running",
    JobState.SKIPPED: "dim",
    JobState.UNKNOWN: "error",
    JobState.LOST: "error",
    JobState.FAILED: "error",
    JobState.BILLED_FAILURE: "error",
    JobState.HELD: "error",
}


def build_report(parts: Sequence[BuildPart]) -> list[Line]:
    """Return the report on each film: the film or what is missing, and where to look."""
    return [*(one for part in parts for one in part.lines), *_next(parts)]


def build_part(story: BuildView, view: View, *, for_people: bool = True) -> BuildPart:
    """Return the part of a report on one story, for people or for scripts."""
    return BuildPart(
        lines=tuple(_story(story, view)) if for_people else (),
        document=None if for_people else _document(story, view.base),
        pays=story.planned.pays,
        renewed=any(result.state is JobState.BUILT for result in story.result.jobs),
        whole=all(clip is not None for clip in story.film.clips),
        paid=story.result.paid,
        reserved=story.result.reserved,
    )


def _next(parts: Sequence[BuildPart]) -> list[Line]:
    """Return the next step after something new and free."""
    free = not any(part.pays for part in parts)
    made = any(part.renewed for part in parts) and all(part.whole for part in parts)
    return [line(("  " + NEXT, "dim"))] if made and free else []


def _story(story: BuildView, view: View) -> list[Line]:
    film, draft = story.film.film, story.film.draft
    if film is not None:
        head = line(
            ("✓ ", "ok"),
            (shown(film, view.base), "place"),
            f"   {seconds_of(story.film.seconds)} s   {_paid(story)}",
            f"   {_used(story)}" if _mixes(story) else "",
            (f"   {story.planned.variant}" if story.planned.variant else "", "dim"),
        )
    elif draft is not None:
        what = draft.words if draft.cards else _used(story)
        head = line(
            ("✗ ", "error") if draft.cards else ("✓ ", "ok"),
            (shown(draft.file, view.base), "place"),
            f"   draft: {what}   {_paid(story)}",
        )
    else:
        missing = sum(result.clip is None for result in story.result.jobs)
        head = line(
            ("✗ ", "error"),
            (shown(story.planned.path, view.base), "place"),
            f"   no film yet: {missing} of {counted(len(story.result.jobs), 'job')} missing   {_paid(story)}",
        )
    sheet = line("  contact sheet: ", (shown(story.film.sheet, view.base), "place"))
    return [
        head,
        *_missing(story.result.jobs),
        *_running(story.result.jobs),
        *(line("  ", words) for words in _remarks(story)),
        *_last_film(story, view),
        sheet,
        *_commit(story, view),
    ]


def _mixes(story: BuildView) -> bool:
    """Whether a free build used bought clips."""
    return not story.planned.pays and story.film.bought > 0


def _used(story: BuildView) -> str:
    """Return which clips were used: `2 of 3 clips bought, 1 animatic card`."""
    jobs = len(story.film.clips)
    cards = jobs - story.film.bought
    bought = f"{story.film.bought} of {counted(jobs, 'clip')} bought"
    return f"{bought}, {counted(cards, 'animatic card')}" if cards else bought


def _remarks(story: BuildView) -> list[str]:
    remarks = [f"no draft: {story.film.trouble}"] if story.film.trouble else []
    if story.film.overlap:
        remarks.append(f"dissolves make the film {counted(story.film.overlap, 'frame')} shorter")
    if story.film.unlike:
        remarks.append(f"{counted(story.film.unlike, 'difference')} from what was ordered: storyboard check-clips")
    if story.film.lost_marks:
        marked = counted(story.film.lost_marks, "clip")
        verb = "carries" if story.film.lost_marks == 1 else "carry"
        remarks.append(f"{marked} {verb} Content Credentials, which the film does not: storyboard sign keeps them")
    return remarks


def _last_film(story: BuildView, view: View) -> list[Line]:
    last = story.film.last_film
    return [line("  the last complete film stays: ", (shown(last, view.base), "place"))] if last else []


def _commit(story: BuildView, view: View) -> list[Line]:
    """Return the advice after a first purchase: commit the lock."""
    lock = story.new_lock
    return [line("  commit ", (shown(lock, view.base), "place"), ": it records what was bought")] if lock else []


def _running(results: Sequence[JobResult]) -> list[Line]:
    """Return the note that jobs of another build continue."""
    number = sum(result.state is JobState.RUNNING and result.task is not None for result in results)
    one = "1 job is still rendering remotely and stays yours. The same command picks it up."
    many = f"{number} jobs are still rendering remotely and stay yours. The same command picks them up."
    return [line("  ", one if number == 1 else many)] if number else []


def _missing(results: Sequence[JobResult]) -> list[Line]:
    """Return the jobs without a clip, and why."""
    alike: dict[tuple[JobState, str], list[str]] = {}
    for result in results:
        if result.clip is None:
            alike.setdefault((result.state, _why(result)), []).append(result.job.id)
    named = [(_names(ids), state, why) for (state, why), ids in alike.items()]
    name = max((cells(names) for names, _, _ in named), default=0)
    longest = max((len(state) for _, state, _ in named), default=0)
    return [
        line((f"  {pad(names, name)}  ", "bold"), (f"{state:{longest}}", STYLES[state]), f"  {why}")
        for names, state, why in named
    ]


def _names(ids: Sequence[str]) -> str:
    """Return a few names, or the first and how many more."""
    return ", ".join(ids) if len(ids) <= FEW else f"{ids[0]} and {len(ids) - 1} more"


def _why(result: JobResult) -> str:
    return f"{result.error.message} ({result.error.code})" if result.error and result.error.code else result.reason


def seconds_of(seconds: Fraction) -> str:
    """Return seconds as people write them: `24`, `19.5`."""
    return f"{float(seconds):.2f}".rstrip("0").rstrip(".")


def _paid(story: BuildView) -> str:
    if not story.planned.pays:
        return f"{story.planned.plan.provider}, free"
    paid = f"paid {dollars(story.result.paid)}" if story.result.paid else ""
    reserved = f"about {dollars(story.result.reserved)}, not yet stated" if story.result.reserved else ""
    nothing = "nothing to pay" if story.result.complete else "nothing paid"
    return ", and ".join(filter(None, (paid, reserved))) or nothing


def build_document(parts: Sequence[BuildPart], diagnostics: Sequence[Diagnostic], base: Path) -> BuildDocument:
    """Return the document of `build --json`."""
    return {
        "stories": [part.document for part in parts if part.document is not None],
        "paid": exact(sum((part.paid for part in parts), Decimal(0))),
        "reserved": exact(sum((part.reserved for part in parts), Decimal(0))),
        "diagnostics": diagnostics_of(diagnostics, base),
    }


def _document(story: BuildView, base: Path) -> BuiltStoryDocument:
    film, draft, last = story.film.film, story.film.draft, story.film.last_film
    return {
        "path": shown(story.planned.path, base),
        "film": shown(film, base) if film else None,
        "draft": shown(draft.file, base) if draft else None,
        "last_film": shown(last, base) if last else None,
        "bought": story.film.bought,
        "sheet": shown(story.film.sheet, base),
        "jobs": [_job(result, clip, base) for result, clip in zip(story.result.jobs, story.film.clips, strict=True)],
        "notices": [*story.result.notices, *_remarks(story)],
    }


def _job(result: JobResult, clip: Path | None, base: Path) -> BuiltJobDocument:
    return {
        "id": result.job.id,
        "key": result.key,
        "state": str(result.state),
        "reason": result.reason,
        "by": result.by,
        "since": None
        if result.since is None
        else datetime.fromtimestamp(result.since, UTC).isoformat(timespec="seconds"),
        "clip": shown(clip, base) if clip else None,
        "cost": exact(result.cost),
        "reserved": exact(result.reserved),
        "task": result.task,
        "attempts": result.attempts,
        "error": {"code": result.error.code, "message": result.error.message} if result.error else None,
    }
