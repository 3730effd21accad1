"""`storyboard simulate`."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.decorators import FC

from storyboard.cli.help import Command
from storyboard.cli.output import note, out
from storyboard.errors import UsageError
from storyboard.files.disk import read_file
from storyboard.simulator.config import DUPLICATES
from storyboard.simulator.messages import DIALECTS

if TYPE_CHECKING:
    from storyboard.simulator import FaultRule
    from storyboard.simulator.account_book import Entry
    from storyboard.simulator.server import RunningSimulator

PORT = 8765
EXTRA = frozenset({"starlette", "uvicorn", "anyio", "h11"})


class NumberOption(click.ParamType[Any]):
    """A number from 0 on, or over 0, exact or not."""

    name = "number"

    def __init__(self, make: type[Decimal] | type[float] = float, *, over: bool = False, most: float = inf) -> None:
        self._make, self._over, self._most = make, over, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal | float:
        """In its kind."""
        try:
            number = self._make(value)
        except (ValueError, InvalidOperation):
            number = self._make("nan")
        if not 0 <= number <= self._most or not isfinite(number) or (self._over and not number):
            limits = f"{'over' if self._over else 'from'} 0" + (f" to {self._most:g}" if self._most < inf else "")
            self.fail(f"`{value}` is not a number {limits}", param, ctx)
        return number


class BasePath(click.ParamType[str]):
    """A path without a slash at its end, or nothing."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it stands before other paths."""
        bare = str(value).strip("/")
        return f"/{bare}" if bare else ""


def _option(name: str, metavar: str, text: str, kind: click.ParamType[Any], default: Any = None) -> Callable[[FC], FC]:
    return click.option(name, metavar=metavar, type=kind, default=default, help=text)


FILE = click.Path(path_type=Path)


@click.command(
    "simulate",
    cls=Command,
    examples=(
        ("storyboard simulate", "a gateway that sells for nothing"),
        ("storyboard simulate --take 2 --chaos 0.1", "quick, with faults"),
        ("storyboard simulate --faults faults.json", "with staged faults"),
    ),
)
@_option("--host", "NAME", "Where it listens; this machine alone.", click.STRING, "127.0.0.1")
@_option("--port", "N", f"{PORT}; 0 is any free one.", click.IntRange(0, 65535), PORT)
@_option("--base-path", "PATH", "Stands before the gateway's paths.", BasePath(), "")
@click.option("--key", "keys", metavar="KEY", multiple=True, help="The keys let in, again for each; any.")
@_option("--speed", "N", "Tasks are so many times faster.", NumberOption(over=True), 1.0)
@_option("--take", "S", "Every task takes so many seconds.", NumberOption())
@_option("--discount", "N", "What is charged of the card's price.", NumberOption(Decimal), Decimal(1))
@_option("--balance", "USD", "What each account has; enough.", NumberOption(Decimal))
@click.option("--bill-failed", is_flag=True, help="Failed tasks are charged too.")
@click.option(
    "--duplicates",
    type=click.Choice(DUPLICATES),
    metavar="WHAT",
    default="refuse",
    help="A repeated external_task_id: refuse (409), bad-request (400), replay (the old task), second (a new one).",
)
@click.option("--free-failed-ids", is_flag=True, help="An id is free again when its task failed.")
@click.option(
    "--no-lookup",
    type=click.Choice(["both", *DIALECTS]),
    metavar="[DIALECT]",
    is_flag=False,
    flag_value="both",
    help="No look-up by external_task_id: both, generation, queue.",
)
@_option("--show-after", "S", "A look-up by it finds a task after so many seconds.", NumberOption(), 0.0)
@_option("--poll-after", "S", "So does one by the task's own id.", NumberOption(), 0.0)
@_option("--forget-after", "S", "A task is cleared so many seconds after its end.", NumberOption())
@_option("--url-life", "S", "A result's address is good for; 3600.", NumberOption(), 3600.0)
@_option("--rate", "N", "Requests a second for each account; any.", NumberOption(over=True))
@_option("--concurrency", "N", "Unfinished tasks for each account; any.", click.IntRange(1))
@click.option("--wrapped", is_flag=True, help="Every answer comes in an envelope.")
@_option("--faults", "FILE", "Rules to begin with, as JSON.", FILE)
@_option("--chaos", "SHARE", "Requests that meet a fault by chance, 0 to 1.", NumberOption(most=1), 0.0)
@_option("--seed", "N", "Decides which.", click.INT, 0)
@_option("--book", "FILE", "Keep the account book as JSON Lines.", FILE)
@click.option("--quiet", is_flag=True, help="Print the address alone.")
def command(
    *, faults: Path | None, quiet: bool, keys: tuple[str, ...], no_lookup: str | None, **behaviour: Any
) -> None:
    """Run a gateway that sells clips for nothing, in both dialects, until Ctrl-C.

    Tests, demos and pipelines of your own run against it. It keeps an account book and fails on request; every fault
    that can be staged stands in docs/simulator.md.
    """
    serve = _server()
    from storyboard.project import open_project
    from storyboard.simulator import SimulatorConfig

    config = SimulatorConfig(
        keys=frozenset(keys),
        no_lookup=frozenset(each for each in DIALECTS if no_lookup in (each, "both")),
        faults=_rules(faults) if faults else (),
        catalog=open_project().catalog,
        **behaviour,
    )
    with serve(config) as running:
        _stand(running, quiet, keys[0] if keys else "anything")


def _server() -> Callable[..., RunningSimulator]:
    try:
        from storyboard.simulator import serve
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        raise UsageError(
            "the simulator needs the extra `simulate`", help="pip install 'storyboard-dsl[simulate]'"
        ) from None
    return serve


def _rules(path: Path) -> tuple[FaultRule, ...]:
    from storyboard.simulator import rules_from

    try:
        document = json.loads(read_file(path))
    except OSError as trouble:
        raise UsageError(f"{path} cannot be read: {trouble.strerror}") from trouble
    except (ValueError, RecursionError) as wrong:
        raise UsageError(f"{path} is not JSON: {wrong}") from None
    return rules_from(document)


def _stand(running: RunningSimulator, quiet: bool, key: str) -> None:
    """Until somebody ends it."""
    from storyboard.report.simulated import farewell, welcome
    from storyboard.report.style import line

    ended = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: ended.set())
    if not quiet:
        running.book.listen = _say
    out([line(running.url)] if quiet else welcome(running.url, running.origin, key))
    sys.stdout.flush()
    ended.wait()
    if not quiet:
        note(farewell(running.totals()))


def _say(entry: Entry) -> None:
    from storyboard.report.simulated import happened

    told = happened(entry)
    if told:
        note([told])
