"""How a command is declared: its examples, and the options and arguments that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from storyboard.cli import completers, declare, value_types
from storyboard.cli.declare import DeclaredCommand
from storyboard.errors import UsageError

if TYPE_CHECKING:
    import click

    from storyboard.cli.help import Group
    from storyboard.project import Run
    from storyboard.project.file_cache import Recalled

T = TypeVar("T")


def command(name: str, *examples: tuple[str, str]) -> Callable[[Callable[..., object]], DeclaredCommand]:
    """Declare a command whose `--help` begins with these examples: a command line, and what it does."""
    return lambda callback: DeclaredCommand(name, examples, callback)


def group(name: str, *examples: tuple[str, str], **settings: Any) -> Callable[[Callable[..., object]], Group]:
    """Declare a command that has subcommands; `settings` are those of `click.group`."""
    import click

    from storyboard.cli.help import Group

    return click.group(name, cls=Group, examples=examples, **settings)


paths = declare.argument("paths", metavar="[FILE|FOLDER]...", nargs=-1, shell_complete=completers.files)
as_json = declare.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _choose_log(_ctx: click.Context, _param: click.Parameter, chosen: str) -> None:
    if chosen == "json":
        from storyboard.cli.output import log_as_json

        log_as_json()


log = declare.option(
    "--log",
    metavar="text|json",
    type=value_types.OneOf(("text", "json")),
    default="text",
    expose_value=False,
    callback=_choose_log,
    help="Write progress to stderr as text or JSON lines.",
)
values = declare.option(
    "--set",
    "values",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set a `param`; repeatable.",
    shell_complete=completers.settable,
)
variant = declare.option(
    "--as", "variant", metavar="VARIANT", default="", help="Build a variant with its own film and lock; for --set."
)
provider = declare.option(
    "--provider",
    metavar="NAME",
    help="Render with animatic (local, free), kirin or a plug-in.",
    shell_complete=completers.providers,
)
base_url = declare.option("--base-url", metavar="URL", help="Use this gateway instead of the configured one.")
store = declare.option(
    "--store", metavar="DIR", help="Use this folder for clips and the ledger.", shell_complete=completers.folders
)
only = declare.option(
    "--only",
    metavar="ADDRESS",
    multiple=True,
    help="Limit to a shot, scene or scene label; repeatable.",
    shell_complete=completers.addresses,
)
rebuy = declare.option(
    "--rebuy",
    metavar="ADDRESS",
    multiple=True,
    help="Buy a lost job again; repeatable.",
    shell_complete=completers.addresses,
)
retry = declare.option(
    "--retry",
    metavar="ADDRESS",
    multiple=True,
    help="Send a rejected job again; repeatable.",
    shell_complete=completers.addresses,
)
watching = declare.option(
    "--watch", "watching", is_flag=True, help="Do it again at every change of a file, until Ctrl-C."
)
stdin_name = declare.option(
    "--stdin-name",
    metavar="FILE",
    help="Read standard input as the text of FILE, saved or not; for editors.",
    shell_complete=completers.files,
)


def stdin_bytes() -> bytes:
    """Return standard input, read to its end."""
    return sys.stdin.buffer.read()


_running: list[ExitStack] = []
"""For each command that runs, what is closed when it ends."""


@contextmanager
def closing_at_end() -> Iterator[None]:
    """Close what a command opened with the functions of this module when it ends."""
    with ExitStack() as opened:
        _running.append(opened)
        try:
            yield
        finally:
            _running.pop()


def read_stdin(paths: tuple[str, ...], stdin_name: str | None) -> tuple[str, ...]:
    """Use standard input in place of the file of `--stdin-name` for the rest of the command; return the paths to work
    on.

    The file need not exist. Its imports, its project and the places of findings are that file's.
    """
    if stdin_name is None:
        return paths
    from storyboard.files.disk import overlaid

    if paths not in ((), ("-",)):
        raise UsageError("--stdin-name reads standard input only", help="omit the other files and folders")
    path = file(stdin_name)
    if stdin_name in ("", "-") or path.is_dir():
        raise UsageError(f"--stdin-name: `{stdin_name}` is not the name of a file", help="such as films/lantern.story")
    _running[-1].enter_context(overlaid({path: stdin_bytes()}))
    return (str(path),)


def open_run(
    paths: Sequence[str] = (),
    values: Sequence[str] | Mapping[str, str] = (),
    variant: str = "",
    *,
    recalled: Mapping[Path, Recalled] | None = None,
    **flags: object,
) -> Run:
    """Return the run that the shared options describe. `flags` override the configuration."""
    from storyboard.project import Run

    parsed = values if isinstance(values, Mapping) else parse_values(values)
    run = Run(paths, values=parsed, variant=variant, flags=flags, recalled=recalled)
    if _running:
        _running[-1].callback(run.close)
    return run


def parse_values(given: Sequence[str]) -> dict[str, str]:
    """Parse the values of `--set`; the last one for a name wins."""
    values = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set `{item}` has no `=`", help="write it as --set name=value")
        values[name.strip()] = value
    return values


def named(name: str, what: str, known: Mapping[str, T], otherwise: str) -> T:
    """Return what has this name. If nothing has, raise UsageError that suggests the nearest name, or says
    `otherwise`."""
    if name in known:
        return known[name]
    from storyboard.diagnostics.suggest import did_you_mean

    raise UsageError(f"there is no {what} `{name}`", help=did_you_mean(name, known) or otherwise)


def folder(name: str | None) -> Path | None:
    """Return the path of a folder named on the command line."""
    return None if name is None else file(name)


def file(name: str) -> Path:
    """Return the path of a file named on the command line."""
    return Path.cwd() / Path(name).expanduser()
