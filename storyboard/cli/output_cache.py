"""Writes down what a run said, and what it found out of each file, with all that either rests on.

`replay` says it again where nothing has changed. Else the next run asks again only about the files that changed:
`Memory` recalls the others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import storyboard
from storyboard.cli import replay
from storyboard.cli.output import has_colour
from storyboard.diagnostics import has_errors
from storyboard.files.cache import load, save, stamp
from storyboard.project.file_cache import Part, Recalled, from_plain, to_plain
from storyboard.project.ingredients import Ingredients, of_build, of_file, of_plan, of_projects, of_search, of_store
from storyboard.project.provider_registry import BUILTIN
from storyboard.report.style import render

if TYPE_CHECKING:
    from storyboard.files.cache import Stamp
    from storyboard.project import BuiltStory, Compiled, Planned, PlannedStory, Run
    from storyboard.project.checking import CheckedFile

FINE, COARSE = 20_000_000, 2_000_000_000
"""How long before the run a file must have been left alone (ns), so that a change during it would show in its times:
file systems that count finely move on every few milliseconds, others every second or two."""


class Memory:
    """What earlier runs of the same command line found out, and what this one does."""

    def __init__(self, *, whole: bool = False) -> None:
        """`whole` for a run that needs all its files, or none."""
        self._start = replay.started()
        self._whole = whole
        self._kept: Mapping[str, tuple[replay.Rests, Any]] = {}
        self.recalled: Mapping[Path, Recalled] = {}
        """The files that are as they were."""
        if self._start is not None and not whole:
            self._recall(_files(self._start))

    def keep_lint(self, run: Run, compiled: Compiled) -> None:
        """After the findings were told."""
        good = {file.path: (None, Ingredients()) for file in compiled.files if not has_errors(file.found)}
        self._keep(run, compiled, good, {})

    def keep_plan(self, run: Run, planned: Planned, parts: Mapping[Path, Part]) -> None:
        """After a plan was told, in these parts."""
        stories = (story for story in planned.stories if _is_timeless(story))
        told = {story.compiled.path: (parts.get(story.compiled.path), of_plan(story)) for story in stories}
        self._keep(run, planned.compiled, told, planned.traces)

    def keep_build(self, run: Run, planned: Planned, built: Sequence[BuiltStory], parts: Mapping[Path, Part]) -> None:
        """After a build was told, in these parts; a story with nothing to do is remembered."""
        idle = (story for story in built if _is_idle(story))
        told = {
            story.planned.compiled.path: (
                parts.get(story.planned.compiled.path),
                of_plan(story.planned) | of_build(story),
            )
            for story in idle
        }
        self._keep(run, planned.compiled, told, planned.traces)

    def _recall(self, question: Any) -> None:
        try:
            shared, kept = load(question) or (None, {})
            if shared is None or not replay.holds(shared):
                return
            held = {name: each for name, each in kept.items() if _holds(each[0])}
            recalled = {Path(name): found for name, each in held.items() if (found := _recalled(each[1]))}
        except replay.MISSES:
            return
        self._kept, self.recalled = held, recalled

    def _keep(
        self,
        run: Run,
        compiled: Compiled,
        told: Mapping[Path, tuple[Part | None, Ingredients]],
        traces: Mapping[Path, str],
    ) -> None:
        if self._start is None or not _is_of_ours(run):
            return
        question, began = self._start
        try:
            shared = _rests(of_projects(run, compiled.files) | _program(), began)
            if shared is None:
                return
            files = dict(self._files(compiled.files, run, told, traces, began))
            if not self._whole and (
                files.keys() != self._kept.keys() or any(files[name] is not self._kept[name] for name in files)
            ):
                save(_files(self._start), (shared, files))
            search = of_search(run)
            if search is None or compiled.has_errors or len(files) < len(compiled.files):
                return
            rest = _rests(_joined((search, *(of_store(store) for store in run.stores))), began)
        except OSError:
            return
        if rest is not None:
            save(question, (tuple(replay.said), _together((shared, rest, *(rests for rests, _ in files.values())))))

    def _files(
        self,
        files: Sequence[CheckedFile],
        run: Run,
        told: Mapping[Path, tuple[Part | None, Ingredients]],
        traces: Mapping[Path, str],
        began: int,
    ) -> Iterator[tuple[str, tuple[replay.Rests, Any]]]:
        """What is known of each file that can be recalled: from before, or of this run."""
        for file in files:
            name = str(file.path)
            if file.recalled is not None:
                yield name, self._kept[name]
            elif file.is_library or file.path in told:
                part, more = told.get(file.path, (None, Ingredients()))
                rests = _rests(of_file(file, run.variant) | more, began)
                known = Recalled(file.is_library, file.settable, file.sources, file.found, part, traces.get(file.path))
                if rests is not None and not has_errors(file.found):
                    yield name, (rests, to_plain(known, _shown))


def _files(start: replay.Start) -> Any:
    return "files", start[0]


def _holds(rests: replay.Rests) -> bool:
    try:
        return replay.holds(rests)
    except OSError:
        return False


def _recalled(plain: Any) -> Recalled | None:
    try:
        return from_plain(plain)
    except OSError:
        return None


def _shown(part: Part) -> str:
    return render(part.lines, has_colour(sys.stdout))


def _is_timeless(story: PlannedStory) -> bool:
    """Whether its plan is told in the same words whenever one asks, and whoever's key it is."""
    from storyboard.store.job_status import Verdict

    return all(step.state in (Verdict.CACHED, Verdict.BUY, Verdict.UNUSED) for step in story.plan.steps)


