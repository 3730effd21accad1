"""`storyboard simulate`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.decorators import FC

from storyboard.cli import options
from storyboard.cli.output import flush, note, out, out_line
from storyboard.errors import MissingExtraError
from storyboard.simulator.config import DUPLICATES
from storyboard.simulator.messages import DIALECTS

if TYPE_CHECKING:
    from storyboard.simulator.server import RunningSimulator

PORT = 8765
EXTRA = frozenset({"starlette", "uvicorn", "anyio", "h11"})


class NumberOption(click.ParamType[Any]):
    """A number of at least 0, or above 0, up to a limit."""

    name = "number"

    def __init__(self, make: type[Decimal] | type[float] = float, *, over: bool = False, most: float = inf) -> None:
        self._make, self._over, self._most = make, over, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal | float:
        """Parse and check a number."""
        try:
            number = self._make(value)
        except (ValueError, InvalidOperation):
            number = self._make("nan")
        if not 0 <= number <= self._most or not isfinite(number) or (self._over and not number):
            limits = f"{'over' if self._over else 'from'} 0" + (f" to {self._most:g}" if self._most < inf else "")
            self.fail(f"`{value}` is not a number {limits}", param, ctx)
        return number


class BasePath(click.ParamType[str]):
    """A path that begins with a slash and does not end with one, or an empty one."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Normalize the slashes."""
        bare = str(value).strip("/")
        return f"/{bare}" if bare else ""


def _option(name: str, metavar: str, text: str, kind: click.ParamType[Any], default: Any = None) -> Callable[[FC], FC]:
    return click.option(name, metavar=metavar, type=kind, default=default, help=text)


FILE = click.Path(path_type=Path)


@options.command(
    "simulate",
    ("storyboard simulate", "run a free gateway"),
    ("storyboard simulate --take 2 --chaos 0.1", "fast, with random faults"),
    ("storyboard simulate --faults faults.json", "run with staged faults"),
)
@_option("--host", "NAME", "Address to listen on.  [default: 127.0.0.1]", click.STRING, "127.0.0.1")
@_option("--port", "N", f"Port to listen on; 0 picks a free one.  [default: {PORT}]", click.IntRange(0, 65535), PORT)
@_option("--base-path", "PATH", "Prefix for the gateway's paths.  [default: none]", BasePath(), "")
@click.option(
    "--key", "keys", metavar="KEY", multiple=True, help="Accept only this key; repeatable.  [default: any key]"
)
@_option("--speed", "N", "Speed factor of tasks.  [default: 1]", NumberOption(over=True), 1.0)
@_option("--take", "S", "Seconds for each task.  [default: as real ones]", NumberOption())
@_option("--discount", "N", "Share of the card's price to charge.  [default: 1]", NumberOption(Decimal), Decimal(1))
@_option("--balance", "USD", "Starting balance of each account, in USD.  [default: unlimited]", NumberOption(Decimal))
@click.option("--bill-failed", is_flag=True, help="Charge failed tasks too.")
@click.option(
    "--duplicates",
    type=click.Choice(DUPLICATES),
    metavar="WHAT",
    default="refuse",
    help="Answer a repeated external_task_id: refuse (409), bad-request (400), replay (old task), second (new one).",
)
@click.option("--free-failed-ids", is_flag=True, help="Allow the id of a failed task to be used again.")
@click.option(
    "--no-lookup",
    type=click.Choice(["both", *DIALECTS]),
    metavar="[DIALECT]",
    is_flag=False,
    flag_value="both",
    help="Disable look-up by external_task_id in one dialect (generation, queue) or both.",
)
@_option("--show-after", "S", "Seconds until look-up finds a task.  [default: 0]", NumberOption(), 0.0)
@_option("--poll-after", "S", "Seconds until polling finds a task.  [default: 0]", NumberOption(), 0.0)
@_option("--forget-after", "S", "Seconds a finished task is kept.  [default: forever]", NumberOption())
@_option("--url-life", "S", "Seconds that a result's URL works.  [default: 3600]", NumberOption(), 3600.0)
@_option("--rate", "N", "Requests per second and account.  [default: no limit]", NumberOption(over=True))
@_option("--concurrency", "N", "Running tasks per account.  [default: any]", click.IntRange(1))
@click.option("--wrapped", is_flag=True, help="Wrap every answer in an envelope.")
@_option("--faults", "FILE", "Read fault rules from this JSON file.", FILE)
@_option("--chaos", "SHARE", "Share of requests that fail at random.  [default: 0]", NumberOption(most=1), 0.0)
@_option("--seed", "N", "Seed for random faults.  [default: 0]", click.INT, 0)
@_option("--book", "FILE", "Write the account book to this JSON Lines file.", FILE)
@click.option("--quiet", is_flag=True, help="Print only the address.")
def command(
    *, faults: Path | None, quiet: bool, keys: tuple[str, ...], no_lookup: str | None, **behaviour: Any
) -> None:
    """Run a free simulated gateway, in both dialects, until Ctrl-C.

    Use it for tests, demos and CI. It keeps an account book and fails on request; docs/simulator.md lists the faults.
    """
    from storyboard.project import open_project

    try:
        from storyboard.simulator import SimulatorConfig, read_rules, serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingExtraError("the simulator", "simulate") from None
    config = SimulatorConfig(
        keys=frozenset(keys),
        no_lookup=frozenset(each for each in DIALECTS if no_lookup in (each, "both")),
        faults=read_rules(faults) if faults else (),
        catalog=open_project().catalog,
        **behaviour,
    )
    with serve(config) as running:
        _stand(running, quiet, keys[0] if keys else "anything")


def _stand(running: RunningSimulator, quiet: bool, key: str) -> None:
    """Serve until SIGINT or SIGTERM."""
    from storyboard.report.simulate import farewell, happened, welcome
    from storyboard.run.signals import stop_event

    stopped = stop_event()
    if not quiet:
        running.book.listen = lambda entry: note(filter(None, [happened(entry)]))
    if quiet:
        out_line(running.url)
    else:
        out(welcome(running.url, running.origin, key))
    flush()
    stopped.wait()
    if not quiet:
        note(farewell(running.totals()))
