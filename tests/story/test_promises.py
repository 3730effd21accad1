"""Sections 3 and 5 of the language: promises, missing shots, warnings and hints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front import HEAD, check_text

SHOT = "shot s 5s\n  A lamp.\n"


def lines(folder: Path, text: str) -> list[str]:
    """Place and code of everything found."""
    return [" ".join(line.split()[:2]) for line in check_text(folder, text).lines]


def errors(folder: Path, text: str) -> list[str]:
    """Place and code of each error."""
    return [" ".join(line.split()[:2]) for line in check_text(folder, text).errors]


def mended(folder: Path, text: str, code: str) -> str:
    """The text with the first fix of a finding applied."""
    found = next(each for each in check_text(folder, text).diagnostics if each.code == code)
    assert found.fix is not None
    for edit in sorted(found.fix.edits, key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def test_a_promise_of_a_scene_is_the_sum_of_its_shots(tmp_path: Path) -> None:
    text = (
        HEAD + "template t()\n  shot a 3s\n    A\nscene one 8s\nshot s 5s\n  X\nuse t()\nscene two 4s\nshot s 4s\n  Y\n"
    )
    assert errors(tmp_path, text) == []


def test_broken_promise_lists_the_seconds_of_each_shot(tmp_path: Path) -> None:
    found = check_text(tmp_path, HEAD + "scene one 10s\nshot a 5s\n  X\nshot b 4s\n  Y\n").only("SB220")
    assert found.span.position == (4, 1)
    assert found.message == "scene `one` promises 10 s; its shots add up to 9 s"
    assert [(each.message, each.span.position.line) for each in found.related] == [
        ("5 s `one.a`", 5),
        ("4 s `one.b`", 7),
    ]


def test_promise_of_a_story_is_the_sum_of_all_shots(tmp_path: Path) -> None:
    text = 'story "T" 9s\n  .model kirin_v3_t2v\nshot a 5s\n  X\nscene b\nshot b {}s\n  Y\n'
    assert errors(tmp_path, text.format(4)) == []
    assert errors(tmp_path, text.format(5)) == ["1:1 SB220"]


def test_promises_of_scene_and_story_are_checked_separately(tmp_path: Path) -> None:
    text = 'story "T" 9s\n  .model kirin_v3_t2v\nscene b 9s\nshot b 5s\n  Y\n'
    assert errors(tmp_path, text) == ["1:1 SB220", "3:1 SB220"]


@pytest.mark.parametrize(
    "inner",
    [
        "rain falls\n  X\n",
        "shot a\n  X\n",
        "shot a nope\n  X\n",
        "use nope()\n",
        'use t("x", "y")\ntemplate t(x)\n  shot q 3s\n    {{ x }}\n',
    ],
)
def test_promise_is_not_checked_if_a_shot_is_unknown(tmp_path: Path, inner: str) -> None:
    text = 'story "T" 30s\n  .model kirin_v3_t2v\nscene a 20s\n' + inner + "scene b\nshot s 5s\n  X\n"
    assert len(errors(tmp_path, text)) == 1


def test_promise_of_another_scene_is_still_checked(tmp_path: Path) -> None:
    text = HEAD + "scene a 20s\nrain falls\n  X\nscene b 20s\nshot s 5s\n  X\n"
    assert errors(tmp_path, text) == ["5:1 SB003", "7:1 SB220"]


def test_a_story_without_shots_is_an_error_at_its_line(tmp_path: Path) -> None:
    assert errors(tmp_path, "edition 1\n" + HEAD + "let a = A\n") == ["2:1 SB222"]
    assert errors(tmp_path, HEAD + "rain falls\n  X\n") == ["4:1 SB003"]
    assert errors(tmp_path, HEAD + "use nope()\n") == ["4:5 SB110"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("let x = X\n" + SHOT, "4:5 SB140"),
        ("param x = X\n" + SHOT, "4:7 SB140"),
        ("phrase x()\n  X\n" + SHOT, "4:8 SB140"),
        ("template x()\n  shot t 3s\n    X\n" + SHOT, "4:10 SB140"),
        ('import "b.story" as b\n' + SHOT + "--- b.story\nlet x = X\n", "4:1 SB140"),
        ('import "b.story"\n' + SHOT + "--- b.story\nlet x = X\n", "4:1 SB140"),
        ("scene a\nscene b\n" + SHOT, "4:1 SB223"),
    ],
)
def test_unused_name_is_a_warning(tmp_path: Path, text: str, wanted: str) -> None:
    assert lines(tmp_path, HEAD + text) == [wanted]
    assert errors(tmp_path, HEAD + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "let x = X\nshot s 5s\n  .avoid {{ x }}\n  A.\n",
        "let x = X\nlet y = {{ x }}\nshot s 5s\n  {% if y %}A{% endif %}\n",
        "let x = 5s\nshot s x\n  A\n",
        "let x = X\nfor y in x\n  shot s 5s\n    {{ y }}\n",
        "let x = X\ntemplate t(y = x)\n  shot s 5s\n    {{ y }}\nuse t()\n",
        "phrase avoid(items)\n  Not {{ items }}.\n" + SHOT,
        'import "b.story" as b\nshot s 5s\n  {{ b.x }}\n--- b.story\nlet x = X\nlet unused = U\n',
        'import "b.story"\nuse t()\n--- b.story\ntemplate t()\n  shot s 5s\n    T\n',
        'import "b.story"\n' + SHOT + "--- b.story\nphrase avoid(items)\n  Not {{ items }}.\n",
    ],
)
def test_name_used_anywhere_counts_as_used(tmp_path: Path, text: str) -> None:
    assert lines(tmp_path, HEAD + text) == []


def test_name_in_a_broken_line_is_not_called_unused(tmp_path: Path) -> None:
    assert lines(tmp_path, HEAD + "let x = X\nrain falls\n  {{ x }}\n" + SHOT) == ["5:1 SB003"]


@pytest.mark.parametrize(
    "line",
    ["mode pro", "mode: pro", "mode = pro", "sound on", "aspect_ratio 9:16", "watermark off", "pack shot", "negatives inline", "take 2",
     "model kirin_v3_t2v", "negative crowds, text", "suffix 35mm film"],
)  # fmt: skip
def test_a_setting_without_its_dot_is_a_warning_with_a_fix(tmp_path: Path, line: str) -> None:
    text = HEAD + f"shot s 5s\n  {line}\n  A lamp.\n"
    assert lines(tmp_path, text)[0] in ("5:3 SB320", "5:3 SB009"), check_text(tmp_path, text).lines


@pytest.mark.parametrize(
    "line",
    [
        "mode of thought",
        "sound of rain",
        "Mode pro",
        "take two lamps",
        "negative space",
        "prefixes",
        "sound on the left",
    ],
)
def test_prose_is_not_a_setting(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, HEAD + f"shot s 5s\n  {line}\n  A lamp.\n") == []


@pytest.mark.parametrize(
    "line",
    ["shot t 4s", "scene river", 'scene river "The river" 12s', "split", "let mei = Mei", "param x = y", "use reveal(mei)",
     "use reveal(mei) as boat", "phrase x(a)", "for x in a, b", "for n in 1..3", 'import "b.story" as b', 'story "X"', "edition 1"],
)  # fmt: skip
def test_a_statement_in_a_text_is_a_warning_with_a_fix(tmp_path: Path, line: str) -> None:
    text = HEAD + f"shot s 5s\n  A lamp.\n  {line}\n"
    assert lines(tmp_path, text) == ["6:3 SB321"]
    assert f"\n{line}\n" in mended(tmp_path, text, "SB321")


@pytest.mark.parametrize(
    "line",
    [
        "shot from above",
        "a scene by the river",
        "split screen",
        "let it snow",
        "use light",
        "for miles in every way",
        "scenes",
    ],
)
def test_prose_is_not_a_statement(tmp_path: Path, line: str) -> None:
    assert lines(tmp_path, HEAD + f"shot s 5s\n  A lamp.\n  {line}\n") == []


def test_a_setting_equal_to_the_inherited_one_is_a_hint_with_a_fix(tmp_path: Path) -> None:
    text = 'story "T"\n  .model kirin_v3_t2v\n  .mode pro\n  .suffix X\nscene a\n  .mode pro\nshot s 5s\n  .suffix X\n  A.\n'
    assert lines(tmp_path, text) == ["6:3 SB215", "8:3 SB215"]
    assert lines(tmp_path, mended(tmp_path, text, "SB215")) == ["7:3 SB215"]


def test_template_setting_is_redundant_only_if_it_always_is(tmp_path: Path) -> None:
    text = "template t()\n  shot s 5s\n    .mode pro\n    A\nscene a\n  .mode pro\nuse t()\n"
    assert lines(tmp_path, HEAD + text) == ["6:5 SB215"]
    assert lines(tmp_path, HEAD + text.replace("    A\n", "    {{ scene.name }}\n") + "scene b\nuse t()\n") == []


def test_written_default_is_not_redundant(tmp_path: Path) -> None:
    assert lines(tmp_path, HEAD + "shot s 5s\n  .mode std\n  A\n") == []


def test_duplicate_negatives_are_a_hint(tmp_path: Path) -> None:
    text = 'story "T"\n  .model kirin_v3_t2v\n  .negative a, b, a\nscene x\n  .negative + b\nshot s 5s\n  .avoid c, c\n  A.\n'
    assert lines(tmp_path, text) == ["3:3 SB214", "5:3 SB214", "7:3 SB214"]


def test_findings_of_a_file_are_sorted_by_place(tmp_path: Path) -> None:
    text = (
        HEAD + "shot s 5s\n  .mode fast\n  {{ nope }}\n\nshot t 5s\n  {{ 1 + 1 }}\n\nlet x = {{ y }}\n\nshot u 2.5s\n"
    )
    found = errors(tmp_path, text)
    assert found == sorted(found, key=lambda line: tuple(map(int, line.split()[0].split(":"))))
    assert len(found) == 6


def test_one_mistake_is_one_error(tmp_path: Path) -> None:
    assert errors(
        tmp_path, HEAD + "scene a 12s\nlet mei = {{ nope }}\nshot s 5s\n  {{ mei }}\nshot t 7s\n  {{ mei | upper }}\n"
    ) == ["5:14 SB110"]
    assert errors(tmp_path, HEAD + "let hold = {{ nope }}\nscene a 12s\nshot s hold\n  A\n") == ["4:15 SB110"]
    assert errors(tmp_path, HEAD + "template t(x)\n  shot s 5s\n    {{ x }}\nuse t(nope)\nuse t(nope) as u\n") == [
        "7:7 SB110",
        "8:7 SB110",
    ]


def test_mistakes_of_different_kinds_do_not_hide_each_other(tmp_path: Path) -> None:
    text = (
        'story "T"\n  .model kirin_v3_t2v\n  .mode fast\n'
        "shot a 2.5s\n  A {{ nope }}\nshot b 20s\n  .aspect_ratio 3:2\n  B\nshot c 5s\n  " + "x" * 2600 + "\n"
    )
    assert errors(tmp_path, text) == ["3:3 SB205", "4:1 SB251", "5:8 SB110", "6:1 SB250", "7:3 SB205", "9:1 SB203"]
