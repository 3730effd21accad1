"""Our reading of Fountain against three parsers that are not ours. Where one of them is wrong, it is said here why, and
that it still differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fountain_parser
import pytest
from fountain import FountainParser
from fountain.elements import FountainElement
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
KINDS = {"heading", "action", "character", "dialogue", "parenthetical", "transition", "lyrics", "centered"}

Element = tuple[str, str]


def plain(text: str) -> str:
    """A text without marks, aside from what the parsers keep on purpose in their own ways."""
    bare = re.sub(r"\[\[\d+\]\]|/\*\d+\*/|\(CONT'D\)|[*_\\]", "", text)
    return " ".join(bare.split()).strip("()")


def alike(elements: Iterator[Element]) -> list[Element]:
    """In one form: a paragraph of action is one element, and so is what is said without a pause."""
    found: list[Element] = []
    for kind, text in elements:
        parts = re.split(r"\n\s*\n", text) if kind == "action" else [text]
        for words in filter(None, map(plain, parts)):
            if kind == "dialogue" and found[-1][0] == kind:
                found[-1] = (kind, f"{found[-1][1]} {words}")
            elif kind in KINDS:
                found.append((kind, words))
    return found


def by_us(text: str) -> Iterator[Element]:
    return ((element.kind, element.text) for element in read_fountain(text))


def by_screenplay_tools(text: str) -> Iterator[Element]:
    parser = Parser()
    parser.add_text(text)
    for element in parser.script.elements:
        kind = element.type.name.lower().replace("lyric", "lyrics")
        words = element.text_raw
        if kind == "character":
            words = element.name + (f" ({element.extension})" if element.extension else "")
        yield ("centered" if getattr(element, "centered", False) else kind), words


def by_fountain_py(text: str) -> Iterator[Element]:
    for element in FountainParser().parse(text).elements:
        for each in _one_after_the_other(element):
            extension = each.metadata.get("extension")
            yield each.type.value.replace("scene_", ""), each.text + (f" ({extension})" if extension else "")


def _one_after_the_other(element: FountainElement) -> Iterator[FountainElement]:
    """An element, or the two speeches of a dual dialogue."""
    match element.metadata:
        case {
            "left_character": FountainElement() as left,
            "left_dialogue": [*said_left],
            "right_character": FountainElement() as right,
            "right_dialogue": [*said_right],
        }:
            yield from (left, *said_left, right, *said_right)
        case _:
            yield element


def by_fountain_parser(text: str) -> Iterator[Element]:
    for element in fountain_parser.parse(text).elements:
        words = getattr(element, "text", "")
        if isinstance(element, fountain_parser.Character):
            words = " ".join([element.name, *(f"({each})" for each in element.extensions)])
        kind = element.element_type.value.replace("scene_", "")
        yield ("centered" if getattr(element, "is_centered", False) else kind), words


@dataclass(frozen=True)
class OtherParser:
    """A parser of Fountain and, by the name of a script, what it gets wrong there by the format's page."""

    read: Callable[[str], Iterator[Element]]
    wrong: Mapping[str, str]


PARSERS = {
    "screenplay-tools": OtherParser(by_screenplay_tools, {}),
    "fountain-py": OtherParser(
        by_fountain_py,
        {"no_blank_after_heading.fountain": "a heading without a blank line around it is a part of the text beside it"},
    ),
    "fountain-parser": OtherParser(
        by_fountain_parser,
        {
            "ferry.fountain": "`!` and `~` are parts of the text, and so is a note",
            "forced.fountain": "`!` is a part of the text, and two spaces do not go on with a speech",
            "no_blank_after_heading.fountain": "a heading right after a speech is a part of it",
        },
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("parser", PARSERS)
def test_another_parser_finds_the_same_elements(parser: str, name: str) -> None:
    text = SCRIPTS[name]
    for fade in ("FADE IN:\n\n", "FADE OUT."):  # they read a heading or a transition where the page has action
        text = text.replace(fade, "")
    theirs = alike(PARSERS[parser].read(text))
    assert (theirs == alike(by_us(text))) == (name not in PARSERS[parser].wrong), theirs


def test_elements_have_their_line_numbers() -> None:
    text = SCRIPTS["ferry.fountain"]
    lines = text.split("\n")
    for element in read_fountain(text):
        first = element.text.split("\n")[0].split(" ")[0].strip("(")
        assert first in lines[element.line - 1] or first in lines[element.line], element


def test_a_comment_that_is_not_closed_is_text() -> None:
    elements = read_fountain("INT. A - DAY\n\nRain /* falls [[and\n\nfalls]] on.\n")
    assert [element.kind for element in elements] == ["heading", "action", "action"]
