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
Latin-1), NUL and control characters, and a carriage return alone are not read: what they would put into a prompt
cannot be seen.

Save the file again as UTF-8; in most editors that is a choice of the *save as* dialog. Delete a control character that
slipped in; the error says where it is.
""",
    bad=_TOP + "shot street 5s\n  Rain on\x07 the street.\n",
)

MIXED_INDENT = _error(
    "SB002",
    "mixed-indent",
    "a body is indented with tabs and spaces",
    """
Tabs or spaces indent, one kind in a body: with both, what stands under what depends on how wide an editor shows a tab.

Indent the body with one of them. `storyboard fmt` writes two spaces.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n\tA dog barks.\n",
)

UNKNOWN_KEYWORD = _error(
    "SB003",
    "unknown-keyword",
    "a line does not begin with a keyword",
    """
What stands at column 0 is a keyword that says what the line is: `edition`, `story`, `import`, `let`, `param`,
`phrase`, `template`, `use`, `for`, `scene`, `shot`, `split`. In the body of a `template` or `for` it is `shot`, `use`,
`for` or `split`.

If the line is text, indent it under its header. If it is a note to yourself, begin it with `#`.
""",
    bad=_TOP + "shto street 5s\n  Rain on the street.\n\n" + _SHOT,
)

NO_BODY = _error(
    "SB004",
    "indented-under-nothing",
    "a line is indented where nothing can hold it",
    """
Indented lines are the body of the header above them. `edition`, `import`, `param`, `use` and `split` have no body, and
at the beginning of a file there is no header yet.

Move the line under the `shot`, `scene`, `let` or `phrase` that it belongs to. A `let` may hold a longer text in its
body; a `param` may not.
""",
    bad=_TOP + _SHOT + "\nsplit\n  A long pause.\n",
)

