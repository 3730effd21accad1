"""`storyboard plan`."""

from __future__ import annotations

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
    if into is not None and not planned.compiled.has_errors:
        run.save_plan(
            planned, options.file(into), PlanOptions(paths, only, rebuy, retry, run.values, variant, provider)
        )
    return show_plan(run, planned, memory, as_json, everything=everything)


def show_plan(run: Run, planned: Planned, memory: Memory, as_json: bool, *, everything: bool = False) -> ExitCode:
    """A plan as a result, to be remembered."""
    from storyboard.project.views import plan_view
    from storyboard.report.plan import plan_document, plan_part, plan_report
    from storyboard.report.views import PlanPart

    compiled, shown = planned.compiled, view()
    made = {
        story.compiled.path: plan_part(plan_view(story), shown, for_people=not as_json, everything=everything)
        for story in planned.stories
    }
    parts = planned.in_order(made, PlanPart)
    if as_json:
        out_json(plan_document(parts, compiled.diagnostics, shown.base))
    else:
        tell_findings(compiled)
        out(plan_report(parts) if parts else [])
    memory.keep_plan(run, planned, made)
    return ExitCode.STORY_ERRORS if compiled.has_errors else ExitCode.DONE
