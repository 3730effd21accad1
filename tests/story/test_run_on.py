"""Texts that are joined to a prompt end before the next begins, or a hint says so at the end that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.front import check_text

HEAD = 'story "T"\n  .model kirin_v3_t2v\n'


def hints(folder: Path, text: str) -> list[tuple[int, str]]:
    found = check_text(folder, HEAD + text).diagnostics
    return [(each.span.position.line, each.message) for each in found if each.code == "SB354"]


@pytest.mark.parametrize(
    ("text", "line", "follows"),
    [
        ("  .suffix 35mm film grain.\n\nshot a 3s\n  A street, no people\n", 6, "35mm film grain."),
        ("  .suffix 胶片颗粒。\n\nshot a 3s\n  雨后的街道\n", 6, "胶片颗粒。"),
        ("  .suffix 35mm film grain\n\nshot a 3s\n  .avoid cars\n  A street.\n", 3, "No cars."),
        ("\nshot a 3s\n  .avoid cars\n  A street\n", 6, "No cars."),
        ("  .negatives inline\n  .negative cars\n\nshot a 3s\n  A street\n", 7, "No cars."),
        ("\nscene gym\n  .prefix {{ scene.text }}\n  A gym at dusk\n\nshot a 3s\n  Tom throws.\n", 5, "Tom throws."),
        ("  .suffix Grain.\n\nshot a 3s\n  .suffix + Cold light.\n  A “street”\n", 7, "Grain. Cold light."),
    ],
)
def test_run_on_text_is_reported_at_its_end(tmp_path: Path, text: str, line: int, follows: str) -> None:
    assert hints(tmp_path, text) == [(line, f"this has no full stop before `{follows}`")]


@pytest.mark.parametrize(
    "text",
    [
        "  .suffix 35mm film grain.\n\nshot a 3s\n  A street.\n",
        "  .suffix , 35mm film grain\n\nshot a 3s\n  A street\n",
        "  .suffix 35mm film grain\n\nshot a 3s\n  A street,\n",
        "  .suffix 35mm film grain\n\nshot a 3s\n  A sign: “OPEN.”\n",
        "  .suffix 35mm film grain\n\nshot a 3s\n  .card\n  The end\n",
        "  .prefix Wide shot of\n\nshot a 3s\n  a street.\n",
        "  .prefix Style: film. Subject:\n\nshot a 3s\n  Mei waits.\n",
        "\nshot a 3s\n  A street\n",
    ],
)
def test_complete_text_is_not_reported(tmp_path: Path, text: str) -> None:
    assert hints(tmp_path, text) == []


def test_many_texts_that_run_on_into_one_line_are_reported_once(tmp_path: Path) -> None:
    shots = "".join(f"\nshot s{number} 3s\n  Lamp {number}\n" for number in range(4))
    found = check_text(tmp_path, HEAD + "  .suffix 35mm film grain.\n" + shots).diagnostics
    assert [(each.code, each.help) for each in found] == [
        ("SB354", "end it with a full stop or a comma; 3 more texts have none either")
    ]


def test_both_ends_of_a_suffix_are_checked(tmp_path: Path) -> None:
    text = "  .suffix 35mm film grain\n\nshot a 3s\n  .avoid cars\n  A street\n"
    assert [line for line, _ in hints(tmp_path, text)] == [3, 7]
