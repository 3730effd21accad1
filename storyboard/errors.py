"""Errors that come from outside the stories: the disk, the network, the configuration, the command line.

An author's mistake is not an exception but a `Diagnostic`. A bug of ours is an ordinary exception that nothing catches
before `cli.main`. docs/architecture.md lists who may catch a `StoryboardError`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the process."""

    DONE = 0
    STORY_ERRORS = 1
    USAGE = 2
    JOB_FAILED = 3
    SPENDING = 4
    ACCESS = 5
    RUNNING = 6
    UNKNOWN = 7
    BUG = 70
    INTERRUPTED = 130


EXIT_PRECEDENCE = (
    ExitCode.USAGE,
    ExitCode.STORY_ERRORS,
    ExitCode.INTERRUPTED,
    ExitCode.ACCESS,
    ExitCode.UNKNOWN,
    ExitCode.SPENDING,
    ExitCode.JOB_FAILED,
    ExitCode.RUNNING,
)
"""If several apply, the first of these is returned."""


class StoryboardError(Exception):
    """Something outside the stories stands in the way: a disk, a network, a configuration, the command line.

    `message` is one line in the user's words; `help` names what to do.
    """

    exit_code = ExitCode.JOB_FAILED

    def __init__(self, message: str, *, help: str | None = None) -> None:  # noqa: A002
        super().__init__(message)
        self.message = message
        self.help = help

    @property
    def in_words(self) -> str:
        """The message and the way out on one line, for reports without a line of its own for the way out."""
        return self.message if self.help is None else f"{self.message}; {self.help}"


class UsageError(StoryboardError):
    """The command line or the configuration names something that does not exist."""

    exit_code = ExitCode.USAGE


class StoreError(StoryboardError):
    """The store or the ledger cannot be read or written."""


class LockError(StoryboardError):
    """A story's lock, which lies beside it and is written by its team, is damaged or newer than this storyboard."""

    exit_code = ExitCode.STORY_ERRORS


class MissingExtraError(UsageError):
    """An optional part of storyboard is not installed. `what` needs it, such as "the simulator"."""

    def __init__(self, what: str, extra: str, otherwise: str = "") -> None:
        way_out = f"in the folder that storyboard was installed from: pip install '.[{extra}]'"
        super().__init__(f"{what} needs the extra `{extra}`", help=way_out + otherwise)


class AccessError(StoryboardError):
    """No key, a refused key, no balance, or a key that may not be sent there."""

    exit_code = ExitCode.ACCESS


class PermissionNeeded(AccessError):
    """A project asks for something that its user has not agreed to.

    `question` is what to ask the user on a terminal; `agree` remembers that they said yes.
    """

    def __init__(self, message: str, question: str, agree: Callable[[], None], *, help: str) -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.question = question
        self.agree = agree


class SpendingError(StoryboardError):
    """A purchase would exceed what the user allowed."""

    exit_code = ExitCode.SPENDING


class InterruptedRun(StoryboardError):
    """The user pressed Ctrl-C twice, or the process was asked to end."""

    exit_code = ExitCode.INTERRUPTED
