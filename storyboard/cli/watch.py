"""`--watch`: do something now, and again whenever a file that it used changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.cli.output import complain, flush, note, out, view
from storyboard.errors import ExitCode, StoryboardError, UsageError
from storyboard.files.transcript import Transcript, begin_run, current_run, recording
from storyboard.files.watching import UsedFiles
from storyboard.report.frames import report, summary
from storyboard.report.style import Line, counted, line, shown

if TYPE_CHECKING:
    from storyboard.project import Compiled, Run

MOST_NAMED = 3
"""How many changed files are named in a line."""


def refuse(**given: object) -> None:
    """Raise UsageError if `--watch` is combined with an option that makes no sense with it."""
    for name, value in given.items():
        if value:
            raise UsageError(f"--watch cannot be combined with {name}", help="omit one of the two")


def watch(once: Callable[[Transcript, Sequence[Path]], Collection[Path]]) -> ExitCode:
    """Call `once` now and after every change; Ctrl-C ends it.

    `once` gets a transcript to record into and the files that changed, and returns the folders that it writes to.
    """
    changed: Sequence[Path] = ()
    before, output = Transcript(), list[Path]()
    try:
        while True:
            begin_run(None, time.time_ns())
            depends = Transcript()
            try:
                with recording(depends):
                    output = [*once(depends, changed)]
            except StoryboardError as trouble:
                if not before.stamps:
                    raise
                complain(trouble.message, trouble.help)
                depends.include(before)
            depends.include(current_run())
            flush()
            used = UsedFiles(depends, output)
            if not before.stamps:
                note([line((f"watching {counted(len(used), 'file')}; Ctrl-C ends", "dim"))])
            before = depends
            changed = used.wait()
    except KeyboardInterrupt:
        return ExitCode.DONE


class FindingsShown:
    """The findings of the previous round: those of the next are shown only if they differ."""

    def __init__(self) -> None:
        self._last: list[Line] = []

    def show(self, compiled: Compiled, *, with_warnings: bool) -> None:
        """Show the findings of this round; without warnings only where there is an error."""
        lines = report(compiled.diagnostics, view()) if with_warnings or compiled.has_errors else []
        if lines != self._last:
            out(lines)
        self._last = lines


def depend_on(depends: Transcript, run: Run, compiled: Compiled) -> None:
    """Record that a round depends on the search for its files, and on what each of them depends on."""
    depends.include(run.search)
    for file in compiled.files:
        depends.include(file.depends)


def tell_checked(changed: Sequence[Path], compiled: Compiled, seconds: float | None = None) -> None:
    """Write one line about a round that only checked the stories, with the time that it took."""
    tell_round(changed, summary(compiled.diagnostics, len(compiled.files), seconds))


def tell_round(changed: Sequence[Path], *what: Line) -> None:
    """Write one line: when, which files changed, and what came of it."""
    base = view().base
    names = [shown(path, base) for path in changed[:MOST_NAMED]]
    more = [f"and {len(changed) - MOST_NAMED} more"] if len(changed) > MOST_NAMED else []
    who = ", ".join([*names, *more])
    stamp = line((time.strftime("%H:%M:%S"), "dim"))
    named = line(("  " + who, "place")) if who else ()
    out([(*stamp, *named, *line("  "), *(piece for each in what for piece in each))])
