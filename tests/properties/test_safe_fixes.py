"""Whatever is wrong with a story, `lint --fix` loses no text and takes no text for a statement, nor the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.source import Source
from storyboard.syntax import parse
from storyboard.syntax.tree import (
    Body,
    ForDecl,
    LetDecl,
    PhraseDecl,
    SceneDecl,
    ShotDecl,
    Statement,
    StoryDecl,
    TemplateDecl,
)
from tests.support.mending import mend

TEXT, NAME, NOTE, VALUE, LET = "txt", "nam", "rem", "val", "def"
"""What each word of a story begins with: one of a text, of a statement, of a comment, of a setting or an argument, of
the text of a `let`."""
WORD = re.compile(rf"(?:{TEXT}|{NAME}|{NOTE}|{VALUE}|{LET})[0-9]+")
MAY_BECOME = {
    TEXT: {"text", "note"},
    NAME: {"header"},
    NOTE: {"note"},
    VALUE: {"value", "header", "note"},
    LET: {"let", "note"},
}
"""What each may be taken for after `lint --fix` that it was not taken for before."""


HEADER_AT_THE_MARGIN = re.compile(r"Shot \w+ 4s")
"""A sentence of those below that is a header once it has lost its indent."""

SENTENCES = (
    "A {} crosses the {}.",
    "Let the {} rest on {}.",
    "let the {} rest on {}",
    "let {} go: she drops {}",
    "scene opens on a {}, then {}",
    "Scene: {} and {}",
    "shot of {} from {}",
    "shot lasts 5 seconds, {} and {}",
    "shot {} 5 seconds",
    "Shot {} 4s",
    "scene {} 5 seconds",
    "split the {} by {}",
    "use {} as {}",
    "for {} in {}",
    "for each {} of {}",
    "story begins at {}, {}",
    "import {} as {}",
    "param {} of {}",
    "phrase {} by {}",
    '"{} and {}"',
    "“{}，{}”",
    "{}（{}）",
    "Negative prompt: {}, {}",
    "mode pro {} {}",
    "- {} with {}",
    "{} # {}",
    "{} // {}",
    "<!-- {} {} -->",
    "{{{}}} waits. {}",
    "#{} at {}",
    "(5s) {} {}",
)


@st.composite
def stories(draw: st.DrawFn) -> str:
    """A story whose every word says what it is."""
    numbers = iter(range(10_000))

    def sentence(of: str = TEXT) -> str:
        return draw(st.sampled_from(SENTENCES)).format(f"{of}{next(numbers)}", f"{of}{next(numbers)}")

    def texts() -> Iterator[str]:
        return (sentence() for _ in range(draw(st.integers(1, 2))))

    lines = ["edition 1", f'story "{NAME}{next(numbers)}"', "  .model kirin_v3_t2v", f"  .suffix {sentence(VALUE)}"]
    for kind in draw(
        st.lists(st.sampled_from(["shot", "shot", "scene", "let", "phrase", "use", "for", "#"]), max_size=6)
    ):
        name = f"{NAME}{next(numbers)}"
        if kind != "#":
            lines.append("")
        match kind:
            case "shot":
                lines += [f"shot {name} 5s", *(f"  {text}" for text in texts())]
            case "scene":
                lines += [f'scene {name} "{NAME}{next(numbers)}" 5s', f"  .avoid {VALUE}{next(numbers)}"]
            case "let":
                lines.append(f"let {name} = {sentence(LET)}")
            case "phrase":
                lines += [f"phrase {name}(who)", *(f"  {text}" for text in texts())]
            case "use":
                lines += [f"template {name}(a, b)", "  shot a 3s", f"    {sentence()}", ""]
                lines.append(f'use {name}("{VALUE}{next(numbers)}", b = {name}) as {NAME}{next(numbers)}')
            case "for":
                lines += [f"for {name} in {NAME}{next(numbers)}, b", "  shot s 3s", f"    {sentence()}"]
            case _:
                lines.append(f"# {NOTE}{next(numbers)}")
    return "\n".join(lines) + "\n"


SLIPS = st.sampled_from(
    [
        "drop",
        "double",
        "swap",
        "indent",
        "dedent",
        "tab",
        "case",
        "colon",
        "comment",
        "quote",
        "wide",
        "blank",
        "bullet",
    ]
)


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A story with mistakes."""
    lines = draw(stories()).split("\n")
    for _ in range(draw(st.integers(1, 5))):
        number = draw(st.integers(0, len(lines) - 1))
        if draw(st.booleans()):
            lines[number] = lines[number].lstrip()  # the mistake that pasted text has most
        else:
            lines[number] = _slip(lines[number], draw(SLIPS), draw(st.floats(0, 1, exclude_max=True)))
    return "\n".join(lines)