NOT_HERE = _error(
    "SB005",
    "not-allowed-here",
    "a statement or setting stands where it has no meaning",
    """
The body of a `template` or `for` holds `shot`, `use`, `for` and `split`; everything else stands at column 0. Settings
(`.mode pro`) stand under `story`, `scene` and `shot`, nowhere else.

Move the line. A text line that must begin with a dot and a name is written `{{ ".name" }}`.
""",
    bad=_TOP + "for bank in north, south\n  scene river\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

COMMENT_IN_TEXT = _error(
    "SB006",
    "comment-in-text",
    "a text line begins with `#`",
    """
Inside a text there are no comments, so that a `#` in a prompt is a `#`. A line that *begins* with one is nearly always
a line that an editor commented out, and would be paid for as text.

To comment it out, move the `#` to column 0: the text goes on behind it. To say it, write `{{ "#" }}`.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n  # A dog barks.\n",
    good=_TOP + "shot street 5s\n  Rain on the street.\n# A dog barks.\n  A cat sleeps.\n",
)

SETTING_AFTER_TEXT = _error(
    "SB007",
    "setting-after-text",
    "a setting stands after the text",
    """
Settings come first in a body, then the text. A line of text that must begin with a dot and a name is written
`{{ ".mode" }}`.

Move the setting above the text.
""",
    bad=_TOP + "shot street 5s\n  Rain on the street.\n  .mode pro\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

SETTING_TWICE = _error(
    "SB008",
    "setting-twice",
    "a setting stands twice in a body",
    """
Each setting stands at most once in a body, so that nobody needs to know which one wins. `.negative` is the exception:
several lines apply in order.

Delete one of the two.
""",
    bad=_TOP + "shot street 5s\n  .mode std\n  .mode pro\n  Rain on the street.\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

SETTING_FORM = _error(
    "SB009",
    "setting-form",
    "a line looks like a setting but is none",
    """
A setting is a dot, a name, a space and the value: `.mode pro`. No space after the dot, no colon or equals sign between
name and value.
""",
    bad=_TOP + "shot street 5s\n  .mode: pro\n  Rain on the street.\n",
    good=_TOP + "shot street 5s\n  .mode pro\n  Rain on the street.\n",
)

FULL_WIDTH = _error(
    "SB010",
    "full-width-punctuation",
    "a header or a setting's name has full-width or typographic punctuation",
    """
The signs of the language are ASCII: `"` `(` `)` `=` `:` `.`. Chinese and Japanese input methods and word processors
write others that look alike: `“ ”`, `（ ）`, `：`. In text they are yours and are never touched; in lists `，` and `、`
are commas.

`storyboard lint --fix` replaces them.
""",
    bad=_TOP + "scene arrival “The arrival”\n\n" + _SHOT,
    good=_TOP + 'scene arrival "The arrival"\n\n' + _SHOT,
)

HEADER_FORM = _error(
    "SB011",
    "header-form",
    "a header does not have its keyword's form",
    """
Each keyword has one form; the error shows it. After a header a comment may stand, with a space before its `#`.
""",
    bad=_TOP + "shot street 5s please\n  Rain on the street.\n",
)

DURATION_MISSING = _error(
    "SB012",
    "duration-missing",
    "a shot has no duration",
    """
A shot says how long it is: `shot street 5s`. The duration may also be a name whose value is a duration, such as a
template's parameter.
""",
    bad=_TOP + "shot street\n  Rain on the street.\n",
)

DURATION_FORM = _error(
    "SB013",
    "duration-form",
    "a duration is not written as seconds",
    """
A duration is a number and `s`, with nothing between: `5s`. Not `5`, `5 s`, `5sec` or `0:05`.
""",
    bad=_TOP + "shot street 5 s\n  Rain on the street.\n",
)

QUOTES_MISSING = _error(
    "SB014",
    "quotes-missing",
    "a title or path stands without its quotes",
    """
Titles and paths are strings and stand in double quotes: `story "Night"`, `import "house.story"`. (What is indented
under a header needs none.)
""",
    bad="story Night\n  .model kirin_v3_t2v\n\n" + _SHOT,
)

STRING_OPEN = _error(
    "SB015",
    "string-not-closed",
    "a string is not closed on its line",
    """
A string ends on the line it begins on. Inside it, `\\"` is a quote, `\\\\` a backslash, `\\n` a line break, and
`\\u{1F3EE}` any character by its number.
""",
    bad='story "Night\n  .model kirin_v3_t2v\n\n' + _SHOT,
)

STRING_ESCAPE = _error(
    "SB016",
    "unknown-escape",
    "a backslash in a string stands before a sign it has no meaning for",
    r"""
In a string there are four escapes: `\"`, `\\`, `\n` and `\u{…}` with the number of a character in hexadecimal. A
backslash itself is written `\\`; paths have `/`.
""",
    bad='story "Night \\& day"\n  .model kirin_v3_t2v\n\n' + _SHOT,
)

PARENTHESES = _error(
    "SB017",
    "parentheses",
    "parentheses are missing or not closed",
    """
`phrase`, `template` and `use` have their parameters or arguments in parentheses, also where there are none:
`use pause()`.
""",
    bad=_TOP + "template pause(hold\n  shot quiet 3s\n    Nothing moves.\n\n" + _SHOT,
)

EQUALS_MISSING = _error(
    "SB018",
    "equals-missing",
    "a `let` or `param` has no `=` between name and text",
    """
`let name = text`, and `param name = text`. A `param` may be empty, but keeps its `=`.
""",
    bad=_TOP + "let mei Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
    good=_TOP + "let mei = Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
)

LET_TEXT = _error(
    "SB019",
    "let-text",
    "a `let` has two texts, or none",
    """
The text of a `let` stands behind its `=` or, where it is longer, in its body: exactly one of the two. A text that may
be empty is a `param`.
""",
    bad=_TOP + "let mei\n\nshot street 5s\n  {{ mei }} in the rain.\n",
    good=_TOP + "let mei\n  Mei, a young woman\n\nshot street 5s\n  {{ mei }} in the rain.\n",
)

FOR_FORM = _error(
    "SB020",
    "for-form",
    "a `for` line does not say a name, `in` and its values",
    """
`for bank in north, south`, or `for number in 1..3`. Values are strings, numbers, durations, or words up to the comma.
""",
    bad=_TOP + "for bank of north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
    good=_TOP + "for bank in north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

NAME_FORM = _error(
    "SB021",
    "name-form",
    "a name has a character that names do not have",
    """
A name begins with a letter (of any script) or `_`, and goes on with letters, digits and `_`. The names of scenes,
shots and labels may have `-` as well; they are never used inside `{{ }}`. A dot stands only between an import's name
and the name in it: `house.clean`.
""",
    bad=_TOP + "let the-city = Suzhou\n\n" + _SHOT,
    good=_TOP + "let the_city = Suzhou\n\nshot street 5s\n  Rain in {{ the_city }}.\n",
)

NAME_RESERVED = _error(
    "SB022",
    "name-reserved",
    "a name is one that the language keeps for itself",
    """
`and or not in is if else true false none True False None` mean something inside `{{ }}`, and `story`, `scene` and
`shot` are the story at hand there. Nothing else can be called so.
""",
    bad=_TOP + "let scene = the night market\n\n" + _SHOT,
    good=_TOP + "let market = the night market\n\nshot street 5s\n  Rain on {{ market }}.\n",
)

EDITION = _error(
    "SB023",
    "edition",
    "the edition does not stand first, or is none that this program knows",
    """
`edition 1` says for which edition of the language a file was written. It is the file's first statement; without it a
file is of edition 1. A file of a newer edition needs a newer storyboard: nothing in it is guessed at.
""",
    bad=_TOP + _SHOT + "\nedition 1\n",
    good="edition 1\n\n" + GOOD,
)

TOO_DEEP = _error(
    "SB024",
    "nested-too-deep",
    "statements are nested too deep",
    f"""
`for` may contain `for`, up to {limits.DEEPEST_BLOCK} blocks deep. Move the inner ones to a `template`, and `use` it.
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
The text of a `phrase` and the statements of a `template` or `for` are indented under it, by two spaces.
""",
    bad=_TOP + "for bank in north, south\nshot crowd 3s\n  Paper boats.\n",
    good=_TOP + "for bank in north, south\n  shot crowd 3s\n    The {{ bank }} bank.\n",
)

STORY_TWICE = _error(
    "SB026",
    "story-twice",
    "a file has two `story` lines",
    """
A file is one story, and says so once. Put the second one into a file of its own; what both need goes into a third that
both `import`.
""",
    bad=_TOP + _SHOT + '\nstory "Day"\n',
)

STORY_MISSING = _error(
    "SB027",
    "story-missing",
    "a file has shots but no `story` line",
    """
A file without a `story` line is a library: it holds `let`, `param`, `phrase`, `template` and imports for other files.
`shot`, `scene`, `use`, `for` and `split` at column 0 make a film, and a film has a `story` line with its title.
""",
    bad="# no story line\n" + _SHOT,
)

FILLED_HEADER = _error(
    "SB028",
    "filling-in-header",
    "`{{ }}` stands in a title, a path or another part of a header",
    """
Names are filled in in text, in the values of settings, in `let` and `param` text, and in the string arguments of `use`.
Titles, paths and the values of `for` are taken as they are. (A single word of a `for` list that names a text stands
for that text.)
""",
    bad='story "Night in {{ city }}"\n  .model kirin_v3_t2v\n\nlet city = Suzhou\n\nshot street 5s\n  Rain.\n',
)

UNEVEN_INDENT = _error(
    "SB029",
    "uneven-indent",
    "the statements of a block do not begin at one column",
    """
Under a `template` or `for`, all statements begin at one column, that of the first, and their bodies stand right of it.
A line left of them could belong to the block or to nothing.

Indent the line as the statements above it, or move it to column 0.
""",
    bad=_TOP + "for bank in north, south\n  shot wide 3s\n    The {{ bank }} bank.\n shot boat 3s\n    A boat.\n",
    good=_TOP + "for bank in north, south\n  shot wide 3s\n    The {{ bank }} bank.\n  shot boat 3s\n    A boat.\n",
)

IMPORT_MISSING = _error(
    "SB030",
    "import-missing",
    "an import names a file that is not there",
    """
The path of an `import` is relative to the file that it stands in, with `/` between folders:
`import "house/style.story"`.
""",
    bad=_TOP + 'import "hose.story" as house\n\n' + _SHOT,
)

IMPORT_OUTSIDE = _error(
    "SB031",
    "import-outside",
    "an import leads out of the project",
    """
Imports stay inside the project, links resolved: the nearest folder upwards that holds `storyboard.toml`, else `.git`,
else the story's own folder. So a story that is cloned is whole, and reading one never reads the rest of a disk.

Move the file into the project, or put a `storyboard.toml` into the folder that holds both.
""",
    bad=_TOP + 'import "../../house.story" as house\n\n' + _SHOT,
)

IMPORT_CYCLE = _error(
    "SB032",
    "import-cycle",
    "files import each other in a circle",
    """
A file that imports itself, also through others, has no beginning. Put what they share into a file that imports neither.
""",
    bad=_TOP + 'import "main.story"\n\n' + _SHOT,
)

IMPORT_UNREADABLE = _error(
    "SB033",
    "import-unreadable",
    "an import names something that cannot be read as a file",
    """
The path leads to a folder, a device, or a file that the system does not let you read.
""",
    bad=_TOP + 'import "." as house\n\n' + _SHOT,
)

NOT_A_STORY = _error(
    "SB034",
    "not-a-story",
    "a file holds another format",
    """
A story is written in the language of storyboard: `story "Title"`, then shots with their text indented under them. A
file that is JSON, YAML, a table, a screenplay or fenced code as a whole is told once, not line by line.

Way out: `storyboard import FILE --out NAME.story` writes a story from JSON, a table, a screenplay or Markdown.
""",
    bad='{"shots": [{"prompt": "A lamp.", "duration": 5}]}\n',
)
