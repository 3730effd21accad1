"""SB0xx: reading files, the layout and the syntax of lines, imports of files."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_TOP = 'story "Night"\n  .model kirin_v3_t2v\n\n'
_SHOT = "shot street 5s\n  Rain on the street.\n"
GOOD = _TOP + _SHOT


def _error(code: str, name: str, summary: str, explanation: str, *, bad: str, good: str = GOOD) -> Rule:
    return Rule(code, name, Severity.ERROR, summary, explanation.strip() + "\n", bad, good)


NOT_PLAIN_TEXT = _error(
    "SB001",
    "not-plain-text",
    "a file is not plain UTF-8 text",
    """
A story is UTF-8 text, with or without a byte-order mark, whose lines end in LF or CRLF. Other encodings (UTF-16, GBK,
Latin-1), NUL and other control characters, and a lone carriage return are refused, because nobody could see what they
add to a prompt.

Save the file as UTF-8; most editors offer this in the *save as* dialog. If a control character slipped in, delete it;
the error says where it is.
""",
    bad=_TOP + "shot street 5s\n  Rain on\x07 the street.\n",
)

MIXED_INDENT = _error(
    "SB002",
    "mixed-indent",
    "a body is indented with both tabs and spaces",
    """
Indent a body with tabs or with spaces, but not both: the structure would depend on how wide an editor shows a tab.

`storyboard fmt` indents with two spaces.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n\tA dog barks.\n",
)

UNKNOWN_KEYWORD = _error(
    "SB003",
    "unknown-keyword",
    "a line does not start with a keyword",
    """
A line that is not indented starts with a keyword: `edition`, `story`, `import`, `let`, `param`, `phrase`, `template`,
`use`, `for`, `scene`, `shot` or `split`. In the body of a `template` or `for`, only `shot`, `use`, `for` and `split`
are allowed.

If the line is text, indent it under its header. If it is a note to yourself, start it with `#`.
""",
    bad=_TOP + "shto street 5s\n  Rain on the street.\n\n" + _SHOT,
)

NO_BODY = _error(
    "SB004",
    "indented-under-nothing",
    "a line is indented under a header that has no body",
    """
Indented lines are the body of the header above them. `edition`, `import`, `param`, `use` and `split` have no body, and
at the start of a file there is no header yet.

Move the line under the `shot`, `scene`, `let` or `phrase` that it belongs to. A `let` can have a longer text as its
body; a `param` cannot.
""",
    bad=_TOP + _SHOT + "\nsplit\n  A long pause.\n",
)