def _is_idle(story: BuiltStory) -> bool:
    from storyboard.run.result import JobState

    return (
        story.film.film is not None
        and not story.result.notices
        and all(job.state is JobState.CACHED for job in story.result.jobs)
        and (not story.planned.provider.pays or bool(os.environ.get(replay.KEY, "").strip()))
    )


def _is_of_ours(run: Run) -> bool:
    """Whether no plug-in had a hand in it: nobody knows what that rests on."""
    return all(provider.name in BUILTIN for provider in run.providers)


def _joined(found: Iterable[Ingredients]) -> Ingredients:
    whole = Ingredients()
    for each in found:
        whole |= each
    return whole


def _rests(found: Ingredients, began: int) -> replay.Rests | None:
    """The stamps of all that something rests on; None where that is too fresh."""
    stamps = {str(path): stamp(str(path)) for path in found.read}
    if any(path.exists() and path.stat().st_size for path in found.empty):
        return None
    if not all(_settled(each, began) for each in stamps.values()):
        return None
    clips = tuple(_clips(found.clips, began))
    if None in clips:
        return None
    there = {**{path: path.exists() for path in found.marks}, **{p: False for p, was in found.clips.items() if not was}}
    return (
        tuple(stamps.items()),
        tuple((str(path), is_there) for path, is_there in there.items()),
        tuple(map(str, found.empty)),
        tuple(each for each in clips if each is not None),
    )


def _together(all_: Iterable[replay.Rests]) -> replay.Rests:
    """Each path once; of the clips of a folder one list."""
    stamps: dict[str, Stamp] = {}
    there: dict[str, bool] = {}
    empty: dict[str, None] = {}
    clips: dict[str, dict[str, tuple[int, ...]]] = {}
    for rests in all_:
        stamps.update(rests[0])
        there.update(rests[1])
        empty.update(dict.fromkeys(rests[2]))
        for folder, names, numbers in rests[3]:
            each = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
            clips.setdefault(folder, {}).update(zip(names, each, strict=True))
    return (
        tuple(stamps.items()),
        tuple(there.items()),
        tuple(empty),
        tuple((folder, tuple(of), tuple(n for each in of.values() for n in each)) for folder, of in clips.items()),
    )


def _settled(found: Stamp, began: int) -> bool:
    return found is None or _quiet(max(found[:2]), began)


def _quiet(changed: int, began: int) -> bool:
    return changed < began - (FINE if changed % 1_000_000 else COARSE)


def _clips(clips: Mapping[Path, bool], began: int) -> Iterator[replay.Clips | None]:
    """By the folder that they can be looked at from; None where one is too fresh. What is the same file under two names
    is looked at once: its folder's own stamp tells of the other name."""
    seen: set[tuple[int, int]] = set()
    by_folder: dict[str, tuple[list[str], list[int]]] = {}
    for path, was in clips.items():
        if not was:
            continue
        found = path.stat()
        if not _quiet(found.st_mtime_ns, began):
            yield None
        if (found.st_ino, found.st_dev) in seen:
            continue
        seen.add((found.st_ino, found.st_dev))
        folder = path.parent.parent
        names, numbers = by_folder.setdefault(str(folder), ([], []))
        names.append(f"{path.parent.name}/{path.name}")
        numbers += [found.st_mtime_ns, found.st_size, found.st_ino]
    yield from ((folder, tuple(names), tuple(numbers)) for folder, (names, numbers) in by_folder.items())


def _program() -> Ingredients:
    """What says that storyboard and what it uses are as they were: the folder of packages, and, where storyboard is
    worked on in place, each of its files."""
    packages = Path(click.__file__).parents[1]
    ours = [Path(place) for place in storyboard.__path__]
    found = {packages, *(Path(module.__file__) for module in (storyboard, sys.modules[__name__]) if module.__file__)}
    if packages not in (place.parent for place in ours):
        for place in (*ours, *map(Path, import_module("storyboard.grammar").__path__)):
            found.update(path for path in place.rglob("*") if path.suffix in (".py", ".toml", ".json", ".lark"))
    return Ingredients(frozenset(found))
