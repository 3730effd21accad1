from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from storyboard.diagnostics import Diagnostic, Edit, Fix, Related, Rule, Severity
from storyboard.report.frames import View, frame, report, summary
from storyboard.report.style import cells, coloured, plain
from storyboard.source import Source, Span
from tests.support.work import growth

FOLDER = Path("/films")
ERROR = Rule("SB203", "prompt-too-long", Severity.ERROR, "", "", "", "")
WARNING = Rule("SB130", "unused", Severity.WARNING, "", "", "", "")
HINT = Rule("SB140", "near", Severity.HINT, "", "", "", "")

STORY = 'story "灯笼夜 🏮"\n\n  .mode pro\n  .sound\ton\r\n\tTab 梅 walks.\nshot street 5s'


def source(text: str, name: str = "lantern.story") -> Source:
    return Source(FOLDER / name, text)


def at(text: str, marked: str, rule: Rule = ERROR, **more: object) -> Diagnostic:
    start = text.index(marked)
    return rule.at(Span(source(text), start, start + len(marked)), "`arrival.street` is too long", **more)  # type: ignore[arg-type]


def seen(*diagnostics: Diagnostic, width: int = 80, base: Path = FOLDER) -> str:
    return plain(report(diagnostics, View(width, base)))


def test_finding_with_every_part(snapshot: SnapshotAssertion) -> None:
    here = source(STORY)
    diagnostic = at(
        STORY,
        "shot street 5s",
        label="its prompt, filled in, is 540 characters",
        help="cut 28 characters, or let it stand alone with `split` before and after",
        fix=Fix("stand alone", (Edit(Span(here, 0, 0), "split\n"),), safe=True),
        related=[
            Related("210 its own text", Span(here, 0, 5)),
            Related(" 32 {{ 梅 }}", Span(source("a\nb", "house/style.story"), 2, 3)),
        ],
    )
    assert seen(diagnostic, at(STORY, "pro", WARNING, label="not used")) == snapshot


@pytest.mark.parametrize(
    "marked", ["🏮", "灯笼夜", "on\r\n", "\ton", "梅", "\tTab", STORY, 'story "灯笼夜 🏮"\n\n'], ids=repr
)
def test_marks_are_below_the_marked_text(marked: str, snapshot: SnapshotAssertion) -> None:
    assert seen(at(STORY, marked, HINT, label="here")) == snapshot


def test_the_end_of_a_file_can_be_marked(snapshot: SnapshotAssertion) -> None:
    texts = ["", "shot a 5s", "shot a 5s\n", "shot a 5s\r\n\r\n"]
    found = [ERROR.at(Span(source(text), len(text), len(text)), "something is missing here") for text in texts]
    assert seen(*found) == snapshot


@pytest.mark.parametrize("width", [30, 50, 80])
@pytest.mark.parametrize("marked", ["first", "middle", "最后"])
def test_a_long_line_is_cut_around_its_mark(width: int, marked: str, snapshot: SnapshotAssertion) -> None:
    text = "the first " + "and so on " * 30 + "middle " + "灯笼 " * 40 + "最后"
    shown = seen(at(text, marked), width=width)
    assert shown == snapshot
    quoted = next(one for one in shown.splitlines() if one.startswith("1 │"))
    assert marked in quoted
    assert cells(quoted) <= width


def test_text_of_a_user_cannot_control_the_terminal() -> None:
    text = "shot \x1b[2J\x07 5s \u202eevil\x9b31m"
    diagnostic = ERROR.at(
        Span(source(text, "a\x1b]0;title\x07.story"), 5, 9), "nothing is called `\x1b[2J`\nsecond", help="\x1b[1m"
    )
    written = seen(diagnostic)
    assert not [char for char in written if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)]
    assert "\u202e" not in written
    assert "␛[2J" in written


def test_colour_changes_nothing_but_colour() -> None:
    diagnostic = at(STORY, "pro", help="way out")
    lines = frame(diagnostic, View(80, FOLDER))
    assert "\x1b[1;31merror[SB203]\x1b[0m" in coloured(lines)
    assert "\x1b" not in plain(lines)


def test_paths_are_relative_to_where_one_stands() -> None:
    assert "┌─ ../films/lantern.story:3:3" in seen(at(STORY, ".mode"), base=Path("/elsewhere"))


@pytest.mark.parametrize("letter", ["x", "灯", "\x1b"])
def test_work_of_showing_a_line_does_not_grow_with_its_length(letter: str) -> None:
    def show(length: int) -> None:
        text = letter * length
        here = source(text)
        found = [ERROR.at(Span(here, start, len(text)), "long") for start in (0, len(text) // 2, len(text) - 1)]
        assert max(map(cells, seen(*found).splitlines())) <= 80

    show(10_000_000)
    assert growth(show, 5_000) < 1.1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "no problems found in 3 files"),
        ([ERROR, ERROR, WARNING, HINT], "2 errors, 1 warning, 1 hint in 3 files"),
        ([HINT], "1 hint in 3 files"),
    ],
)
def test_summary_has_the_counts(rules: list[Rule], said: str) -> None:
    found = [rule.at(Span(source("x"), 0, 1), str(number)) for number, rule in enumerate(rules)]
    assert plain([summary(found, 3)]) == said + "\n"
    assert plain([summary(found, 3, 0.0412)]) == f"{said} (41 ms)\n"
