"""What `lint --fix` makes of a whole file that was indented, marked or numbered as in another format."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.diagnostics.edits import edited
from tests.support.front import check_text

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot 1 5s\n  A lamp.\n'


@pytest.mark.parametrize(
    "written",
    [
        '  story "T"\n    .model kirin_v3_t2v\n\n  shot 1 5s\n    A lamp.\n',
        '\tstory "T"\n\t\t.model kirin_v3_t2v\n\n\tshot 1 5s\n\t\tA lamp.\n',
        '\u200bstory "T"\n  .model kirin_v3_t2v\n\n\ufeffshot 1 5s\n  A lamp.\n',
        'story "T"\n  .model kirin_v3_t2v\n\n- shot 1 5s\n  A lamp.\n',
        'story "T"\n  .model kirin_v3_t2v\n\n1. shot 1 5s\n  A lamp.\n',
        'story "T"\n  .model kirin_v3_t2v\n\n**shot 1 5s**\n  A lamp.\n',
        'story "T"\n  .model kirin_v3_t2v\n\nshot 1. 5s\n  A lamp.\n',
        'story "T"\n  .model kirin_v3_t2v\n\nshot 1 0:05s\n  A lamp.\n',
        'story "T"\n  .model "kirin_v3_t2v"\n\nshot 1 5s\n  A lamp.\n',
    ],
)
def test_one_round_of_safe_fixes_makes_it_right(tmp_path: Path, written: str) -> None:
    found = check_text(tmp_path, written).diagnostics
    fixes = [each.fix for each in found if each.fix is not None and each.fix.safe]
    assert len(fixes) == len(found) > 0
    mended = edited(found[0].span.source, [edit for fix in fixes for edit in fix.edits])
    assert mended.replace("\t", "  ") == STORY
    assert check_text(tmp_path, mended).diagnostics == ()


@pytest.mark.parametrize(
    ("line", "way_out"),
    [
        ("CUT TO:", ".transition"),
        ("FADE OUT.", ".transition"),
        ("| 1 | A lamp | 5s |", "storyboard import"),
        ("INT. KITCHEN - NIGHT", "storyboard import"),
        ("- A lamp glows.", "storyboard import"),
        ("---", "delete the line"),
    ],
)
def test_a_stray_line_of_another_format_is_not_to_be_indented(tmp_path: Path, line: str, way_out: str) -> None:
    found = check_text(tmp_path, STORY + f"\n{line}\n").only("SB003")
    assert found.fix is None
    assert way_out in (found.help or "")


def test_front_matter_is_named(tmp_path: Path) -> None:
    found = check_text(tmp_path, "---\ntitle: Night\n---\n" + STORY).only("SB003")
    assert found.message == "a story has no front matter"
