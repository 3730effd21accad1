"""`storyboard plan`."""

from __future__ import annotations

import shlex
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from storyboard.cli import options
from storyboard.cli.findings import tell_findings
from storyboard.cli.help import Command
from storyboard.cli.output import out, out_json, view
from storyboard.errors import ExitCode

if TYPE_CHECKING:
    from storyboard.cli.output_cache import Memory
    from storyboard.project import Planned, Run


@click.command(
    "plan",
    cls=Command,
    examples=(
        ("storyboard plan lantern.story", "show what a build would buy, and why"),
        ("storyboard plan --only arrival", "show what one scene would cost"),
        ("storyboard plan --out plan.json", "save it for build --plan plan.json"),
    ),
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
@click.option("--out", "into", metavar="FILE", help="Save the plan to this file, for build --plan.")
@click.option("--all", "everything", is_flag=True, help="Also list clips of earlier versions that are kept.")
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
    as_json: bool,
) -> ExitCode:
    """Show each job's state, the reason and the price. Spends nothing; the exit code does not depend on the price."""
    from storyboard.cli.output_cache import Memory
    from storyboard.plan import PlanOptions
    from storyboard.project import Addresses, Run

    flags = {"provider": provider, "base_url": base_url, "store": store}
    memory = Memory(whole=bool(only))
    run = Run(paths, values=options.parse_values(values), variant=variant, flags=flags, recalled=memory.recalled)
    planned = run.plan(Addresses(only, rebuy, retry))
    asked = PlanOptions(paths, only, rebuy, retry, run.values, variant, provider or _provider_to_name(run))
    if into is not None and not planned.compiled.has_errors:
        run.save_plan(planned, options.file(into), replace(asked, provider=provider))
    words = ["--plan", into] if into is not None else asked.words
    words += [
        word for option, value in (("--store", store), ("--base-url", base_url)) if value for word in (option, value)
    ]
    command_line = shlex.join(["storyboard", "build", *words])
    return show_plan(run, planned, memory, as_json, next_command=command_line, everything=everything)


def _provider_to_name(run: Run) -> str | None:
    """The provider that `build` must be told, as it would take a free one by itself; None where it takes this one."""
    settings = [project.settings for project in run.projects]
    return next((each.paying for each in settings if each.building != each.paying), None)


def show_plan(
    run: Run,
    planned: Planned,
    memory: Memory,
    as_json: bool,
    *,
    next_command: str = "",
    everything: bool = False,
    max_cost: Decimal | None = None,
) -> ExitCode:
    """Show a plan, with the command that carries it out where there is one to name, and remember it."""
    from storyboard.project.views import plan_view
    from storyboard.report.plan import plan_document, plan_part, plan_report, with_max_cost
    from storyboard.report.views import PlanPart

    compiled, shown = planned.compiled, view()
    made = {
        story.compiled.path: plan_part(plan_view(story), shown, for_people=not as_json, everything=everything)
        for story in planned.stories
    }
    parts = with_max_cost(planned.in_order(made, PlanPart), max_cost)
    if as_json:
        out_json(plan_document(parts, compiled.diagnostics, shown.base))
    else:
        tell_findings(compiled)
        out(plan_report(parts, next_command) if parts else [])
    memory.keep_plan(run, planned, made)
    return ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE
