"""`storyboard build`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storyboard.cli import completers, declare, options, value_types
from storyboard.cli.output import hint, tell_findings, view
from storyboard.errors import ExitCode, UsageError
from storyboard.fast_named_tuples import NamedTuple
from storyboard.report.style import line, shown

if TYPE_CHECKING:
    from storyboard.files.transcript import Transcript
    from storyboard.project import BuiltStory, Run


@options.command(
    "build",
    ("storyboard build", "build every story locally, for free"),
    ("storyboard build lantern.story --provider kirin", "buy what is missing; asks first"),
    ("storyboard build --watch lantern.story", "render again, for free, whenever a file is saved"),
    ("storyboard build --only arrival --max-cost 2", "one scene, for at most 2 USD"),
)
@options.paths
@options.provider
@options.only
@declare.option("--yes", is_flag=True, help="Buy without asking.")
@declare.option("--max-cost", metavar="USD", type=value_types.DOLLARS, help="Buy without asking, up to this amount.")
@declare.option("--locked", is_flag=True, help="Spend nothing: use only the clips in the lock.")
@declare.option("--dry-run", is_flag=True, help="Check and plan; build nothing.")
@declare.option(
    "--plan",
    "agreed",
    metavar="FILE",
    shell_complete=completers.files,
    help="Build only this saved plan, if it still holds.",
)
@declare.option("--no-wait", is_flag=True, help="Leave running jobs for a later build to fetch.")
@declare.option("--detach", is_flag=True, help="Leave missing jobs to the team's workers; exit with 6.")
@declare.option("--wait", is_flag=True, help="Wait for the team's workers to buy missing jobs.")
@declare.option(
    "--priority",
    metavar="LEVEL",
    type=value_types.OneOf(("low", "normal", "high")),
    default="normal",
    help="Serve this build at low, normal or high priority.",
)
@options.watching
@options.rebuy
@options.retry
@options.values
@options.variant
@declare.option(
    "--out",
    "into",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Write the film to DIR, or several to DIR/NAME/.",
)
@declare.option(
    "--loudness",
    type=value_types.NumberWithin(-70, -5),
    metavar="LUFS",
    help="Set the loudness of the film, such as -16.",
)
@declare.option("--burn-in", is_flag=True, help="Draw each shot's address into the film.")
@declare.option(
    "--concurrency",
    type=value_types.WholeNumber(1),
    metavar="N",
    help="Limit the jobs in flight at once.  [default: 5]",
)
@declare.option(
    "--attempts", type=value_types.WholeNumber(1), metavar="N", help="Limit the attempts at a job.  [default: 3]"
)
@options.store
@options.base_url
@declare.option(
    "--callback-url",
    metavar="URL",
    type=value_types.WEB_ADDRESS,
    help="Have the gateway call this URL, unless a story sets one.",
)
@declare.option(
    "--listen", metavar="HOST:PORT", type=value_types.LISTENING, help="Listen for those calls, and poll less often."
)
@options.log
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
    detach: bool,
    wait: bool,
    priority: str,
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
    """Build the film and its contact sheet in build/NAME/ beside the story. An error in any file stops the build
    before anything is bought."""
    from storyboard.cli.buying import (
        ask_about_values,
        ask_to_buy,
        check_project_names,
        check_trust,
        check_workers,
        decline,
        fetch_shared,
        parts_of,
        progress,
        shared,
        show_built,
    )
    from storyboard.cli.output_cache import Memory
    from storyboard.cli.plan import show_plan
    from storyboard.media.caption import Finish
    from storyboard.plan import PlanOptions
    from storyboard.plan.plan_file import asked_for
    from storyboard.project import Addresses, Terms

    if detach and wait:
        raise UsageError("--detach and --wait cannot be combined", help="choose one")
    if watching:
        from storyboard.cli import watch

        watch.refuse(
            **{
                "--detach": detach,
                "--wait": wait,
                "--json": as_json,
                "--dry-run": dry_run,
                "--plan": agreed,
                "--loudness": loudness,
                "--burn-in": burn_in,
            }
        )
        return _watch(
            Watching(
                paths, options.parse_values(values), variant, only, options.folder(into), {**flags, "store": store}
            )
        )
    asked = PlanOptions(paths, only, rebuy, retry, options.parse_values(values), variant, flags["provider"])
    if agreed is not None:
        kept = asked_for(options.file(agreed))
        asked = asked if kept is None else asked.by(kept, options.file(agreed))
    memory = Memory(whole=bool(asked.only or into))
    run = options.open_run(
        asked.paths,
        asked.values,
        asked.variant,
        recalled=memory.recalled,
        **{**flags, "store": store, "provider": asked.provider},
    )
    addresses = Addresses(asked.only, asked.rebuy, asked.retry)
    planned = run.plan(addresses, building=agreed is None, locked=locked)
    if agreed is not None and not planned.compiled.has_errors:
        run.check_plan(planned, options.file(agreed))
    if not dry_run and fetch_shared(planned):
        planned = run.plan(addresses, building=agreed is None, locked=locked)
    if dry_run:
        return show_plan(run, planned, memory, "json" if as_json else "text", max_cost=max_cost)
    terms = Terms(
        may_buy=yes,
        max_cost=max_cost,
        locked=locked,
        no_wait=no_wait or detach,
        left_to_workers=detach or wait,
        priority=priority,
        callback_url=callback_url,
        listen=listen,
        finish=Finish(loudness, burn_in),
    )
    if terms.left_to_workers:
        check_workers(planned)
    check_trust(planned, terms)
    if not locked:
        check_project_names(planned.stories)
    if not as_json:
        tell_findings(planned.compiled)
    built: tuple[BuiltStory, ...] = ()
    if not planned.compiled.has_errors:
        _say_replacement(run)
        agreed_terms = ask_to_buy(run, planned, terms) if ask_about_values(planned, terms) else None
        if agreed_terms is None:
            return decline(planned, as_json)
        with shared(planned, locked=locked), progress(planned) as notify:
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
    """Build again at every change, for free: nothing is ever bought, whatever the configuration or options."""
    from storyboard.cli import watch
    from storyboard.project import Addresses
    from storyboard.project.build import folders_for
    from storyboard.project.discovery import BUILD

    findings = watch.FindingsShown()

    def once(depends: Transcript, changed: Sequence[Path]) -> list[Path]:
        started = time.perf_counter()
        run = options.open_run(asked.paths, asked.values, asked.variant, **_free(asked.flags))
        planned = run.plan(Addresses(asked.only), building=True)
        compiled = planned.compiled
        watch.depend_on(depends, run, compiled)
        output = [*folders_for(compiled.stories, asked.into), *(store.folder for store in run.stores)]
        output += [story.path.parent / BUILD for story in compiled.stories]
        findings.show(compiled, with_warnings=False)
        if compiled.has_errors:
            watch.tell_checked(changed, compiled)
            return output
        built = run.build(planned, asked.into)  # without terms nothing is spent
        elapsed = time.perf_counter() - started
        for story in built:
            film = story.film.film or (story.film.draft.file if story.film.draft else story.film.folder)
            seconds = f"{float(story.film.seconds):g} s of film"
            watch.tell_round(changed, line(shown(film, view().base), f"  {seconds} ({elapsed:.1f} s)"))
        return output

    hint("--watch renders locally and buys nothing")
    return watch.watch(once)


def _free(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags with the provider that renders locally."""
    return {**flags, "provider": "animatic"}


def _say_replacement(run: Run) -> None:
    if run.values and not run.variant:
        hint("this replaces the film without --set; use --as VARIANT to keep both")
