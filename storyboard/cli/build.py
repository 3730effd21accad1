"""`storyboard build`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from storyboard.cli import completers, options, watch
from storyboard.cli.confirm import ask_about_values, ask_to_buy, check_trust
from storyboard.cli.findings import tell_findings
from storyboard.cli.help import Command
from storyboard.cli.output import has_colour, is_terminal, note, out, out_json, view
from storyboard.errors import ExitCode
from storyboard.report.frames import report
from storyboard.report.places import shown
from storyboard.report.style import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storyboard.files.transcript import Transcript
    from storyboard.plan import PlanOptions
    from storyboard.project import BuiltStory, Planned, Run
    from storyboard.report.style import Line
    from storyboard.report.views import BuildPart
    from storyboard.run.events import Notify


@click.command(
    "build",
    cls=Command,
    examples=(
        ("storyboard build", "build every story locally, for free"),
        ("storyboard build lantern.story --provider kirin", "buy what is missing; asks first"),
        ("storyboard build --watch lantern.story", "render again, for free, whenever a file is saved"),
        ("storyboard build --only arrival --max-cost 2", "one scene, for at most 2 USD"),
    ),
)
@options.paths
@options.provider
@options.only
@click.option("--yes", is_flag=True, help="Buy without asking.")
@click.option("--max-cost", metavar="USD", type=options.Dollars(), help="Buy without asking, up to this amount.")
@click.option("--locked", is_flag=True, help="Spend nothing and keep the lock: use only bought clips.")
@click.option("--dry-run", is_flag=True, help="Check and plan; build nothing.")
@click.option(
    "--plan",
    "agreed",
    metavar="FILE",
    shell_complete=completers.files,
    help="Build only this saved plan; exit with 4 if it no longer holds.",
)
@click.option("--no-wait", is_flag=True, help="Do not wait for running jobs; a later build fetches them.")
@watch.option
@options.rebuy
@options.retry
@options.values
@options.variant
@click.option(
    "--out",
    "into",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Write the film to DIR; several stories go to DIR/NAME/.",
)
@click.option(
    "--loudness",
    type=click.FloatRange(-70, -5),
    metavar="LUFS",
    help="Bring the film's sound to this loudness, such as -16.  [default: as it is]",
)
@click.option("--burn-in", is_flag=True, help="Draw the address of each shot into the film, for a review.")
@click.option(
    "--concurrency", type=click.IntRange(1), metavar="N", help="Limit the jobs in flight at once.  [default: 5]"
)
@click.option("--attempts", type=click.IntRange(1), metavar="N", help="Limit the attempts at a job.  [default: 3]")
@options.store
@options.base_url
@click.option(
    "--callback-url",
    metavar="URL",
    type=options.WebAddress(),
    help="Have the gateway call this URL, unless a story sets one.",
)
@click.option(
    "--listen", metavar="HOST:PORT", type=options.Listening(), help="Listen for those calls, and poll less often."
)
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    only: tuple[str, ...],
    rebuy: tuple[str, ...],
    retry: tuple[str, ...],
    yes: bool,
    max_cost: Decimal | None,
    locked: bool,
    agreed: str | None,
    no_wait: bool,
    watching: bool,
    dry_run: bool,
    into: str | None,
    store: str | None,
    callback_url: str | None,
    listen: tuple[str, int] | None,
    loudness: float | None,
    burn_in: bool,
    as_json: bool,
    **flags: Any,
) -> ExitCode:
    """Build the film: render or buy every missing clip, join them, and write the film, its clips and a contact sheet
    to build/NAME/ beside the story. An error in any file stops the build before anything is bought."""
    from storyboard.cli.output_cache import Memory
    from storyboard.cli.plan import show_plan
    from storyboard.media.caption import Finish
    from storyboard.plan import PlanOptions
    from storyboard.project import Addresses, Run, Terms

    if watching:
        watch.refuse(
            **{"--json": as_json, "--dry-run": dry_run, "--plan": agreed, "--loudness": loudness, "--burn-in": burn_in}
        )
        return _watch(
            Watching(
                paths, options.parse_values(values), variant, only, options.folder(into), {**flags, "store": store}
            )
        )
    asked = PlanOptions(paths, only, rebuy, retry, options.parse_values(values), variant, flags["provider"])
    if agreed is not None:
        asked = _by_plan(asked, options.file(agreed))
    memory = Memory(whole=bool(asked.only or into))
    run = Run(
        asked.paths,
        values=asked.values,
        variant=asked.variant,
        flags={**flags, "store": store, "provider": asked.provider},
        recalled=memory.recalled,
    )
    addresses = Addresses(asked.only, asked.rebuy, asked.retry)
    planned = run.plan(addresses, building=agreed is None, locked=locked)
    if agreed is not None and not planned.compiled.has_errors:
        run.check_plan(planned, options.file(agreed))
    if dry_run:
        return show_plan(run, planned, memory, as_json, max_cost=max_cost)
    terms = Terms(
        may_buy=yes,
        max_cost=max_cost,
        locked=locked,
        no_wait=no_wait,
        callback_url=callback_url,
        listen=listen,
        finish=Finish(loudness, burn_in),
    )
    check_trust(planned, terms)
    if not as_json:
        tell_findings(planned.compiled)
    built: tuple[BuiltStory, ...] = ()
    if not planned.compiled.has_errors:
        _say_replacement(run)
        agreed_terms = ask_to_buy(run, planned, terms) if ask_about_values(planned, terms) else None
        if agreed_terms is None:
            return decline(planned, as_json)
        with progress(planned) as notify:
            built = run.build(planned, options.folder(into), agreed_terms, notify)
    parts = parts_of(built, as_json)
    code = show_built(planned, built, parts, as_json)
    memory.keep_build(run, planned, built, parts)
    return code


class Watching(NamedTuple):
    """What `build --watch` builds, again and again."""

    paths: tuple[str, ...]
    values: Mapping[str, str]
    variant: str
    only: tuple[str, ...]
    into: Path | None
    flags: Mapping[str, Any]


def _watch(asked: Watching) -> ExitCode:
    """Build again at every change, for free: whatever is configured or given, nothing is ever bought."""
    from storyboard.project import Addresses, Run
    from storyboard.project.build import folders_for
    from storyboard.project.discovery import BUILD
    from storyboard.report.frames import summary

    last: list[Line] | None = None

    def once(depends: Transcript, changed: Sequence[Path]) -> list[Path]:
        nonlocal last
        started = time.perf_counter()
        run = Run(asked.paths, values=asked.values, variant=asked.variant, flags=_free(asked.flags))
        planned = run.plan(Addresses(asked.only), building=True)
        depends.include(run.search)
        for file in planned.compiled.files:
            depends.include(file.depends)
        compiled = planned.compiled
        output = [*folders_for(compiled.stories, asked.into), *(store.folder for store in run.stores)]
        output += [story.path.parent / BUILD for story in compiled.stories]
        wrong = report(compiled.diagnostics, view()) if compiled.has_errors else []
        if wrong != last:
            out(wrong)
        last = wrong
        if compiled.has_errors:
            watch.tell_round(changed, summary(compiled.diagnostics, len(compiled.files)))
            return output
        built = run.build(planned, asked.into)  # without terms nothing is spent
        elapsed = time.perf_counter() - started
        for story in built:
            film = story.film.film or (story.film.draft.file if story.film.draft else story.film.folder)
            seconds = f"{float(story.film.seconds):g} s of film"
            watch.tell_round(changed, line(shown(film, view().base), f"  {seconds} ({elapsed:.1f} s)"))
        return output

    note([line(("note", "hint"), ": --watch renders locally and buys nothing")])
    return watch.watch(once)


def _free(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags with the provider that renders on this machine."""
    return {**flags, "provider": "animatic"}


