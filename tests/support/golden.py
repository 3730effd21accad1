"""Golden cases: a story, and beside it what is said of it and what it becomes.

`python -m tests.support.golden` writes the expected outputs anew; read the difference before committing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from storyboard.diagnostics import Diagnostic
from storyboard.story.story import Shot
from tests.support.front import MAIN, check_text, line_of

CASES = Path(__file__).parents[1] / "cases" / "story"


def cases() -> list[Path]:
    """Every case, by name."""
    return sorted(CASES.glob("*.story"))


def expected_path(case: Path) -> Path:
    """Where a case's expected output stands."""
    return case.with_suffix(".expected")


def outcome_of(text: str, folder: Path) -> str:
    """What a story becomes, as text: its findings, then its shots."""
    checked = check_text(folder, text)
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


def _rewrite() -> None:
    for case in cases():
        with TemporaryDirectory() as folder:
            expected_path(case).write_text(outcome_of(case.read_text("utf-8"), Path(folder)), "utf-8")


if __name__ == "__main__":
    _rewrite()
