"""Mistakes in headers, taught by example: a table of wrong lines, what is said of each, and the line that was meant.

The grammar says only that a header is none. The first entry whose pattern fits the header says why; the tests run the
table's own examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from storyboard.diagnostics import Diagnostic, Edit, Fix, Rule
from storyboard.diagnostics.rules import reading
from storyboard.source import Source, Span
from storyboard.syntax import full_width
from storyboard.syntax.forms import FORMS
from storyboard.syntax.layout import Line
from storyboard.syntax.quoting import LONGEST_QUOTE, quoted

LONGEST_HEADER = 2000
"""Why a longer header is none is not looked into."""

_FRAGMENTS = {
    "WORD": r"[^\s\"'(),=:#;]+",
    "WORDS": r"[^\s\"'(),=:#;][^\"'(),=:#;]*?",
    "NAME": r"[^\W\d][\w.-]*",
    "TIME": r"\d+(?:\.\d+)?s",
    "NUMBER": r"\d+(?:\.\d+)?",
    "STRING": r"\"(?:[^\"\\]|\\.)*\"",
    "TITLE": r"[^\s\"#][^\"#]*?",
}
_FRAGMENT = re.compile("|".join(sorted(_FRAGMENTS, reverse=True)))
_CODE = re.compile(r'(?:[^"#]|"(?:[^"\\]|\\.)*"?|(?<![ \t])#)*')


@dataclass(frozen=True, slots=True)
class Mistake:
    """One way to go wrong. `pattern` is searched in the header, comment aside; `at` in it is what is marked, and
    `write` says what a group of it is replaced with to mend it. `message` and `write` may name the pattern's groups."""

    rule: Rule
    keywords: str
    pattern: re.Pattern[str]
    message: str
    wrong: str
    right: str | None = None
    write: dict[str, str] = field(default_factory=dict)
    help: str | None = None
    every: bool = False
    """Whether all matches are mended, not only the first."""


def _mistake(
    rule: Rule,
    keywords: str,
    pattern: str,
    message: str,
    *,
    wrong: str,
    right: str | None = None,
    write: dict[str, str] | None = None,
    help: str | None = None,  # noqa: A002
    every: bool = False,
) -> Mistake:
    pattern = _FRAGMENT.sub(lambda match: _FRAGMENTS[match[0]], pattern)
    return Mistake(rule, keywords, re.compile(pattern), message, wrong, right, write or {}, help, every)


ANY = " ".join(FORMS)

