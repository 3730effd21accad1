"""Run a command, and turn every error into one line and an exit code; a traceback never reaches the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, TextIO

from storyboard.cli import options
from storyboard.cli.commands import COMMANDS, COMPLETE
from storyboard.cli.declare import DeclaredCommand
from storyboard.cli.run_log import run_log
from storyboard.errors import ExitCode, PermissionNeeded, StoryboardError
from storyboard.files.kept import keep_all


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    _prepare_streams()
    run_log.lines = None
    if COMPLETE in os.environ:
        from storyboard.cli.completion import use_own_scripts

        use_own_scripts()
    try:
        with options.closing_at_end():
            code = _perform(arguments)
        sys.stdout.flush()
    except PermissionNeeded as needed:
        return _ask_permission(needed, arguments)
    except StoryboardError as trouble:
        return _say(trouble.message, trouble.help, trouble.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", None, ExitCode.INTERRUPTED)
    except OSError as trouble:
        return lost_output(trouble)
    except Exception as bug:  # noqa: BLE001  the last resort: our own bug becomes one line and a report
        from storyboard.cli.crash_report import tell

        return _say(*tell(bug, arguments), ExitCode.BUG)
    keep_all()
    return int(code) if isinstance(code, int) else 0


def _perform(arguments: Sequence[str]) -> object:
    """Run a command; return what it returns. An ordinary command line is read without click."""
    entry = COMMANDS.get(arguments[0]) if arguments and COMPLETE not in os.environ else None
    command = import_module(entry.module).command if entry else None
    if isinstance(command, DeclaredCommand) and (given := command.read(arguments[1:])) is not None:
        return command.callback(**given)
    from storyboard.cli.program import perform

    return perform(arguments)


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
