"""Cache the output of a run and its results for each file, with everything that they depend on. `replay` prints the
output again if nothing has changed. Otherwise the next run processes only the changed files: `Memory` recalls the
others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

import storyboard
from storyboard.cli import replay
from storyboard.cli.output import has_colour
from storyboard.diagnostics import has_errors
from storyboard.files.cache import load, save
from storyboard.files.disk import look
from storyboard.files.plain_transcript import SECRETS, read_variable, still_holds
from storyboard.files.transcript import PROCESS, Transcript, current_run, joined, recording
from storyboard.project.file_cache import Part, Recalled, from_plain, to_plain
from storyboard.report.style import render

if TYPE_CHECKING:
    from storyboard.files.plain_transcript import PlainTranscript
    from storyboard.project import BuiltStory, Compiled, Planned, PlannedStory, Run
    from storyboard.project.check import CheckedFile


class Memory:
    """The results of earlier runs of the same command line, and of this one."""

    def __init__(self, *, whole: bool = False) -> None:
        """`whole` is for a run that needs all its files processed again."""
        self._run = current_run()
        self._whole = whole
        self._kept: Mapping[str, tuple[PlainTranscript, Any]] = {}
        self.recalled: Mapping[Path, Recalled] = {}
        """The unchanged files."""
        if self._run.question is not None and not whole:
            self._recall(_files(self._run.question))

    def keep_lint(self, run: Run, compiled: Compiled) -> None:
        """Cache a lint, after its findings were shown."""
        good = {file.path: (None, Transcript()) for file in compiled.files if file.recalled is None}
        self._keep(run, compiled, good, {})

    def keep_plan(self, run: Run, planned: Planned, parts: Mapping[Path, Part]) -> None:
        """Cache a plan, after it was shown in these parts."""
        stories = (story for story in planned.stories if _is_timeless(story))
        told = {story.compiled.path: (parts.get(story.compiled.path), story.depends) for story in stories}
        self._keep(run, planned.compiled, told, planned.traces)

    def keep_build(self, run: Run, planned: Planned, built: Sequence[BuiltStory], parts: Mapping[Path, Part]) -> None:
        """Cache a build, after it was shown in these parts; only stories with nothing to do are cached."""
        told = {}
        for story in built:
            if _is_idle(story):
                story.depends.include(story.planned.depends)
                told[story.planned.compiled.path] = parts.get(story.planned.compiled.path), story.depends
        self._keep(run, planned.compiled, told, planned.traces)

    def _recall(self, question: Any) -> None:
        try:
            shared, kept = load(question) or (None, {})
            if shared is None or not still_holds(shared):
                return
            held = {name: each for name, each in kept.items() if _holds(each[0])}
            recalled = {Path(name): from_plain(each[1]) for name, each in held.items()}
        except replay.MISSES:
            return
        self._kept, self.recalled = held, recalled

    def _keep(
        self,
        run: Run,
        compiled: Compiled,
        told: Mapping[Path, tuple[Part | None, Transcript]],
        traces: Mapping[Path, str],
    ) -> None:
        question = self._run.question
        if question is None:
            return
        try:
            with recording(self._run):
                _record_program()
            self._run.include(PROCESS)
            shared = self._run.plain(self._run.began)
            if shared is None:
                return
            files = dict(self._files(compiled.files, told, traces))
            if not self._whole and (
                files.keys() != self._kept.keys() or any(files[name] is not self._kept[name] for name in files)
            ):
                save(_files(question), (shared, files))
            if compiled.has_errors or len(files) < len(compiled.files):
                return
            with recording(run.search):
                for store in run.stores:
                    store.ledger.record_file()
            search = run.search.plain(self._run.began)
        except OSError:
            return
        if search is not None:
            depends = joined([shared, search, *(each for each, _ in files.values())])
            save(question, (tuple(self._run.said), depends))

    def _files(
        self,
        files: Sequence[CheckedFile],
        told: Mapping[Path, tuple[Part | None, Transcript]],
        traces: Mapping[Path, str],
    ) -> Iterator[tuple[str, tuple[PlainTranscript, Any]]]:
        """Yield the results of each file that can be recalled: from earlier, or from this run."""
        for file in files:
            name = str(file.path)
            if file.recalled is not None:
                yield name, self._kept[name]
            elif (file.is_library or file.path in told) and not has_errors(file.found):
                part, more = told.get(file.path, (None, Transcript()))
                more.include(file.depends)
                depends = more.plain(self._run.began)
                if depends is not None:
                    known = Recalled(file.is_library, file.settable, file.found, part, traces.get(file.path))
                    yield name, (depends, to_plain(known, _shown))


def _files(question: Any) -> Any:
    return "files", question


def _holds(depends: PlainTranscript) -> bool:
    try:
        return still_holds(depends)
    except OSError:
        return False


def _shown(part: Part) -> str:
    return render(part.lines, has_colour(sys.stdout))


def _is_timeless(story: PlannedStory) -> bool:
    """Whether its plan reads the same at any time and for any key."""
    from storyboard.store.job_status import Verdict

    return all(step.state in (Verdict.CACHED, Verdict.BUY, Verdict.UNUSED) for step in story.plan.steps)


def _is_idle(story: BuiltStory) -> bool:
    from storyboard.run.result import JobState

    return (
        all(clip is not None for clip in story.film.clips)
        and story.film.trouble is None
        and story.new_lock is None
        and not story.result.notices
        and all(job.state is JobState.CACHED for job in story.result.jobs)
        and (not story.planned.provider.pays or all(read_variable(name) for name in SECRETS))
    )


def _record_program() -> None:
    """Record storyboard itself and its dependencies: the folder of packages and, in an editable installation, each
    source file."""
    of_click = PathFinder.find_spec("click")
    assert of_click is not None
    assert of_click.origin is not None
    packages = Path(of_click.origin).parents[1]
    look(packages)
    for module in (storyboard, sys.modules[__name__]):
        if module.__file__:
            look(Path(module.__file__))
    ours = [Path(place) for place in storyboard.__path__]
    if packages not in (place.parent for place in ours):
        for place in (*ours, *map(Path, import_module("storyboard.grammar").__path__)):
            for folder, folders, names in os.walk(place):
                folders[:] = [name for name in folders if name != "__pycache__"]
                for name in names:
                    look(Path(folder, name))