TABLE = (
    _mistake(
        reading.HEADER_FORM,
        ANY,
        r"(?P<gap>)(?P<at>#.*)$",
        "a comment needs a space before its `#`",
        wrong="split# later",
        right="split # later",
        write={"gap": " "},
    ),
    _mistake(
        reading.HEADER_FORM,
        ANY,
        r"[ \t]*(?P<at>//|--)(?=[ \t].*$|$)",
        "a comment begins with `#`",
        wrong="shot street 5s // the establishing one",
        right="shot street 5s # the establishing one",
        write={"at": "#"},
    ),
    _mistake(
        reading.HEADER_FORM,
        ANY,
        r"^\w+(?P<at>[ \t]*:)",
        "no colon stands behind a keyword",
        wrong="shot: street 5s",
        right="shot street 5s",
        write={"at": ""},
    ),
    _mistake(
        reading.HEADER_FORM,
        "edition story import phrase template use for scene shot split",
        r"(?P<at>[ \t]*[:;{]+)$",
        "nothing stands at the end of a header",
        wrong="template pause():",
        right="template pause()",
        write={"at": ""},
    ),
    _mistake(
        reading.FILLED_HEADER,
        "story import use for scene shot phrase template",
        r"(?P<at>\{[{%])",
        "nothing is filled in in a header",
        wrong="for bank in {{ north }}, south",
        help="names are filled in in text, settings and the strings of `use`; a single word of a `for` list "
        "that names a text stands for it",
    ),
    _mistake(
        reading.EDITION,
        "edition",
        r"^edition(?P<at>.*)$",
        "`edition` is followed by the number of the language's edition",
        wrong="edition one",
        help="write `edition 1`",
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "story",
        r"^story(?P<at>)$",
        "a story needs a title",
        wrong="story",
        help='write `story "Title"`',
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "story scene import",
        r"^(?:story|import|scene[ \t]+WORD)[ \t]+(?P<at>'(?P<inside>[^\"']*)')(?=[ \t]|$)",
        "strings stand in double quotes",
        wrong="story 'Night' 5s",
        right='story "Night" 5s',
        write={"at": '"{inside}"'},
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "story",
        r"^story[ \t]+(?P<at>(?!TIME$)TITLE)(?:[ \t]+TIME)?$",
        "a title stands in quotes",
        wrong="story Lantern Night 5s",
        right='story "Lantern Night" 5s',
        write={"at": '"{at}"'},
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "import",
        r"^import(?P<at>)$",
        "an import needs a path",
        wrong="import",
        help='write `import "path.story" as name`',
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "import",
        r"^import[ \t]+(?P<at>[^\s\"#]+)(?=[ \t]+as[ \t]|$)",
        "a path stands in quotes",
        wrong="import house.story as house",
        right='import "house.story" as house',
        write={"at": '"{at}"'},
    ),
    _mistake(
        reading.HEADER_FORM,
        "import",
        r"^import[ \t]+STRING[ \t]+(?P<at>)(?!as\b)NAME$",
        "an import's own name stands behind `as`",
        wrong='import "house.story" house',
        right='import "house.story" as house',
        write={"at": "as "},
    ),
    _mistake(
        reading.HEADER_FORM,
        "import use",
        r"[ \t](?P<at>as)$",
        "a name is missing behind `as`",
        wrong='import "house.story" as',
    ),
    _mistake(
        reading.EQUALS_MISSING,
        "let param",
        r"^(?:let|param)[ \t]+WORD(?P<at>[ \t]*:=?[ \t]*)",
        "between a name and its text stands `=`",
        wrong="let mei: a young woman",
        right="let mei = a young woman",
        write={"at": " = "},
    ),
    _mistake(
        reading.EQUALS_MISSING,
        "param",
        r"^param[ \t]+WORD(?P<at>)$",
        "a `param` has an `=` behind its name, also where its text is empty",
        wrong="param city",
        right="param city =",
        write={"at": " ="},
    ),
    _mistake(
        reading.NAME_FORM,
        "let param",
        r"^(?:let|param)[ \t]+(?P<at>WORD(?:[ \t]+WORD)+)[ \t]*=",
        "a name is one word",
        wrong="let the city = Suzhou",
        help="join the words with `_`",
    ),
    _mistake(
        reading.HEADER_FORM,
        "let param",
        r"^(?:let|param)[ \t]+WORD[ \t]*(?P<at>\()",
        "a text with parameters is a `phrase`",
        wrong="let walk(who) = a walk",
        help="write `phrase name(who)`, and indent its text under it",
    ),
    _mistake(
        reading.EQUALS_MISSING,
        "let param",
        r"^(?:let|param)[ \t]+WORD[ \t]+(?P<at>)[^\s=:(].*$",
        "an `=` is missing between the name and its text",
        wrong="let mei Mei, a young woman",
        right="let mei = Mei, a young woman",
        write={"at": "= "},
    ),
    _mistake(
        reading.HEADER_FORM,
        "let param",
        r"^(?:let|param)(?P<at>)[ \t]*(?:=.*)?$",
        "a name is missing",
        wrong="let = Suzhou",
    ),
    _mistake(
        reading.STRING_OPEN,
        ANY,
        r"^(?:[^\"]|STRING)*(?P<at>\"(?:[^\"\\]|\\.)*?)(?P<end>)(?=(?:[ \t]+TIME)?$)",
        "this string is not closed",
        wrong='story "Lantern Night',
        right='story "Lantern Night"',
        write={"end": '"'},
        help='write its closing `"`',
    ),
    _mistake(
        reading.PARENTHESES,
        "phrase template use",
        r"^\w+[ \t]+WORD(?P<at>)(?=[ \t]+as[ \t]|$)",
        "parentheses are missing behind the name",
        wrong="use pause as end",
        right="use pause() as end",
        write={"at": "()"},
        help="they stand there also where there is nothing to put into them",
    ),
    _mistake(
        reading.HEADER_FORM,
        "phrase template",
        r"[(,][ \t]*(?P<at>NAME(?:[ \t]+NAME)+)[ \t]*[,)]",
        "a comma stands between two parameters",
        wrong="phrase walk(who where)",
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "phrase template use",
        r"(?:[(,]|=(?=[^,]*[,)]))[ \t]*(?P<at>(?!TIME[ \t]*[,)]|-?NUMBER[ \t]*[,)])"
        r"(?:\d|WORD[ \t]+[^\s\"'(),=:#;])[^\"'(),=:#;]*?)[ \t]*(?=[,)])",
        "a text given as an argument stands in quotes",
        wrong="use reveal(the old boatman, what = 50mm lens)",
        right='use reveal("the old boatman", what = "50mm lens")',
        write={"at": '"{at}"'},
        every=True,
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "phrase template use",
        r"[(,=][ \t]*(?P<at>'(?P<inside>[^\"']*)')",
        "strings stand in double quotes",
        wrong="use reveal('the old boatman', 'the bridge')",
        right='use reveal("the old boatman", "the bridge")',
        write={"at": '"{inside}"'},
        every=True,
    ),
    _mistake(
        reading.PARENTHESES,
        "phrase template use",
        r"^\w+[ \t]+WORD[ \t]*(?P<at>\()(?:[^\"()]|STRING)*?(?P<end>)(?=[ \t]+as[ \t]|$)",
        "this parenthesis is not closed",
        wrong="use reveal(mei, 4s as end",
        right="use reveal(mei, 4s) as end",
        write={"end": ")"},
    ),
    _mistake(
        reading.HEADER_FORM,
        "phrase template use",
        r"(?P<at>,[ \t]*)\)",
        "a comma stands between two, not behind the last",
        wrong="use reveal(mei, 4s,)",
        right="use reveal(mei, 4s)",
        write={"at": ""},
    ),
    _mistake(
        reading.HEADER_FORM,
        "phrase template use",
        r"[(,][ \t]*NAME(?P<at>[ \t]*:[ \t]*)",
        "a value given by name has `=` before it",
        wrong="use reveal(mei, hold: 4s)",
        right="use reveal(mei, hold = 4s)",
        write={"at": " = "},
        every=True,
    ),
    _mistake(
        reading.HEADER_FORM,
        "phrase template",
        r"\)[ \t]*(?P<at>[:=]?[ \t]*[^\s)].*)$",
        "what it holds is indented under it",
        wrong="phrase walk(who) = a walk",
        help="put it into the next line, indented by two spaces",
    ),
    _mistake(
        reading.HEADER_FORM,
        "use",
        r"\)(?P<at>[ \t]*)(?!as\b)NAME$",
        "a label stands behind `as`",
        wrong="use reveal(mei, 4s) boatman",
        right="use reveal(mei, 4s) as boatman",
        write={"at": " as "},
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+(?P<at>)in[ \t]",
        "a name is missing before `in`",
        wrong="for in north, south",
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+(?:each[ \t]+)?NAME(?P<at>[ \t]+of[ \t]+|[ \t]*[:=][ \t]*)[^\s:=]",
        "before the values stands `in`",
        wrong="for bank of north, south",
        right="for bank in north, south",
        write={"at": " in "},
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+(?P<at>each[ \t]+)NAME[ \t]+in[ \t]",
        "`for` needs no `each`",
        wrong="for each bank in north, south",
        right="for bank in north, south",
        write={"at": ""},
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+(?P<at>NAME(?:[ \t]*,[ \t]*NAME)+)[ \t]+in[ \t]",
        "a `for` has one name",
        wrong="for bank, side in north, south",
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+NAME[ \t]+in(?P<at>)$",
        "there are no values behind `in`",
        wrong="for bank in",
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"(?P<at>[ \t]*[,，、][ \t]*)$",
        "a comma stands between two values, not behind the last",
        wrong="for bank in north, south,",
        right="for bank in north, south",
        write={"at": ""},
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"(?:[,，、]|\bin)(?P<at>[ \t]*[,，、])",
        "a value is missing here",
        wrong="for bank in north,, south",
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+NAME[ \t]+(?P<at>)(?!in\b)[^\s=:].*$",
        "an `in` is missing between the name and the values",
        wrong="for bank north, south",
        right="for bank in north, south",
        write={"at": "in "},
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for[ \t]+NAME[ \t]+in[ \t]+(?P<at>(?P<open>[\[({])[^\[({]*?(?P<close>[\])}]))$",
        "the values stand without brackets",
        wrong="for bank in [north, south]",
        right="for bank in north, south",
        write={"open": "", "close": ""},
    ),
    _mistake(
        reading.HEADER_FORM,
        "scene shot",
        r"^(?:scene|shot)(?P<at>)$",
        "a name is missing",
        wrong="scene",
    ),
    _mistake(
        reading.HEADER_FORM,
        "scene shot",
        r"^(?:scene|shot)[ \t]+(?P<at>STRING|TIME)(?:[ \t]+TIME)?$",
        "a name is missing before this",
        wrong='scene "The arrival" 5s',
    ),
    _mistake(
        reading.HEADER_FORM,
        "scene",
        r"^scene[ \t]+WORD(?P<at>[ \t]+(?P<time>TIME)[ \t]+(?P<title>STRING))$",
        "the title stands before the duration",
        wrong='scene arrival 5s "The arrival"',
        right='scene arrival "The arrival" 5s',
        write={"at": " {title} {time}"},
    ),
    _mistake(
        reading.HEADER_FORM,
        "scene shot",
        r"^(?:scene|shot)[ \t]+WORD(?P<at>[ \t]*[,:=][ \t]*|[ \t]+-[ \t]+)(?=[\"\d])",
        "only a space stands between the parts of a header",
        wrong="shot street, 5s",
        right="shot street 5s",
        write={"at": " "},
    ),
    _mistake(
        reading.DURATION_FORM,
        "story scene shot",
        r"(?:\"|\w)[ \t]+(?P<at>(?!TIME$)(?P<count>NUMBER)(?:[ \t]*(?:s|sec|secs|seconds?|S|SEC|″|秒|秒钟)\.?)?)$",
        "a duration is written as a number and `s`",
        wrong="shot street 5 s",
        right="shot street 5s",
        write={"at": "{count}s"},
    ),
    _mistake(
        reading.DURATION_FORM,
        "story scene shot",
        r"[ \t](?P<at>(?P<whole>\d*)[.,](?P<part>\d+)[ \t]*s?)$",
        "the parts of a second stand behind a number and a dot",
        wrong="shot street 2,5s",
        right="shot street 2.5s",
        write={"at": "{whole}.{part}s"},
    ),
    _mistake(
        reading.DURATION_FORM,
        "story scene shot",
        r"[ \t](?P<at>\d+:\d\d(?:[.:]\d+)?|NUMBER[ \t]*(?:ms|m|min|mins|minutes?|分|分钟|f|frames?))$",
        "a duration is counted in seconds",
        wrong="shot street 0:05",
        help="write the seconds, such as `5s`",
    ),
    _mistake(
        reading.NAME_FORM,
        "let param phrase template use for scene shot",
        r"(?:^\w+|[ \t]as)[ \t]+(?P<at>(?!TIME\b)\d[\w.-]*)(?=[ \t(=]|$)",
        "a name begins with a letter or `_`",
        wrong="shot 2nd 5s",
        help="numbers may stand behind the first letter",
    ),
    _mistake(
        reading.HEADER_FORM,
        "shot",
        r"^shot[ \t]+(?P<at>(?P<time>TIME)[ \t]+(?P<name>NAME))$",
        "the name stands before the duration",
        wrong="shot 5s street",
        right="shot street 5s",
        write={"at": "{name} {time}"},
    ),
    _mistake(
        reading.HEADER_FORM,
        "shot",
        r"^shot[ \t]+WORD[ \t]+(?P<at>STRING)",
        "a shot has a name and no title",
        wrong='shot street "The street" 5s',
        help="a scene may have a title; what the shot shows is indented under it",
    ),
    _mistake(
        reading.DURATION_MISSING,
        "shot",
        r"^shot[ \t]+(?P<name>WORD)(?P<at>)$",
        "`{name}` has no duration",
        wrong="shot street",
        help="write `shot {name} 5s`",
    ),
    _mistake(
        reading.HEADER_FORM,
        "shot",
        r"^shot[ \t]+(?P<at>WORD(?:[ \t]+WORD)+)[ \t]+TIME$",
        "a name is one word",
        wrong="shot night street 5s",
        help="join the words with `-` or `_`",
    ),
    _mistake(
        reading.HEADER_FORM,
        "shot",
        r"^shot[ \t]+WORD[ \t]+TIME(?P<at>[ \t]*[:=]?[ \t]*[^\s].*)$",
        "what a shot shows is indented under it",
        wrong="shot street 5s A wide shot of the street.",
        help="put it into the next line, indented by two spaces",
    ),
    _mistake(
        reading.QUOTES_MISSING,
        "scene",
        r"^scene[ \t]+WORD[ \t]+(?P<at>TITLE)(?:[ \t]+TIME)?$",
        "a title stands in quotes",
        wrong="scene arrival The arrival 5s",
        right='scene arrival "The arrival" 5s',
        write={"at": '"{at}"'},
    ),
    _mistake(
        reading.HEADER_FORM,
        "split",
        r"^split(?P<at>.*)$",
        "`split` stands alone",
        wrong="split here",
    ),
    _mistake(
        reading.FOR_FORM,
        "for",
        r"^for(?P<at>[ \t]*.*)$",
        "`for` is followed by a name, `in` and the values",
        wrong='for bank in "north" south',
    ),
)
"""Tried in order; the first that fits is the one."""

_BY_KEYWORD = {keyword: [entry for entry in TABLE if keyword in entry.keywords.split()] for keyword in FORMS}


def explain(source: Source, line: Line, keyword: str, offset: int) -> Diagnostic:
    """Why a header is none; `offset` is where the grammar gave up. The fix, where there is one, is not yet proven."""
    if line.end - line.start > LONGEST_HEADER:
        return _by_form(source, line, keyword, offset)
    wide = full_width.edits(source, line.start, line.end)
    if any(edit.span.start >= offset for edit in wide) or full_width.sign_at(source.text, offset):
        return _wide(source, offset, wide)
    header = source.text[line.start : line.end]
    code = _code(header)
    for entry in _BY_KEYWORD[keyword]:
        found = list(entry.pattern.finditer(header if "#" in entry.wrong else code))
        if found:
            return _explained(entry, source, line.start, found if entry.every else found[:1], keyword)
    return _by_form(source, line, keyword, offset)


def _wide(source: Source, offset: int, edits: tuple[Edit, ...]) -> Diagnostic:
    first = next((edit for edit in edits if edit.span.start >= offset), edits[0])
    sign = first.span.text
    meant = first.text.strip()
    shown = f"`{sign}`" if sign.isprintable() and sign.strip() else f"U+{ord(sign):04X}"
    way_out = f"write `{meant}`" if meant else "write a space" if first.text else "delete it: it cannot be seen"
    return reading.FULL_WIDTH.at(
        first.span,
        f"{shown} has no meaning in a header",
        help=way_out,
        fix=Fix("write the header's signs in ASCII", edits),
    )


def _explained(entry: Mistake, source: Source, start: int, found: list[re.Match[str]], keyword: str) -> Diagnostic:
    edits = tuple(_edits(entry, source, start, found))
    groups = {name: (text or "")[:LONGEST_QUOTE] for name, text in found[0].groupdict().items()}
    first, last = found[0].span("at")
    return entry.rule.at(
        Span(source, start + first, start + last),
        entry.message.format(**groups),
        help=(entry.help or f"its form: `{FORMS[keyword].example}`").format(**groups),
        fix=Fix("write it so", edits) if edits else None,
    )


def _edits(entry: Mistake, source: Source, start: int, found: list[re.Match[str]]) -> Iterator[Edit]:
    for match in found:
        groups = {name: text or "" for name, text in match.groupdict().items()}
        for group, text in entry.write.items():
            first, last = match.span(group)
            yield Edit(Span(source, start + first, start + last), text.format(**groups))


def _by_form(source: Source, line: Line, keyword: str, offset: int) -> Diagnostic:
    """What can always be said: where it stops making sense, and the form."""
    rest = source.text[offset : line.end]
    message = f"{quoted(rest)} does not fit here" if rest else f"this `{keyword}` line ends too early"
    return reading.HEADER_FORM.at(Span(source, offset, line.end), message, help=f"its form: `{FORMS[keyword].example}`")


def _code(header: str) -> str:
    """A header without the comment behind it."""
    match = _CODE.match(header)
    return (match[0] if match else header).rstrip(" \t")
