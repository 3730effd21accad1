"""SB3xx: text and `{{ }}`."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

OFF_THE_LIST = Rule(
    "SB301",
    "off-the-list",
    Severity.ERROR,
    "`{{ }}` contains something that is not supported",
    """Braces can contain names, phrases with arguments, strings and numbers, comparisons, `and`, `or`, `not`, `in`, `{%
if %}` with `{% elif %}`, `{% else %}` and `{% endif %}`, and the filters `upper`, `lower`, `title`, `capitalize`,
`trim`, `join`, `default`, `replace`, `first`, `last`, `length`. There are no loops, arithmetic, `~`, `[ ]`, inline
`if`, tests, other calls or whitespace control. This keeps a story readable, and expanding it always ends.

To repeat shots, use the statement `for`; to combine texts, use a `phrase`.""",
    _HEAD + "let n = 2\n\nshot a 3s\n  {{ n + 1 }} lamps.\n",
    _HEAD + "let n = 3\n\nshot a 3s\n  {{ n }} lamps.\n",
)

UNREADABLE = Rule(
    "SB302",
    "unreadable-braces",
    Severity.ERROR,
    "the content of braces cannot be read",
    """Braces open with `{{` and close with `}}`, and quotes and parentheses inside them must be closed too. To put two
braces into a prompt, write `{{ "{{" }}`.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  Close-up of {{ mei }.\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  Close-up of {{ mei }}.\n",
)

UNBALANCED_IF = Rule(
    "SB303",
    "unbalanced-if",
    Severity.ERROR,
    "`{% if %}` and `{% endif %}` do not match",
    """Each `{% if … %}` ends with `{% endif %}` in the same text. Between them, any number of `{% elif … %}` can come,
and then at most one `{% else %}`.""",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street. {% if rain %}Rain falls.\n",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street. {% if rain %}Rain falls.{% endif %}\n",
)

PRINTS_NOTHING = Rule(
    "SB304",
    "prints-nothing",
    Severity.ERROR,
    "true, false and none cannot be inserted into text",
    """The result of a comparison is true or false, which is not text for a prompt.

Say what to write in each case: `{% if a == b %}…{% else %}…{% endif %}`.""",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street, {{ rain == 'yes' }}.\n",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street{% if rain == 'yes' %} in the rain{% endif %}.\n",
)

CANNOT_COMPARE = Rule(
    "SB305",
    "cannot-compare",
    Severity.ERROR,
    "two values cannot be compared",
    """`==` and `!=` compare texts as they would be inserted, and numbers and durations by value. `<`, `<=`, `>`, `>=`
need two numbers, two durations or two texts. `in` looks for a text in another text.""",
    _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp{% if hold > 3 %}, long{% endif %}.\n",
    _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp{% if shot.seconds > 3 %}, long{% endif %}.\n",
)

FILTER_MISFIT = Rule(
    "SB306",
    "filter-misfit",
    Severity.ERROR,
    "a filter is used in the wrong way",
    """A filter works on a text or a list (numbers and durations are used as written), and has a fixed set of
arguments.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ mei | replace('M') }} waits.\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ mei | replace('M', 'W') }} waits.\n",
)

TOO_LONG = Rule(
    "SB307",
    "too-long",
    Severity.ERROR,
    "a text becomes too long when names are filled in",
    f"""With all names filled in, one text has at most {limits.LONGEST_TEXT:,} characters, and all texts of a story
together at most {limits.MOST_CHARACTERS:,}. That is far more than any prompt needs, and ensures that expanding a story
ends.""",
    _HEAD
    + "phrase a(x)\n  {{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}\n\n"
    + "phrase b(x)\n  {{ a(a(a(a(x)))) }}\n\nshot a 3s\n  {{ b('lantern') }}\n",
    _HEAD + "phrase a(x)\n  {{ x }}{{ x }}\n\nshot a 3s\n  {{ a('lantern') }}\n",
)

TOO_DEEP = Rule(
    "SB308",
    "too-deep",
    Severity.ERROR,
    "the content of braces is too long or nested too deeply",
    f"""One pair of braces can contain at most {limits.LONGEST_TAG:,} characters, with parentheses nested at most
{limits.DEEPEST_TAG} deep. `{{% if %}}` can be nested {limits.DEEPEST_IF} deep, and phrases can call phrases
{limits.DEEPEST_CALL} deep.

Move a part of it into a `let` or a `phrase`.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ " + "(" * 21 + "mei" + ")" * 21 + " }}\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ ((mei)) }}\n",
)

TOO_MANY_CALLS = Rule(
    "SB309",
    "too-many-calls",
    Severity.ERROR,
    "too many calls of phrases",
    f"""A story may call phrases {limits.MOST_CALLS:,} times and insert {limits.MOST_VALUES:,} values in total. Phrases
that call others several times multiply quickly. The error is at the call that exceeds the limit, and lists the calls
that lead to it.""",
    _HEAD
    + "".join(f"phrase p{n}()\n  " + f"{{{{ p{n + 1}() }}}}" * 10 + "\n\n" for n in range(6))
    + 'phrase p6()\n  {{ "" }}\n\nshot a 3s\n  A lamp. {{ p0() }}\n',
    _HEAD + "phrase p()\n  Rain.\n\nshot a 3s\n  {{ p() }}\n",
)

EMPTY_PROMPT = Rule(
    "SB310",
    "empty-prompt",
    Severity.ERROR,
    "a shot has no prompt",
    """The text of a shot is its prompt. It counts as empty if the shot's own text is empty once names are filled in,
even if `.prefix`, `.suffix` or `.avoid` add something: a prompt that describes only the look is surely a mistake.""",
    _HEAD + "shot a 3s\n  .mode pro\n",
    _HEAD + "shot a 3s\n  .mode pro\n  A lamp.\n",
)

SETTING_WITHOUT_DOT = Rule(
    "SB320",
    "setting-without-dot",
    Severity.ERROR,
    "a line of text looks like a setting",
    """Settings start with a dot. Without it, the line is part of the prompt and is paid for.

Add the dot and move the line above the text. If the words do belong in the prompt, make them part of a sentence.""",
    _HEAD + "shot a 3s\n  mode pro\n  A lamp.\n",
    _HEAD + "shot a 3s\n  .mode pro\n  A lamp.\n",
)

STATEMENT_IN_TEXT = Rule(
    "SB321",
    "statement-in-text",
    Severity.ERROR,
    "a line of text looks like a statement",
    """A statement starts at column 0, or in the column of the other statements of its template or loop. If it is
indented under a header, it is text: part of a prompt that is paid for.""",
    _HEAD + "shot a 3s\n  A lamp.\n  shot b 4s\n  A street.\n",
    _HEAD + "shot a 3s\n  A lamp.\n\nshot b 4s\n  A street.\n",
)

QUOTED_VALUE = Rule(
    "SB322",
    "quoted-value",
    Severity.HINT,
    "a value is in quotes",
    """No text needs quotes. Everything after the `=` of a `let` or `param` is its text, so the quotes would be part of
every prompt. Those around the words of a `.say` or `.caption` would be in the subtitles.""",
    _HEAD + 'let mei = "Mei, a courier"\n\nshot a 3s\n  {{ mei }} waits.\n',
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)
