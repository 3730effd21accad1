"""SB3xx: text, what is filled into it, and what it becomes."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

OFF_THE_LIST = Rule(
    "SB301",
    "off-the-list",
    Severity.ERROR,
    "something that `{{ }}` does not do",
    """Inside braces there are names, phrases with arguments, strings and numbers, comparisons, `and`, `or`, `not`,
`in`, `{% if %}` with `{% elif %}`, `{% else %}` and `{% endif %}`, and the filters `upper`, `lower`, `title`,
`capitalize`, `trim`, `join`, `default`, `replace`, `first`, `last`, `length`. No loops, sums, `~`, `[ ]`,
inline `if`, tests, other calls, nor white-space control: a story stays readable, and expanding it always ends.

Ways out: the statement `for` repeats shots; a `phrase` joins texts.""",
    _HEAD + "let n = 2\n\nshot a 3s\n  {{ n + 1 }} lamps.\n",
    _HEAD + "let n = 3\n\nshot a 3s\n  {{ n }} lamps.\n",
)

UNREADABLE = Rule(
    "SB302",
    "unreadable-braces",
    Severity.ERROR,
    "what stands in braces cannot be read",
    """Braces open with `{{` and close with `}}`; quotation marks and parentheses inside them close too. To write two
braces into a prompt: `{{ "{{" }}`.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  Close-up of {{ mei }.\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  Close-up of {{ mei }}.\n",
)

UNBALANCED_IF = Rule(
    "SB303",
    "unbalanced-if",
    Severity.ERROR,
    "`{% if %}` and `{% endif %}` do not match",
    """Each `{% if … %}` ends with `{% endif %}` in the same text, with any number of `{% elif … %}` and then at most
one `{% else %}` between them.""",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street. {% if rain %}Rain falls.\n",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street. {% if rain %}Rain falls.{% endif %}\n",
)

PRINTS_NOTHING = Rule(
    "SB304",
    "prints-nothing",
    Severity.ERROR,
    "true, false and none print nothing",
    """A comparison is true or false and has no words of its own, so it cannot stand in a prompt.

Way out: say what to write: `{% if a == b %}…{% else %}…{% endif %}`.""",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street, {{ rain == 'yes' }}.\n",
    _HEAD + "param rain = yes\n\nshot a 3s\n  A street{% if rain == 'yes' %} in the rain{% endif %}.\n",
)

CANNOT_COMPARE = Rule(
    "SB305",
    "cannot-compare",
    Severity.ERROR,
    "two values have no order",
    """`==` and `!=` compare what would be printed, numbers and durations by value. `<`, `<=`, `>`, `>=` want two
numbers, two durations or two texts; `in` looks for a text in a text.""",
    _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp{% if hold > 3 %}, long{% endif %}.\n",
    _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp{% if shot.seconds > 3 %}, long{% endif %}.\n",
)

FILTER_MISFIT = Rule(
    "SB306",
    "filter-misfit",
    Severity.ERROR,
    "a filter does not fit",
    """A filter works on a text (numbers and durations count as written) or a list, and takes the arguments that it
names.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ mei | replace('M') }} waits.\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ mei | replace('M', 'W') }} waits.\n",
)

TOO_LONG = Rule(
    "SB307",
    "too-long",
    Severity.ERROR,
    "a text fills in to more than can be used",
    f"""One filled-in text holds at most {limits.LONGEST_TEXT:,} characters, and all texts of a story together at most
{limits.MOST_CHARACTERS:,}: far more than any prompt, and few enough that expanding a story always ends.""",
    _HEAD
    + "phrase a(x)\n  {{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}{{ x }}\n\n"
    + "phrase b(x)\n  {{ a(a(a(a(x)))) }}\n\nshot a 3s\n  {{ b('lantern') }}\n",
    _HEAD + "phrase a(x)\n  {{ x }}{{ x }}\n\nshot a 3s\n  {{ a('lantern') }}\n",
)

TOO_DEEP = Rule(
    "SB308",
    "too-deep",
    Severity.ERROR,
    "braces are nested too deep or too long",
    f"""One pair of braces holds at most {limits.LONGEST_TAG:,} characters, with parentheses nested at most
{limits.DEEPEST_TAG} deep. `{{% if %}}` nests {limits.DEEPEST_IF} deep, and calls of phrases within phrases
{limits.DEEPEST_CALL} deep.

Way out: name a part of it with `let` or `phrase`.""",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ " + "(" * 21 + "mei" + ")" * 21 + " }}\n",
    _HEAD + "let mei = Mei\n\nshot a 3s\n  {{ ((mei)) }}\n",
)

TOO_MANY_CALLS = Rule(
    "SB309",
    "too-many-calls",
    Severity.ERROR,
    "phrases are called without measure",
    f"""A story may call phrases {limits.MOST_CALLS:,} times and fill in {limits.MOST_VALUES:,} values in all. Phrases
that call others several times multiply quickly. The error is at the call that passes the limit, and lists the calls
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
    """A shot's text is its prompt. It is empty when its own text fills in to nothing, whatever `.prefix`, `.suffix`
and `.avoid` add: a picture of nothing but the look is never what was meant.""",
    _HEAD + "shot a 3s\n  .mode pro\n",
    _HEAD + "shot a 3s\n  .mode pro\n  A lamp.\n",
)

SETTING_WITHOUT_DOT = Rule(
    "SB320",
    "setting-without-dot",
    Severity.ERROR,
    "a line of text looks like a setting",
    """Settings begin with a dot. Without it the line is prompt text and is paid for.

Ways out: put the dot before it, above the text; or, where the words are meant, say them in a sentence.""",
    _HEAD + "shot a 3s\n  mode pro\n  A lamp.\n",
    _HEAD + "shot a 3s\n  .mode pro\n  A lamp.\n",
)

STATEMENT_IN_TEXT = Rule(
    "SB321",
    "statement-in-text",
    Severity.ERROR,
    "a line of text looks like a statement",
    """A statement begins at column 0 (or where the statements of its template or loop begin). Indented under a header
it is text, becomes part of a prompt and is paid for.""",
    _HEAD + "shot a 3s\n  A lamp.\n  shot b 4s\n  A street.\n",
    _HEAD + "shot a 3s\n  A lamp.\n\nshot b 4s\n  A street.\n",
)

QUOTED_VALUE = Rule(
    "SB322",
    "quoted-value",
    Severity.HINT,
    "a value stands wholly in quotes",
    """The text of a `let` or `param` needs no quotes: whatever follows `=` is the text, so the quotes would stand in
every prompt.""",
    _HEAD + 'let mei = "Mei, a courier"\n\nshot a 3s\n  {{ mei }} waits.\n',
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)
