"""`storyboard reroll`."""

from __future__ import annotations

from decimal import Decimal

from storyboard.cli import completers, declare, options, value_types
from storyboard.cli.output import tell_findings
from storyboard.errors import ExitCode


@options.command(
    "reroll",
    ("storyboard reroll river.push", "buy another take of the shot's job; asks first"),
    ("storyboard reroll river.push --take 1", "go back to take 1, for free"),
)
@declare.argument("address", shell_complete=completers.addresses)
@options.paths
@declare.option(
    "--take",
    type=value_types.WholeNumber(1),
    metavar="N",
    help="Use this earlier take, for free.",
    shell_complete=completers.takes,
)
@declare.option("--yes", is_flag=True, help="Buy without asking.")
@declare.option("--max-cost", metavar="USD", type=value_types.DOLLARS, help="Buy without asking, up to this amount.")
@declare.option("--no-wait", is_flag=True, help="Do not wait for running jobs; a later build fetches them.")
@options.provider
@options.values
@options.variant
@options.store
@options.base_url
@options.log
@options.as_json
def command(
    *,
    address: str,
    paths: tuple[str, ...],
    take: int | None,
    yes: bool,
    max_cost: Decimal | None,
    no_wait: bool,
    provider: str | None,
    values: tuple[str, ...],
    variant: str,
    store: str | None,
    base_url: str | None,
    as_json: bool,
) -> ExitCode:
    """Buy another take of the job that holds a shot, or go back to an earlier take.

    Only that job is bought, and the old clip is kept. The lock records which take the film shows.
    """
    from storyboard.cli.buying import ask_to_buy, check_trust, decline, parts_of, progress, show_built
    from storyboard.project import Terms
    from storyboard.project.reroll import make, retake

    run = options.open_run(paths, values, variant, provider=provider, store=store, base_url=base_url)
    planned = run.plan()
    if planned.compiled.has_errors:
        if not as_json:
            tell_findings(planned.compiled)
        return show_built(planned, (), {}, as_json)
    other = retake(planned, address, take)
    terms = Terms(may_buy=yes, max_cost=max_cost, no_wait=no_wait)
    check_trust(other.planned, terms)
    if not as_json:
        tell_findings(planned.compiled)
    agreed = ask_to_buy(run, other.planned, terms)
    if agreed is None:
        return decline(other.planned, as_json)
    with progress(other.planned) as notify:
        built = make(
            other,
            agreed.leave or take is not None,
            lambda wanted, allowed: run.build(wanted, None, allowed, notify),
            agreed,
        )
    return show_built(other.planned, built, parts_of(built, as_json), as_json)