def _slip(line: str, slip: str, where: float) -> str:
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    outside = [at for at in range(len(line)) if not any(w.start() <= at < w.end() for w in WORD.finditer(line))]
    at = outside[int(where * len(outside))] if outside else 0
    match slip:
        case "drop":
            return line[:at] + line[at + 1 :] if outside else line
        case "double":
            return line[: at + 1] + line[at:] if outside else line
        case "swap":
            safe = at in outside and at + 1 in outside
            return line[:at] + line[at + 1 : at + 2] + line[at : at + 1] + line[at + 2 :] if safe else line
        case "indent":
            return "  " + line
        case "tab":
            return "\t" + body
        case "case":
            return indent + body[:1].swapcase() + body[1:]
        case "colon":
            return indent + body.replace(" ", ": ", 1)
        case "comment":
            return f"{indent}# {body}"
        case "quote":
            return line.replace('"', "", 1) if '"' in line else f'{indent}"{body}"'
        case "wide":
            return (
                line.replace("(", "（").replace(")", "）").replace('"', "“", 1).replace(" = ", "＝").replace(":", "：")
            )
        case "blank":
            return ""
        case _:
            return f"{indent}- {body}"


def roles(text: str) -> dict[str, set[str]]:
    """What the program takes each word for: `text`, `note`, `header`, `let`, or the `value` of a setting; words that it
    does not understand are left out."""
    file = parse(Source(Path("/t.story"), text)).value
    found: dict[str, set[str]] = {}
    if file is None:
        return found

    def add(words: str, role: str) -> None:
        for word in WORD.findall(words):
            found.setdefault(word, set()).add(role)

    def body_of(body: Body) -> None:
        add(body.text.raw if body.text else "", "text")
        for setting in body.settings:
            add(setting.value.raw, "value")

    def statement(one: Statement) -> None:
        if isinstance(one, LetDecl):
            value = one.value.whole
            add(one.value.raw, "let")
            add(one.span.text.replace(value.text, "", 1), "header")
            return
        add(one.span.text, "header")
        if isinstance(one, StoryDecl | SceneDecl | ShotDecl):
            body_of(one.body)
        elif isinstance(one, PhraseDecl):
            add(one.text.raw, "text")
        elif isinstance(one, TemplateDecl | ForDecl):
            for inner in one.statements:
                statement(inner)

    for comment in file.comments:
        add(comment.text, "note")
    for one in file.statements:
        statement(one)
    return found


@settings(deadline=None, max_examples=300)
@given(spoiled())
def test_safe_fix_loses_and_changes_no_word(text: str) -> None:
    after = mend(text)
    was, now = roles(text), roles(after)
    assert set(WORD.findall(after)) == set(WORD.findall(text))
    for line in text.split("\n"):
        also = {"note"} if line.lstrip().startswith("#") else set[str]()
        if HEADER_AT_THE_MARGIN.fullmatch(line):
            also = {"header"}  # nothing tells such a line from a header but its capital
        for word in WORD.findall(line):
            before, behind = was.get(word, set()), now.get(word, set())
            assert behind - before <= MAY_BECOME[word[:3]] | also, word
            assert behind or not before, f"{word} is not understood any more"
    assert mend(after) == after, "a second run changes something"