def decline(planned: Planned, as_json: bool) -> ExitCode:
    """Report that nothing was bought or changed."""
    from storyboard.report.build import build_document

    if as_json:
        out_json(build_document((), planned.compiled.diagnostics, view().base))
    note([line("not bought; nothing was changed")])
    return ExitCode.SPENDING


def _by_plan(asked: PlanOptions, file: Path) -> PlanOptions:
    from storyboard.plan import asked_for

    planned = asked_for(file)
    return asked if planned is None else asked.by(planned, file)


def _say_replacement(run: Run) -> None:
    if run.values and not run.variant:
        note([line(("note", "hint"), ": this replaces the film without --set; use --as VARIANT to keep both")])


def parts_of(built: tuple[BuiltStory, ...], as_json: bool) -> dict[Path, BuildPart]:
    """Return what to show of each built story."""
    from storyboard.project.views import build_view
    from storyboard.report.build import build_part

    shown = view()
    return {
        story.planned.compiled.path: build_part(build_view(story), shown, for_people=not as_json) for story in built
    }


def show_built(
    planned: Planned, built: tuple[BuiltStory, ...], parts: Mapping[Path, BuildPart], as_json: bool
) -> ExitCode:
    """Show what a build made; return its exit code."""
    from storyboard.project.build import exit_code_of
    from storyboard.project.refused_jobs import refusals
    from storyboard.report.build import build_document, build_report
    from storyboard.report.views import BuildPart

    told = planned.in_order(parts, BuildPart)
    refused = refusals([story.result for story in built])
    if as_json:
        out_json(build_document(told, (*planned.compiled.diagnostics, *refused), view().base))
    else:
        note(report(refused, view(sys.stderr)))
        out(build_report(told))
    return ExitCode.STORY_ERRORS if planned.compiled.has_errors else exit_code_of(built)


@contextmanager
def progress(planned: Planned) -> Iterator[Notify]:
    """Show progress: bars on a terminal, plain lines elsewhere, nothing if there is nothing to do."""
    from storyboard.report.progress import PlainProgress, told_apart
    from storyboard.store.job_status import Verdict

    several = sum(not file.is_library for file in planned.compiled.files) > 1
    stories = [(story.compiled.name, story.compiled.jobs) for story in planned.stories if several]
    steps = (step for story in planned.stories for step in story.plan.steps)
    waiting = {step.key: step for step in steps if step.wanted and step.job and step.state is not Verdict.CACHED}
    if not waiting or not is_terminal(sys.stderr):
        yield told_apart(PlainProgress(note), stories)
        return
    from storyboard.report.live import live

    worth = [step.worth for step in waiting.values()]
    estimate = None if None in worth else sum(filter(None, worth), Decimal(0))
    with live(sys.stderr, len(waiting), has_colour(sys.stderr), estimate) as notify:
        yield told_apart(notify, stories)
