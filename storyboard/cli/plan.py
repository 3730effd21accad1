"""`storyboard plan`."""

from __future__ import annotations

import shlex
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from storyboard.cli import completers, declare, options, value_types
from storyboard.cli.output import hint, out, out_json, out_text, tell_findings, view
from storyboard.errors import ExitCode, StoryboardError, UsageError
from storyboard.fast_dataclasses import replace

if TYPE_CHECKING:
    from storyboard.cli.output_cache import Memory
    from storyboard.project import Planned, Run
    from storyboard.report.views import AgainstView

Form: TypeAlias = Literal["text", "json", "markdown"]
FORMS: tuple[Form, ...] = ("text", "json", "markdown")


@options.command(
    "plan",
    ("storyboard plan lantern.story", "show what a build would buy, and why"),
    ("storyboard plan --only arrival", "show what one scene would cost"),
    ("storyboard plan --out plan.json", "save it for build --plan plan.json"),
    ("storyboard plan --against main", "show which shots changed since a commit, and what that costs"),
)
@options.paths
@options.values
@options.variant
@options.provider
@options.store
@options.base_url
@options.only
@options.rebuy
@options.retry
@declare.option(
    "--out",
    "into",
    metavar="FILE",
    shell_complete=completers.files,
    help="Save the plan to this file, for build --plan.",
)
@declare.option("--all", "everything", is_flag=True, help="Also list clips of earlier versions that are kept.")
@declare.option("--against", "ref", metavar="COMMIT", help="Also show what changed since a git commit, and its price.")
@declare.option(
    "--format", "form", type=value_types.OneOf(FORMS), default="text", help="Output format.  [default: text]"
)
@declare.option("--page", metavar="URL", help="Address that the Markdown links to for pictures and the whole plan.")
@options.as_json
def command(
    *,
    paths: tuple[str, ...],
    values: tuple[str, ...],
    variant: str,
    provider: str | None,
    store: str | None,
    base_url: str | None,
    only: tuple[str, ...],
    rebuy: tuple[str, ...],
    retry: tuple[str, ...],
    into: str | None,
    everything: bool,
    ref: str | None,
    form: Form,
    page: str | None,
    as_json: bool,
) -> ExitCode:
    """Show each job's state, the reason and the price. Spends nothing; the exit code does not depend on the price."""
    from storyboard.cli.output_cache import Memory
    from storyboard.plan import PlanOptions
    from storyboard.project import Addresses

    flags = {"provider": provider, "base_url": base_url, "store": store}
    form = "json" if as_json else form
    if page is not None and form != "markdown":
        raise UsageError("--page needs --format markdown")
    memory = Memory(whole=bool(only) or ref is not None or form == "markdown")
    run = options.open_run(paths, values, variant, recalled=memory.recalled, **flags)
    planned = run.plan(Addresses(only, rebuy, retry))
    asked = PlanOptions(paths, only, rebuy, retry, run.values, variant, provider or _provider_to_name(run))
    if into is not None and not planned.compiled.has_errors:
        run.save_plan(planned, options.file(into), replace(asked, provider=provider))
    words = ["--plan", into] if into is not None else asked.words
    words += [
        word for option, value in (("--store", store), ("--base-url", base_url)) if value for word in (option, value)
    ]
    command_line = shlex.join(["storyboard", "build", *words])
    against = None
    if ref is not None and not planned.compiled.has_errors:
        from storyboard.project.views import against_view

        against = against_view(planned, run.stories_at(ref))
    return show_plan(
        run, planned, memory, form, next_command=command_line, everything=everything, against=against, page=page
    )


def _provider_to_name(run: Run) -> str | None:
    """Return the `--provider` that `build` needs to carry out this plan; None if it is the default."""
    settings = [project.settings for project in run.projects]
    return next((each.paying for each in settings if each.building != each.paying), None)


def show_plan(
    run: Run,
    planned: Planned,
    memory: Memory,
    form: Form,
    *,
    next_command: str = "",
    everything: bool = False,
    max_cost: Decimal | None = None,
    against: AgainstView | None = None,
    page: str | None = None,
) -> ExitCode:
    """Show a plan, with the command that carries it out, and cache it. As Markdown it is a comment under a pull
    request, which links to `page`."""
    from storyboard.project.views import plan_view
    from storyboard.report.plan import plan_document, plan_part, plan_report, with_max_cost
    from storyboard.report.views import PlanPart

    compiled, shown = planned.compiled, view()
    _say_what_was_not_asked(planned)
    views = {story.compiled.path: plan_view(story) for story in planned.stories}
    made = {
        path: plan_part(each, shown, for_people=form != "json", everything=everything) for path, each in views.items()
    }
    parts = with_max_cost(planned.in_order(made, PlanPart), max_cost)
    code = ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE
    if form == "markdown":
        from storyboard.report.plan_markdown import plan_markdown

        out_text(plan_markdown(list(views.values()), parts, against, compiled.diagnostics, shown.base, page=page))
        return code
    changes, compared = [], None
    if against is not None:
        from storyboard.report.shot_changes import against_document, changes_report

        changes = changes_report(against, parts, shown.base)
        compared = against_document(against, parts, shown.base)
    if form == "json":
        document = plan_document(parts, compiled.diagnostics, shown.base)
        if compared is not None:
            document["against"] = compared
        out_json(document)
    else:
        tell_findings(compiled)
        out(plan_report(parts, next_command, changes) if parts else [])
    memory.keep_plan(run, planned, made)
    return code


def _say_what_was_not_asked(planned: Planned) -> None:
    """Say once why a team's ledger was not asked: then what others have bought is not in the plan."""
    away = {story.team.message for story in planned.stories if isinstance(story.team, StoryboardError)}
    for why in sorted(away):
        hint(f"the plan knows only what this machine and the lock know: {why}")