NOT_HERE = _error(
    "SB005",
    "not-allowed-here",
    "a statement or setting is not allowed here",
    """
The body of a `template` or `for` contains `shot`, `use`, `for` and `split`; all other statements start at column 0.
Settings (`.mode pro`) are allowed only under `story`, `scene` and `shot`.

Move the line. If a line of text really starts with a dot and a name, write `{{ ".name" }}`.
""",
    bad=_TOP + "for bank in north, south\n  scene river\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

COMMENT_IN_TEXT = _error(
    "SB006",
    "comment-in-text",
    "a line of text starts with `#`",
    """
There are no comments inside a text, so that a `#` in a prompt is a `#`. A line that *starts* with one is nearly always
a line that an editor commented out, and it would be paid for as text.

To comment the line out, move the `#` to column 0; the text continues after it. To send a `#`, write `{{ "#" }}`.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n  # A dog barks.\n",
    good=_TOP + "shot street 5s\n  Rain on the street.\n# A dog barks.\n  A cat sleeps.\n",
)

SETTING_AFTER_TEXT = _error(
    "SB007",
    "setting-after-text",
    "a setting comes after the text",
    """
In a body, settings come first, then the text.

Move the setting above the text. If it is text that really starts with a dot and a name, write `{{ ".mode" }}`.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n  .mode pro\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

SETTING_TWICE = _error(
    "SB008",
    "setting-twice",
    "a setting is given twice",
    """
A body can have each setting only once, so that nobody needs to know which one wins. The exception is `.negative`:
several lines apply in order.

Delete one of the two.
""",
    bad=_TOP + "shot street 5s\n  .mode std\n  .mode pro\n  Rain on the street.\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

SETTING_FORM = _error(
    "SB009",
    "setting-form",
    "a line looks like a setting but is not one",
    """
A setting is a dot, a name, a space and the value: `.mode pro`. There is no space after the dot, and no colon or equals
sign between name and value.
""",
    bad=_TOP + "shot street 5s\n  .mode: pro\n  Rain on the street.\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

FULL_WIDTH = _error(
    "SB010",
    "full-width-punctuation",
    "a header or the name of a setting has full-width or typographic punctuation",
    """
The punctuation of the language is ASCII: `"` `(` `)` `=` `:` `.`. Chinese and Japanese input methods and word
processors produce lookalikes: `“ ”`, `（ ）`, `：`. In text they are yours and are never changed; in lists, `，` and
`、` count as commas.

`storyboard lint --fix` replaces them.
""",
    bad=_TOP + "scene arrival “The arrival”\n\n" + _SHOT,
    good=_TOP + 'scene arrival "The arrival"\n\n' + _SHOT,
)

HEADER_FORM = _error(
    "SB011",
    "header-form",
    "a header is not written in the form of its keyword",
    """
Each keyword has one form, which the error shows. A comment may follow a header, with a space before the `#`.
""",
    bad=_TOP + "shot street 5s please\n  Rain on the street.\n",
)

DURATION_MISSING = _error(
    "SB012",
    "duration-missing",
    "a shot has no duration",
    """
Every shot states its duration: `shot street 5s`. The duration can also be a name whose value is a duration, such as a
parameter of a template.
""",
    bad=_TOP + "shot street\n  Rain on the street.\n",
)

DURATION_FORM = _error(
    "SB013",
    "duration-form",
    "a duration is not written in seconds",
    """
A duration is a number followed directly by `s`: `5s`. Not `5`, `5 s`, `5sec` or `0:05`.
""",
    bad=_TOP + "shot street 5 s\n  Rain on the street.\n",
)

QUOTES_MISSING = _error(
    "SB014",
    "quotes-missing",
    "a title or path has no quotes",
    """
Titles and paths are strings in double quotes: `story "Night"`, `import "house.story"`. (Text that is indented under a
header needs no quotes.)
""",
    bad="story Night\n  .model kirin_v3_t2v\n\n" + _SHOT,
)

STRING_OPEN = _error(
    "SB015",
    "string-not-closed",
    "a string is not closed on its line",
    """
A string must end on the line where it starts. Inside it, `\\"` is a quote, `\\\\` a backslash, `\\n` a line break, and
`\\u{1F3EE}` any character by its number.
""",
    bad='story "Night\n  .model kirin_v3_t2v\n\n' + _SHOT,
)

STRING_ESCAPE = _error(
    "SB016",
    "unknown-escape",
    "a backslash in a string is not followed by a known escape",
    r"""
Strings have four escapes: `\"`, `\\`, `\n`, and `\u{…}` with the hexadecimal number of a character. Write a backslash
itself as `\\`; in paths, use `/`.
""",
    bad='story "Night \\& day"\n  .model kirin_v3_t2v\n\n' + _SHOT,
)

PARENTHESES = _error(
    "SB017",
    "parentheses",
    "parentheses are missing or not closed",
    """
`phrase`, `template` and `use` take their parameters or arguments in parentheses, even if there are none: `use pause()`.
""",
    bad=_TOP + "template pause(hold\n  shot quiet 3s\n    Nothing moves.\n\n" + _SHOT,
)

EQUALS_MISSING = _error(
    "SB018",
    "equals-missing",
    "a `let` or `param` has no `=` between name and text",
    """
Write `let name = text` or `param name = text`. The text of a `param` may be empty, but the `=` is required.
""",
    bad=_TOP + "let mei Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
    good=_TOP + "let mei = Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
)

LET_TEXT = _error(
    "SB019",
    "let-text",
    "a `let` has two texts, or none",
    """
The text of a `let` follows its `=`, or is indented below it if it is longer; exactly one of the two. If the text may be
empty, use a `param`.
""",
    bad=_TOP + "let mei\n\nshot street 5s\n  {{ mei }} in the rain.\n",
    good=_TOP + "let mei\n  Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
)

FOR_FORM = _error(
    "SB020",
    "for-form",
    "a `for` line lacks a name, `in` or its values",
    """
Write `for bank in north, south` or `for number in 1..3`. Values are strings, numbers, durations, or words up to the
next comma.
""",
    bad=_TOP + "for bank of north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
    good=_TOP + "for bank in north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

NAME_FORM = _error(
    "SB021",
    "name-form",
    "a name has a character that is not allowed in names",
    """
A name starts with a letter of any script or `_`, followed by letters, digits and `_`. Names of scenes, shots and labels
may also contain `-`, because they are never used inside `{{ }}`. A dot is allowed only between the name of an import
and a name in it: `house.clean`.
""",
    bad=_TOP + "let the-city = Suzhou\n\n" + _SHOT,
    good=_TOP + "let the_city = Suzhou\n\nshot street 5s\n  Rain in {{ the_city }}.\n",
)

NAME_RESERVED = _error(
    "SB022",
    "name-reserved",
    "a name is reserved",
    """
`and or not in is if else true false none True False None` have a meaning inside `{{ }}`, and `story`, `scene` and
`shot` refer to the current story, scene and shot. Choose another name.
""",
    bad=_TOP + "let scene = the night market\n\n" + _SHOT,
    good=_TOP + "let market = the night market\n\nshot street 5s\n  Rain on {{ market }}.\n",
)

EDITION = _error(
    "SB023",
    "edition",
    "the edition is not the first statement, or is unknown",
    """
`edition 1` says for which edition of the language a file was written. It must be the first statement of the file;
without it, a file has edition 1. A file of a newer edition needs a newer version of storyboard.
""",
    bad=_TOP + _SHOT + "\nedition 1\n",
    good="edition 1\n\n" + GOOD,
)

TOO_DEEP = _error(
    "SB024",
    "nested-too-deep",
    "statements are nested too deeply",
    f"""
`for` may contain `for`, up to {limits.DEEPEST_BLOCK} levels deep. Move the inner loops to a `template` and `use` it.
""",
    bad=_TOP
    + "".join(f"{'  ' * depth}for v{depth} in a\n" for depth in range(40))
    + f"{'  ' * 40}shot crowd 3s\n{'  ' * 41}Boats.\n",
)

BODY_MISSING = _error(
    "SB025",
    "body-missing",
    "a `phrase`, `template` or `for` has nothing indented under it",
    """
Indent the text of a `phrase`, or the statements of a `template` or `for`, under it by two spaces.
""",
    bad=_TOP + "for bank in north, south\nshot crowd 3s\n  Paper boats.\n",
    good=_TOP + "for bank in north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

STORY_TWICE = _error(
    "SB026",
    "story-twice",
    "a file has two `story` lines",
    """
A file is one story and has one `story` line. Put the second story into a file of its own. Put what both need into a
third file that both `import`.
""",
    bad=_TOP + _SHOT + '\nstory "Day"\n',
)

STORY_MISSING = _error(
    "SB027",
    "story-missing",
    "a file has shots but no `story` line",
    """
A file without a `story` line is a library: it contains `let`, `param`, `phrase`, `template` and imports for other
files. A file with `shot`, `scene`, `use`, `for` or `split` at column 0 is a film, and needs a `story` line with its
title.
""",
    bad="# no story line\n" + _SHOT,
)

FILLED_HEADER = _error(
    "SB028",
    "filling-in-header",
    "`{{ }}` is used in a header",
    """
`{{ }}` works in text, in the values of settings, in the text of `let` and `param`, and in the string arguments of
`use`. Titles, paths and the values of `for` are used exactly as written. (If a single word in a `for` list is the name
of a text, that text is used.)
""",
    bad='story "Night in {{ city }}"\n  .model kirin_v3_t2v\n\nlet city = Suzhou\n\nshot street 5s\n  Rain.\n',
)

UNEVEN_INDENT = _error(
    "SB029",
    "uneven-indent",
    "the statements of a block do not start in the same column",
    """
Under a `template` or `for`, all statements start in the same column as the first one, and their bodies are indented
further. A line to the left of them might belong to the block or not.

Indent the line like the statements above it, or move it to column 0.
""",
    bad=_TOP + "for bank in north, south\n  shot wide 3s\n    The {{ bank }} bank.\n shot boat 3s\n    A boat.\n",
    good=_TOP + "for bank in north, south\n  shot wide 3s\n    The {{ bank }} bank.\n  shot boat 3s\n    A boat.\n",
)

IMPORT_MISSING = _error(
    "SB030",
    "import-missing",
    "an import names a file that does not exist",
    """
The path of an `import` is relative to the file that contains it, with `/` between folders:
`import "house/style.story"`.
""",
    bad=_TOP + 'import "hose.story" as house\n\n' + _SHOT,
)

IMPORT_OUTSIDE = _error(
    "SB031",
    "import-outside",
    "an import is outside the project",
    """
Imported files must be inside the project after links are resolved. The project is the nearest folder above the story
that contains `storyboard.toml`, else `.git`, else the folder of the story. So a cloned story is complete, and reading
it never reads other parts of the disk.

Move the file into the project, or put a `storyboard.toml` into the folder that contains both.
""",
    bad=_TOP + 'import "../../house.story" as house\n\n' + _SHOT,
)

IMPORT_CYCLE = _error(
    "SB032",
    "import-cycle",
    "files import each other in a cycle",
    """
A file cannot import itself, directly or through others. Put what the files share into a file that imports none of them.
""",
    bad=_TOP + 'import "main.story"\n\n' + _SHOT,
)

IMPORT_UNREADABLE = _error(
    "SB033",
    "import-unreadable",
    "an import names something that cannot be read as a file",
    """
The path is a folder, a device, or a file that you have no permission to read.
""",
    bad=_TOP + 'import "." as house\n\n' + _SHOT,
)

NOT_A_STORY = _error(
    "SB034",
    "not-a-story",
    "a file is in another format",
    """
A story is written in the storyboard language: `story "Title"`, then shots with their text indented under them. A file
that is JSON, YAML, a table, a screenplay or fenced code is reported once, not line by line.

`storyboard import FILE --out NAME.story` writes a story from JSON, a table, a screenplay or Markdown.
""",
    bad='{"shots": [{"prompt": "A lamp.", "duration": 5}]}\n',
)
