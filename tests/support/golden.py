"""Golden cases: an input and what it must give, in one file.

`tests/cases/STAGE/NAME.case` holds a story, then the line `===== expected`, then the text that the stage must give.
Further input files follow lines such as `===== file cast.story`, before the expected text:

- `story`: the findings, then the shots;
- `jobs`: the jobs with their payloads, as JSON;
- `format`: the story in the canonical layout;
- `plan`: what a build would do with each job, and why, where `before.story` was bought as a whole.

`python -m tests.support.golden` rewrites every expected text; `python -m tests.support.golden jobs/packing plan/`
rewrites those whose name starts so. Read the difference before you commit it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storyboard.diagnostics import Diagnostic
from storyboard.jobs.compile import compile_story
from storyboard.jobs.job import Job
from storyboard.jobs.key import job_key
from storyboard.jobs.lock import EMPTY_LOCK, Lock
from storyboard.money import dollars
from storyboard.plan import PlanRequest, make_plan, take_over
from storyboard.source import Source
from storyboard.story.story import Shot
from storyboard.syntax import format_source
from tests.support.front import CATALOG, MAIN, check_files, line_of
from tests.support.past import STORY, WHOSE, FakePast
from tests.support.payloads import payload_of

CASES = Path(__file__).parents[1] / "cases"
SEPARATOR = "===== "


@dataclass(frozen=True)
class Case:
    """A case as its file holds it."""

    path: Path
    files: Mapping[str, str]
    """Each input file's text by its name; the first is `main.story`."""
    expected: str

    @property
    def stage(self) -> str:
        """The stage that the case is about."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """`STAGE/NAME`."""
        return f"{self.stage}/{self.path.stem}"


def read_case(path: Path) -> Case:
    """Read a case; ValueError where a separator is unknown or the expected text is missing."""
    parts: dict[str, list[str]] = {MAIN: []}
    current = parts[MAIN]
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if line.startswith(SEPARATOR):
            kind, _, name = line.removeprefix(SEPARATOR).strip().partition(" ")
            if (kind == "file") != bool(name) or kind not in {"file", "expected"}:
                raise ValueError(f"{path}: write `===== file NAME` or `===== expected`, not {line.strip()!r}")
            current = parts.setdefault(name or kind, [])
        else:
            current.append(line)
    if "expected" not in parts:
        raise ValueError(f"{path}: the line `===== expected` is missing")
    texts = {name: "".join(lines) for name, lines in parts.items()}
    return Case(path, {name: text for name, text in texts.items() if name != "expected"}, texts["expected"])


def paths_of(stage: str) -> list[Path]:
    """The case files of a stage, by name."""
    return sorted((CASES / stage).glob("*.case"))


def each_case(stage: str) -> pytest.MarkDecorator:
    """Parametrize a test with `case`, once for each case of a stage."""
    cases = [read_case(path) for path in paths_of(stage)]
    assert cases, f"there are no cases of {stage}"
    return pytest.mark.parametrize("case", cases, ids=[case.path.stem for case in cases])


def outcome_of(case: Case, folder: Path) -> str:
    """Return what a case gives now; its input files are written to `folder`."""
    return OUTCOMES[case.stage](case.files, folder)


def _story_outcome(files: Mapping[str, str], folder: Path) -> str:
    checked = check_files(folder, files)
    lines = [line for found in checked.diagnostics for line in _finding(found)]
    if checked.story is not None:
        lines += [line for shot in checked.story.shots for line in _shot(shot)]
    return "\n".join(lines) + "\n"


def _finding(found: Diagnostic) -> Iterator[str]:
    yield f"{found.severity} {line_of(found)}"
    if found.help:
        yield f"    help: {found.help}"
    for edit in found.fix.edits if found.fix else ():
        place = edit.span.position
        yield f"    fix: {place.line}:{place.column} {edit.span.text!r} -> {edit.text!r}"
    for related in found.related:
        place, name = related.span.position, related.span.source.path.name
        yield f"    {'' if name == MAIN else name + ':'}{place.line}:{place.column} {related.message}"


def _shot(shot: Shot) -> Iterator[str]:
    yield ""
    split = "  split before" if shot.split_before else ""
    take = f"  take {shot.take}" if shot.take else ""
    yield f"{shot.address}  {shot.seconds} s{split}{take}{'  damaged' if shot.damaged else ''}"
    if shot.parameters:
        yield "    " + "  ".join(f"{name}={value}" for name, value in shot.parameters.items())
    if shot.negative.items:
        yield f"    not: {shot.negative.joined}"
    for line in shot.prompt.splitlines():
        yield f"    {line}" if len(line) < 400 else f"    {line[:60]}… ({len(line)} characters)"


def _jobs_outcome(files: Mapping[str, str], folder: Path) -> str:
    made = [
        {
            "id": job.id,
            "shots": list(job.addresses),
            "seconds": job.seconds,
            "take": job.take,
            "content": job.content,
            "key": job_key(job, "kirin"),
            "payload": payload_of(job),
            "transport": dict(job.transport),
        }
        for job in _jobs(files, folder)
    ]
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _jobs(files: Mapping[str, str], folder: Path, lock: Lock = EMPTY_LOCK) -> tuple[Job, ...]:
    checked = check_files(folder, files)
    assert checked.story is not None, checked.lines
    compiled = compile_story(checked.story, CATALOG, lock)
    assert compiled.value is not None, compiled.diagnostics
    return compiled.value


def _format_outcome(files: Mapping[str, str], folder: Path) -> str:
    formatted = format_source(Source(Path(MAIN), files[MAIN]))
    assert format_source(Source(Path(MAIN), formatted)) == formatted, "formatting again changes it again"
    return formatted


def _plan_outcome(files: Mapping[str, str], folder: Path) -> str:
    past = FakePast()
    before = {**files, MAIN: files["before.story"]} if "before.story" in files else None
    for job in _jobs(before, folder) if before else ():
        past.bought(job)
    lock = take_over(EMPTY_LOCK, past.attempts, "kirin")
    plan = make_plan(_jobs(files, folder, lock), CATALOG, lock, past, PlanRequest("kirin", WHOSE, STORY), now=0.0)
    lines = [
        f"{step.id}  {step.seconds} s  {step.state}  {dollars(step.estimate)}  {step.reason}".rstrip()
        for step in plan.steps
    ]
    return (
        "\n".join([*lines, f"to buy: {sum(step.seconds for step in plan.buying)} s, {dollars(plan.estimate)}"]) + "\n"
    )


OUTCOMES: dict[str, Callable[[Mapping[str, str], Path], str]] = {
    "story": _story_outcome,
    "jobs": _jobs_outcome,
    "format": _format_outcome,
    "plan": _plan_outcome,
}


def rewrite(prefixes: tuple[str, ...] = ()) -> None:
    """Write what each case gives now into its file; only cases whose `STAGE/NAME` starts with a prefix, if any."""
    for stage in OUTCOMES:
        for case in map(read_case, paths_of(stage)):
            if case.name.startswith(prefixes or ("",)):
                with TemporaryDirectory() as folder:
                    made = outcome_of(case, Path(folder))
                inputs = case.path.read_text("utf-8").partition(f"{SEPARATOR}expected\n")[0]
                case.path.write_text(f"{inputs}{SEPARATOR}expected\n{made}", "utf-8")


if __name__ == "__main__":
    rewrite(tuple(sys.argv[1:]))
