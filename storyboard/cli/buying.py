"""What `build` and `reroll` share: permission to buy, the team's bucket, the progress of a run, and its result."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from storyboard.cli.output import ask, can_ask, has_colour, is_terminal, note, note_line, note_view, out, out_json, view
from storyboard.cli.run_log import run_log
from storyboard.errors import ExitCode, SpendingError, UsageError
from storyboard.fast_dataclasses import replace
from storyboard.project import BuiltStory, Planned, PlannedStory, Run, Terms
from storyboard.project.build import check_permissions, check_system, exit_code_of, refusals
from storyboard.project.views import build_view
from storyboard.report.build import build_document, build_part, build_report
from storyboard.report.confirm import Purchasable, buying_question, buying_report
from storyboard.report.frames import report
from storyboard.report.progress import PlainProgress, told_apart
from storyboard.report.views import BuildPart
from storyboard.run.credentials import find_key, host_of
from storyboard.run.events import Notify
from storyboard.run.url_policy import is_loopback
from storyboard.store.job_status import Verdict


def ask_to_buy(run: Run, planned: Planned, terms: Terms) -> Terms | None:
    """On a terminal, ask whether to buy what is missing, showing jobs, gateway, price and warnings.

    Return the terms with the given permission; None if the answer was no.
    """
    if not can_ask() or terms.locked or terms.leave:
        return terms
    bought = _to_buy(planned)
    if not bought:
        return terms
    note(buying_report(bought, _settings(planned), planned.compiled.diagnostics, note_view()))
    return replace(terms, may_buy=True) if ask(buying_question(bought)) else None


def ask_about_values(planned: Planned, terms: Terms) -> bool:
    """Ask whether to build a variant with other values than those in its lock; False if the answer was no. Raise
    SpendingError if nobody can be asked."""
    for story in planned.stories:
        kept, now = story.compiled.lock.values, story.compiled.values
        if not kept or kept == now or terms.locked or terms.may_buy:
            continue
        name = f"variant {story.compiled.variant} of {story.compiled.path.name}"
        said = f"{name} was built with {_listed(kept)}, and now has {_listed(now)}"
        if not can_ask():
            raise SpendingError(said, help="pass --yes to change the variant, or give the new values another --as")
        if not ask(f"{said}. Build it with the new values?"):
            return False
    return True


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text}" for name, text in sorted(values.items()))


def check_trust(planned: Planned, terms: Terms) -> None:
    """Raise PermissionNeeded if only a project's own files decide where the key goes or how money is spent, and
    UsageError if nothing may be bought on this system."""
    check_system(planned.stories, terms)
    check_permissions(planned.stories, buying=not terms.locked and (terms.leave or can_ask()))


def check_workers(planned: Planned) -> None:
    """Raise UsageError if jobs are to be left to workers that cannot learn of them."""
    for story in planned.stories:
        if story.compiled.project.settings.ledger is None:
            raise UsageError(
                "--detach and --wait leave jobs to workers, and this project shares no ledger",
                help="set `ledger` or STORYBOARD_LEDGER, such as STORYBOARD_LEDGER=postgresql://host/films",
            )
        if not story.provider.pays:
            raise UsageError(
                f"--detach and --wait leave jobs to workers, and {story.provider.name} renders here, for free",
                help="name the provider that is paid, such as --provider kirin",
            )


def _to_buy(planned: Planned) -> tuple[Purchasable, ...]:
    """Return what would be bought with the available API keys, each job once."""
    found: dict[str, Purchasable] = {}
    for story in planned.stories:
        if story.provider.pays and story.plan.buying and story.request.whose.account:
            for step in story.plan.buying:
                take = step.job.take if step.job else 0
                kept = tuple(each for each in _takes_kept(story, step.job.base if step.job else "") if each != take)
                found.setdefault(step.key, Purchasable(step, kept, _gateway(story)))
    return tuple(found.values())


def _takes_kept(story: PlannedStory, base: str) -> list[int]:
    """Return the takes of a job whose clips are kept, by the story's lock."""
    return sorted(block.take for block in story.compiled.lock.blocks.values() if block.base == base and block.clip)


def _gateway(story: PlannedStory) -> str:
    url = story.provider.base_url
    return f"a simulated gateway at {host_of(url)}" if is_loopback(url) else host_of(url) or story.provider.name


def _settings(planned: Planned) -> str:
    """Return the variants and their values; "" if there are none."""
    return "; ".join(dict.fromkeys(filter(None, (story.compiled.in_words for story in planned.stories))))


def decline(planned: Planned, as_json: bool) -> ExitCode:
    """Report that nothing was bought or changed."""
    if as_json:
        out_json(build_document((), planned.compiled.diagnostics, view().base))
    note_line("not bought; nothing was changed")
    return ExitCode.SPENDING


def parts_of(built: tuple[BuiltStory, ...], as_json: bool) -> dict[Path, BuildPart]:
    """Return what to show of each built story."""
    shown = view()
    return {
        story.planned.compiled.path: build_part(build_view(story), shown, for_people=not as_json) for story in built
    }


def show_built(
    planned: Planned, built: tuple[BuiltStory, ...], parts: Mapping[Path, BuildPart], as_json: bool
) -> ExitCode:
    """Show what a build made; return its exit code."""
    told = planned.in_order(parts, BuildPart)
    refused = refusals([story.result for story in built])
    if as_json:
        out_json(build_document(told, (*planned.compiled.diagnostics, *refused), view().base))
    else:
        note(report(refused, note_view()))
        out(build_report(told))
    return ExitCode.STORY_ERRORS if planned.compiled.has_errors else exit_code_of(built)


def fetch_shared(planned: Planned) -> bool:
    """Fetch clips that the locks name from the bucket, if there is one; return whether any came, so that the plan has
    to be made again.

    Raises PermissionNeeded if only the project's own file names the bucket.
    """
    if planned.compiled.has_errors or not _has_bucket(planned.stories):
        return False
    from storyboard.project.shared_clips import fetch_named_clips
    from storyboard.report.sharing import fetched_report

    came = False
    for done in fetch_named_clips(planned.stories):
        came = came or done.clips > 0
        note(fetched_report(done))
    return came


def check_project_names(stories: Sequence[PlannedStory]) -> None:
    """Raise UsageError if something would be bought for a team by a project without a name."""
    if _has_bucket(stories):
        from storyboard.project.team_bucket import project_name

        for story in stories:
            if story.compiled.project.settings.clips and story.provider.pays and any(story.plan.buying):
                project_name(story.compiled.project)


@contextmanager
def shared(planned: Planned, *, locked: bool) -> Iterator[None]:
    """Send what a build buys to the bucket while it runs. A later command sends what could not be sent."""
    if locked or not _has_bucket(planned.stories):
        yield
        return
    from storyboard.project.share_purchases import sharing
    from storyboard.report.sharing import left_report

    with sharing(planned.stories, lambda sent: note(left_report(sent))):
        yield


def _has_bucket(stories: Iterable[PlannedStory]) -> bool:
    return any(story.compiled.project.settings.clips for story in stories)


@contextmanager
def progress(planned: Planned) -> Iterator[Notify]:
    """Show progress: bars on a terminal, plain lines elsewhere, nothing if there is nothing to do; JSON if the log is
    JSON."""
    if run_log.lines is not None:
        for story in planned.stories:
            run_log.lines.add_story(
                story.compiled.name, ((step.key, step.job) for step in story.plan.steps if step.job)
            )
            if story.provider.pays:
                run_log.lines.hide(find_key(story.provider.base_url))
        yield run_log.lines
        return
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
