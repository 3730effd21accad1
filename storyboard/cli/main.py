"""Run a command, and turn every error into one line and an exit code; a traceback never reaches the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from storyboard import __version__
from storyboard.cli.commands import COMMANDS, COMPLETE, EXAMPLES, OTHER_NAMES
from storyboard.cli.help import Group
from storyboard.cli.run_log import run_log
from storyboard.errors import ExitCode, PermissionNeeded, StoryboardError, UsageError
from storyboard.files.lazy_pattern import keep_patterns

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(Group):
    """The top-level command group. It lists commands from the table and imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return entry.load() if entry else None

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, entry.about) for name, entry in COMMANDS.items()]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        names = (name for name in COMMANDS if name.startswith(incomplete))
        return [CompletionItem(name, help=COMMANDS[name].about) for name in names]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from storyboard.diagnostics.suggest import did_you_mean

            if args[0].lower() == "help":
                of_command = args[1] if len(args) > 1 and args[1] in COMMANDS else ""
                way_out = f"storyboard {of_command} --help" if of_command else "storyboard --help"
                raise UsageError("there is no command `help`", help=way_out)
            meant = OTHER_NAMES.get(args[0].lower())
            near = f"did you mean `{meant}`?" if meant else did_you_mean(args[0], COMMANDS)
            raise UsageError(f"there is no command `{args[0]}`", help=near or "storyboard --help")
        return super().resolve_command(ctx, args)


@click.group(
    "storyboard",
    cls=LazyGroup,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMAND [FILE|FOLDER ...]",
    epilog="Without FILE or FOLDER: every story. The manual: storyboard explain language",
)
@click.version_option(__version__, "-V", "--version", message="storyboard %(version)s")
def cli() -> None:
    """Write a film as plain text; compile it into video jobs; pay for each once."""


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    _prepare_streams()
    run_log.lines = None
    if COMPLETE in os.environ:
        from storyboard.cli.completion import use_own_scripts

        use_own_scripts()
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
    except Exception as bug:  # noqa: BLE001  the last resort: our own bug becomes one line and a report
        from storyboard.cli.crash_report import tell

        return _say(*tell(bug, arguments), ExitCode.BUG)
    keep_patterns()
    return int(code or 0)


def _ask_permission(needed: PermissionNeeded, arguments: Sequence[str]) -> int:
    """Ask for permission if a terminal is there, and run the command again if the user agrees. Nothing was done yet."""
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
    """Make both streams write UTF-8 and plain line ends whatever the locale and the system are, and replace a closed
    stream with a null device."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


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
    """Return the exit code after the output could not be written. A pipe that was closed early counts as success."""
    _give_up_stdout()
    if isinstance(trouble, BrokenPipeError):
        return int(ExitCode.DONE)
    return _say(_disk(trouble), None, ExitCode.JOB_FAILED)


def _give_up_stdout() -> None:
    """Redirect stdout to the null device, so that Python does not fail on it again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
