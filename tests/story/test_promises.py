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


def test_missing_shots_are_not_reported_after_an_error(tmp_path: Path) -> None:
    assert errors(tmp_path, HEAD + "rain falls\n  X\n") == ["4:1 SB003"]
    assert errors(tmp_path, HEAD + "use nope()\n") == ["4:5 SB110"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('import "b.story" as b\n' + SHOT + "--- b.story\nlet x = X\n", "4:1 SB140"),
        ('import "b.story"\n' + SHOT + "--- b.story\nlet x = X\n", "4:1 SB140"),
    ],
)
def test_unused_import_is_a_warning(tmp_path: Path, text: str, wanted: str) -> None:
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


def test_one_mistake_is_one_error(tmp_path: Path) -> None:
    assert errors(tmp_path, HEAD + "let hold = {{ nope }}\nscene a 12s\nshot s hold\n  A\n") == ["4:15 SB110"]
    assert errors(tmp_path, HEAD + "template t(x)\n  shot s 5s\n    {{ x }}\nuse t(nope)\nuse t(nope) as u\n") == [
        "7:7 SB110",
        "8:7 SB110",
    ]
