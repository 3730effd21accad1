"""Our reading of Fountain against screenplay-tools, a parser that is not ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from screenplay_tools.fountain.parser import Parser

from storyboard.importing.fountain import read_fountain

SCRIPTS = {
    path.name: path.read_text("utf-8")
    for path in sorted((Path(__file__).parent / "sources").glob("*.fountain"))
    if not path.name.startswith("chinese")  # it knows neither `.内景` nor `（笑）`
} | {
    "transitions": "INT. A - DAY\n\nRain.\n\nCUT TO:\n\nEXT. B - NIGHT\n\n> Fade to red\n\nSnow.\n",
    "dual dialogue": "EXT. PIER - DAWN\n\nJO\nGo!\n\nMAX ^\nWait!\n\nThey go.\n",
    "speakers in words": "EST. CITY\n\n@McAvoy\nYes.\n\nMRS. O'DEA (O.S.)\n(slowly)\nNo.\n(then)\nNever.\n",
    "not speakers": "INT. A - DAY\n\nTHE LIGHT GOES OUT.\n\nA VOICE\n\nSilence.\n",
    "headings": "int. kitchen - day\n\nA.\n\nI/E. CAR - DAY\n\nB.\n\n.ANYWHERE\n\nC.\n\nINTERIOR THOUGHTS rise.\n\n..two dots\n",
    "emphasis": "INT. A - DAY\n\nA *very* **big** ***red*** _door_.\n",
    "no headings": "A field.\n\nTwo crows land.\n",
}
_KINDS = {
    "HEADING": "heading",
    "ACTION": "action",
    "CHARACTER": "character",
    "DIALOGUE": "dialogue",
    "PARENTHETICAL": "parenthetical",
    "TRANSITION": "transition",
    "LYRIC": "lyrics",
}


def plain(text: str) -> str:
    """A text without marks, aside from what the two parsers keep on purpose in their own ways."""
    bare = re.sub(r"\[\[\d+\]\]|/\*\d+\*/|\(CONT'D\)|[*_\\]", "", text)
    return " ".join(bare.split()).strip("()")


def theirs(text: str) -> list[tuple[str, str]]:
    parser = Parser()
    parser.add_text(text)
    found = []
    for element in parser.script.elements:
        kind = _KINDS.get(element.type.name)
        if kind is None:
            continue
        words = element.text_raw
        if kind == "character":
            words = element.name + (f" ({element.extension})" if element.extension else "")
        elif getattr(element, "centered", False):
            kind = "centered"
        parts = re.split(r"\n\s*\n", words) if kind == "action" else [words]
        found += [(kind, plain(part)) for part in parts if plain(part)]
    return found


def ours(text: str) -> list[tuple[str, str]]:
    kinds = {*_KINDS.values(), "centered"}
    return [(element.kind, plain(element.text)) for element in read_fountain(text) if element.kind in kinds]


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_parsers_find_the_same_elements(name: str) -> None:
    text = SCRIPTS[name].replace("FADE IN:\n\n", "")  # theirs is a heading, where the format's page has action
    assert ours(text) == theirs(text)


def test_elements_have_their_line_numbers() -> None:
    text = SCRIPTS["ferry.fountain"]
    lines = text.split("\n")
    for element in read_fountain(text):
        first = element.text.split("\n")[0].split(" ")[0].strip("(")
        assert first in lines[element.line - 1] or first in lines[element.line], element


def test_a_comment_that_is_not_closed_is_text() -> None:
    elements = read_fountain("INT. A - DAY\n\nRain /* falls [[and\n\nfalls]] on.\n")
    assert [element.kind for element in elements] == ["heading", "action", "action"]