PROSE = (
    "Let the camera rest on it.",
    "let the camera rest on it",
    "let go: she drops the bag",
    "Scene: night, rain",
    "Scene opens",
    "scene opens on a street",
    "Shot lasts 5s",
    "shot lasts 5 seconds",
    "Split",
    "Use reveal as end",
    "use reveal as end",
    "For each bank in view",
    "story begins at dawn",
    "Import cars as symbol",
)


@pytest.mark.parametrize("line", PROSE)
def test_unindented_sentence_is_left_alone(line: str) -> None:
    text = f'story "T"\n  .model kirin_v3_t2v\n\nshot a 4s\n  A cat.\n{line}\n\nshot b 4s\n  A dog.\n'
    assert mend(text) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("Shot b 4s\n  A dog.", "shot b 4s\n  A dog."),
        ("shot: b 4s\n  A dog.", "shot b 4s\n  A dog."),
        ("shot b 4 sec\n  A dog.", "shot b 4s\n  A dog."),
        ('Scene b "Night"', 'scene b "Night"'),
        ("scene b “Night”", 'scene b "Night"'),
        ("for x of n, s\n  shot b 3s\n    A dog.", "for x in n, s\n  shot b 3s\n    A dog."),
        ("param x", "param x ="),
        ("let x：a dog", "let x = a dog"),
        ("import house.story as house", 'import "house.story" as house'),
        ("spilt # here", "split # here"),
        ("SHOT b 4S\n  A dog.", "shot b 4s\n  A dog."),
        ("shot #3 4s\n  A dog.", "shot 3 4s\n  A dog."),
        ("shot b four seconds\n  A dog.", "shot b 4s\n  A dog."),
        ("shot b 4000ms\n  A dog.", "shot b 4s\n  A dog."),
        ("shot ‘b’ 4s\n  A dog.", "shot b 4s\n  A dog."),
        ("镜头 b 4秒\n  A dog.", "shot b 4s\n  A dog."),
        ("shot　b　４秒\n　　A dog.", "shot b 4s\n  A dog."),
        ("لقطة قريبة ٤ث\n  A dog.", "shot قريبة 4s\n  A dog."),
        ("sh\u200bot b 4s\n  A dog.", "shot b 4s\n  A dog."),
        ("/* later */\nshot b 4s\n  A dog.", "# later\nshot b 4s\n  A dog."),
        ("-- later\nshot b 4s\n  A dog.", "# later\nshot b 4s\n  A dog."),
        ("; later\nshot b 4s\n  A dog.", "# later\nshot b 4s\n  A dog."),
        ("shot b 4s\n.avoid cats\n  A dog.", "shot b 4s\n  .avoid cats\n  A dog."),
        ("shot b 4s\n  A dog.\n  .avoid cats", "shot b 4s\n  .avoid cats\n  A dog."),
        (
            "shot b 4s\n  A dog.\n  .avoid cats\n  It barks.\n  .note Loud.",
            "shot b 4s\n  .avoid cats\n  .note Loud.\n  A dog.\n  It barks.",
        ),
        ("shot b 4s\n  .避免 cats\n  A dog.", "shot b 4s\n  .avoid cats\n  A dog."),
        ("shot b 4s\n  .mode std // cheap\n  A dog.", "shot b 4s\n# cheap\n  .mode std\n  A dog."),
    ],
)
def test_certain_statement_is_fixed(wrong: str, right: str) -> None:
    head = 'story "T"\n  .model kirin_v3_t2v\n\nshot a 4s\n  A cat.\n\n'
    assert mend(f"{head}{wrong}\n") == f"{head}{right}\n"
