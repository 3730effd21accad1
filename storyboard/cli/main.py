"""The one border: what goes wrong below becomes one line and an exit code here, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TextIO

import click

from storyboard import __version__
from storyboard.cli.commands import COMMANDS, EXAMPLES
from storyboard.cli.help import Group
from storyboard.errors import ExitCode, PermissionNeeded, StoryboardError, UsageError


class LazyGroup(Group):
    """Knows its commands by the table and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return import_module(entry.module).command if entry else None

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, entry.about) for name, entry in COMMANDS.items()]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from storyboard.diagnostics.suggest import did_you_mean

            raise UsageError(
                f"there is no command `{args[0]}`", help=did_you_mean(args[0], COMMANDS) or "storyboard --help"
            )
        return super().resolve_command(ctx, args)


@click.group(
    "storyboard",
    cls=LazyGroup,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMAND [FILE|FOLDER ...]",
    epilog="A folder means every story below it; nothing means the project. More: storyboard COMMAND --help",
)
@click.version_option(__version__, "-V", "--version", message="storyboard %(version)s")
def cli() -> None:
    """Write a film as plain text; compile it into text-to-video jobs; pay for each once."""


def run(arguments: Sequence[str]) -> int:
    """Run a command to its exit code."""
    _prepare_streams()
    try:
        code = cli.main(list(arguments), "storyboard", standalone_mode=False)
        sys.stdout.flush()
    except PermissionNeeded as needed:
        return _ask_permission(needed, arguments)
    except StoryboardError as trouble:
        return _say(trouble.message, trouble.help, trouble.exit_code)
    except click.exceptions.NoArgsIsHelpError as bare:
        sys.stderr.write(bare.format_message() + "\n")
        return int(ExitCode.USAGE)
    except click.UsageError as wrong:
        from storyboard.cli.usage_errors import explain_usage

        return _say(*explain_usage(wrong), ExitCode.USAGE)
    except click.ClickException as wrong:
        return _say(wrong.format_message(), None, ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", None, ExitCode.INTERRUPTED)
    except OSError as trouble:
        return lost_output(trouble)
    except Exception as bug:  # noqa: BLE001  the border of the house: a bug of ours is told, not shown
        from storyboard.cli.crash_report import tell

        return _say(*tell(bug, arguments), ExitCode.BUG)
    return int(code or 0)


def _ask_permission(needed: PermissionNeeded, arguments: Sequence[str]) -> int:
    """Ask the user, where one is there, and begin the command again once they agree. Nothing was done before."""
    from storyboard.cli.output import ask, can_ask
    from storyboard.files.transcript import current_run

    if not can_ask() or not ask(needed.question):
        return _say(needed.message, needed.help, needed.exit_code)
    try:
        needed.agree()
    except StoryboardError as trouble:
        return _say(trouble.message, trouble.help, trouble.exit_code)
    current_run().said.clear()
    return run(arguments)


def _prepare_streams() -> None:
    """Box drawing and an author's Chinese go through any locale's pipe; a closed stream is a place to throw things."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def _say(message: str, help_: str | None, code: ExitCode) -> int:
    from storyboard.cli.output import complain

    complain(message, help_)
    return int(code)


def _disk(trouble: OSError) -> str:
    what = trouble.filename or "the output cannot be written"
    return f"{what}: {trouble.strerror or trouble}"


def lost_output(trouble: OSError) -> int:
    """The exit code where what was to be said could not be written: a reader who had enough is no trouble."""
    _give_up_stdout()
    if isinstance(trouble, BrokenPipeError):
        return int(ExitCode.DONE)
    return _say(_disk(trouble), None, ExitCode.JOB_FAILED)


def _give_up_stdout() -> None:
    """What cannot be written now must not be tried again when Python closes."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
