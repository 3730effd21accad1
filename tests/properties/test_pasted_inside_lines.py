"""What was pasted behind a prompt, on the same line, is reported there, and prompts of several sentences are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storyboard.diagnostics import Severity
from tests.properties.test_pasted import FAMILIES, HEAD, PROSE, told_at
from tests.support.front import check_text
from tests.support.honest_prompts import HONEST
from tests.support.pasted_documents import PROSE as MORE_PROSE

IN_EAST_ASIA = re.compile(r"[\u3040-\u9fff]")
KINDS = (
    "titles", "headings of scripts", "time codes", "markdown", "notes", "references", "flags", "braces", "chatter",
    "invisible", "trailing comments",
)  # fmt: skip
"""The kinds that are never part of a prompt, wherever in a line they begin; a label may well be."""


def behind(line: str) -> tuple[str, int]:
    """The line behind a sentence, and the column where it begins there."""
    sentence = "她走着。" if IN_EAST_ASIA.search(line) else "She walks on. "
    return sentence + line, 3 + len(sentence)


def reported(folder: Path, lines: list[str]) -> dict[str, list[int]]:
    """Each line that is more than hinted at as the text of a shot, with the columns where."""
    found: dict[str, list[int]] = {}
    for begin in range(0, len(lines), 40):
        some = lines[begin : begin + 40]
        text = HEAD + "".join(f"shot s{number} 5s\n  {line}\n" for number, line in enumerate(some))
        first = HEAD.count("\n") + 2
        for each in check_text(folder, text).diagnostics:
            at = each.span.position
            if each.severity is not Severity.HINT and (at.line - first) % 2 == 0:
                found.setdefault(some[(at.line - first) // 2], []).append(at.column)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_pasted_behind_a_sentence_is_reported(tmp_path: Path, kind: str) -> None:
    lines = [behind(line)[0] for line in FAMILIES[kind]]
    told = reported(tmp_path, lines)
    assert [line for line in lines if line not in told] == []


@pytest.mark.parametrize(
    "pasted",
    [
        "Let me know if you want changes!",
        "Fade to black.",
        "Same as above.",
        "I hope this helps!",
        "This shot establishes the mood.",
        "Copy code",
        "The client wants this longer.",
        "SFX waves.",
        "JOHN: Where are you?",
        'John: "Where are you?"',
        "1080p, 24fps.",
        "Scene 2, he stops.",
        "End of scene.",
        "INT. KITCHEN - DAY",
        '{"prompt": "A street", "duration": 5}',
        "希望这对您有帮助！",
        "不要出现文字。",
        "承知しました。",
        "Kein Text, kein Wasserzeichen.",
        "Avísame si quieres cambios.",
    ],
)
def test_it_is_reported_from_where_it_begins(tmp_path: Path, pasted: str) -> None:
    line, column = behind(pasted)
    assert reported(tmp_path, [line]) == {line: [column]}


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("She looks up [beat] and walks on.", 16),
        ("She walks on [ALT: she runs] and stops.", 16),
        ("She walks on (music swells) and stops.", 16),
        ("She walks on (V.O.: the sea was calm) and stops.", 16),
        ("She walks on (client wants this longer) and stops.", 16),
        ("她走着【音效：海浪】停下。", 6),
        ("She walks on <- make it a man.", 3),
        ("She walks on, {{ mei }} Let me know if you want changes!", 27),
        ("She walks on. Seed 42.", 3),
        ("She walks on, seed 42, cfg 7.5, steps 30", 3),
        ("She walks on, negative prompt blurry", 17),
        ("She walks on ###", 16),
    ],
)
def test_what_is_pasted_between_words_is_reported(tmp_path: Path, line: str, column: int) -> None:
    assert reported(tmp_path, [line]) == {line: [column]}


def test_a_prompt_behind_a_sentence_is_a_prompt(tmp_path: Path) -> None:
    alone = [*dict.fromkeys((*HONEST, *PROSE, *MORE_PROSE))]
    told = reported(tmp_path, alone)
    behind_a_sentence = [behind(line)[0] for line in alone if line not in told]
    assert len(behind_a_sentence) > 600
    assert reported(tmp_path, behind_a_sentence) == {}


@pytest.mark.parametrize(
    "line",
    [
        'He turns. "Let me know if you want changes," he says.',
        'He says: "It is late. Let me know when you leave." She nods.',
        "He says: “It is late. Let me know when you leave.” She nods.",
        "They pass St. Mark's on 5 Av. and stop.",
        "A man (Mei's father) waits by the gate (alone).",
        "{{ mei }} Chen walks on. {{ mei }} Let go of, a rope falls.",
        "POV: I walk down the stairs. I'm breathing hard.",
        "She walks. Camera: slow push-in. Lighting: soft.",
        "A cow looks up. Who goes there? A lantern sweeps the dark.",
        "He runs. Then the rain stops. Two lamps flicker.",
    ],
)
def test_sentences_of_a_prompt_are_left_alone(tmp_path: Path, line: str) -> None:
    assert reported(tmp_path, [line]) == {}


def test_one_thing_in_a_line_is_reported_once(tmp_path: Path) -> None:
    text = HEAD + "shot yard 5s\n  She walks on. Note: ask Jo. Let me know if you want changes!\n"
    assert len(told_at(tmp_path, text, HEAD.count("\n") + 2)) == 2
