"""SB33x to SB34x: text that was pasted, and would be paid for as a prompt."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

NOTE = Rule(
    "SB330",
    "note-in-text",
    Severity.ERROR,
    "a line of text is a note or a comment",
    """A comment begins with `#` at column 0. Comments of other languages (`//`, `<!-- -->`, `/* */`), notes of a script
(`[[ ]]`) and of a template (`{# #}`) are text here: they would be sent, and paid for.

Ways out: write the comment at column 0 with `#`, or a `.note` above the text. Where the words are meant as they
are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  // keep it short\n",
    _HEAD + "shot a 3s\n  .note keep it short\n  A lamp.\n",
)

MARKUP = Rule(
    "SB331",
    "markup-in-text",
    Severity.ERROR,
    "a text has the marks of Markdown or HTML",
    """A text is plain words. List markers, headings, bold, fences, rules, links and tags would be read aloud to the
model.

Way out: take the marks out. Where the words are meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  - A lamp in the **rain**.\n",
    _HEAD + "shot a 3s\n  A lamp in the rain.\n",
)

TABLE_OR_DATA = Rule(
    "SB332",
    "data-in-text",
    Severity.ERROR,
    "a line of text is a row of a table, JSON, YAML or CSV",
    """A shot's text is what the model is shown, word for word; keys, brackets, commas and tabs of a table are part of
it.

Ways out: write its words as a sentence; `storyboard import` reads whole shot lists. Where the words are meant as
they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + 'shot a 3s\n  "prompt": "A lamp."\n',
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TIME_CODE = Rule(
    "SB333",
    "time-code-in-text",
    Severity.ERROR,
    "a line of text begins with a time",
    """How long a shot lasts is said in its header; a time in the text is a word to the model, and is paid for.

Way out: take it out, and write the length into the header: `shot name 5s`. Where the words are meant as they are,
put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  [00:00-00:03] A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TITLE_LINE = Rule(
    "SB334",
    "title-in-text",
    Severity.ERROR,
    "a line of text is the title of a shot, a scene or a transition",
    """Shots and scenes begin at column 0. Indented under another header their title is part of a prompt.

Ways out: `shot name 5s` or `scene name` at column 0; cuts need no line of their own. Where the words are meant as
they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  Shot 2 (4s): A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

LABEL = Rule(
    "SB335",
    "label-in-text",
    Severity.ERROR,
    "a line of text says what belongs into a setting or a header",
    """`Negative prompt:`, `duration:`, `model:` and their like are words to the model here, and a list of what should
not be seen would be sent as what should.

Ways out: `.negative` or `.avoid`, the shot's header, a setting above the text. Where the words are meant as they
are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Negative prompt: rain, people\n",
    _HEAD + "shot a 3s\n  .avoid rain, people\n  A lamp.\n",
)

OTHER_BRACES = Rule(
    "SB336",
    "other-braces",
    Severity.ERROR,
    "a name stands in braces that fill in nothing",
    """A name is filled in with `{{ name }}`. In other braces it is sent as it is written.

Way out: write `{{ name }}`. Where the words are meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {mei} waits. {{ mei }} leaves.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)

AT_NAME = Rule(
    "SB337",
    "at-name",
    Severity.WARNING,
    "a name stands behind a sign that fills in nothing",
    """A name is filled in with `{{ name }}`; `@name`, `<name>`, `[name]`, `%name%` and `$name` are sent as they are
written. So are braces of other template languages, such as `${hero}` and `{0}`, whatever they name.

Way out: write `{{ name }}`. Where the words are meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  @mei waits. {{ mei }} leaves.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)

NO_PICTURES = Rule(
    "SB338",
    "no-pictures",
    Severity.ERROR,
    "a text refers to a picture that the model does not see",
    """`@Image1`, `<<<image_2>>>`, `[From image]` and their like are words to a model that takes no pictures.

Way out: say in words what is seen; a `let` keeps a person the same in every shot. Where the words are meant as they
are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  @Image1 walks.\n",
    _HEAD + "shot a 3s\n  Mei, a young woman in a red coat, walks.\n",
)

FOREIGN_FLAG = Rule(
    "SB339",
    "foreign-flag",
    Severity.ERROR,
    "a text has a flag or a weight of another generator",
    """`--ar 16:9`, `(lamp:1.2)` and their like mean nothing to this model, and are sent as words.

Ways out: a setting (`.aspect_ratio 16:9`) above the text; take weights out. Where the words are meant as they are,
put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp --ar 16:9\n",
    _HEAD + "shot a 3s\n  .aspect_ratio 16:9\n  A lamp.\n",
)

CHATTER = Rule(
    "SB340",
    "chatter-in-text",
    Severity.ERROR,
    "a line of text is what a model says to its user",
    """"Here is your storyboard:" and "Let me know" came along with what was pasted.

Way out: take the line out. Where the words are meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Let me know if you want changes.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

BESIDE_THE_PICTURE = Rule(
    "SB341",
    "words-beside-the-picture",
    Severity.WARNING,
    "a line of text looks like words beside the picture",
    """Dialogue, captions and sounds of a script are part of the prompt when they stand in the text.

Ways out: `.say Name: words` for what is spoken, `.caption words` for what stands on the screen. Where the words are
meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Voice-over: It was late.\n",
    _HEAD + "shot a 3s\n  .say It was late.\n  A lamp.\n",
)

WORDY_LABEL = Rule(
    "SB342",
    "label-before-text",
    Severity.WARNING,
    "a label stands before the words",
    """`Prompt:`, `Note:` and their like are sent with the words behind them.

Ways out: take the label out; write `.note` for what is for the crew. Where the words are meant as they are, put
them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  Prompt: A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TRAILING_COMMENT = Rule(
    "SB343",
    "trailing-comment",
    Severity.WARNING,
    "a comment stands behind a text",
    """Behind a text `#` and `//` begin no comment: the words would be sent.

Way out: a comment is a line of its own, with `#` at column 0. Where the words are meant as they are, put them in
braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp. # ask Jo\n",
    _HEAD + "shot a 3s\n# ask Jo\n  A lamp.\n",
)

COMMENT_AFTER_VALUE = Rule(
    "SB344",
    "comment-after-value",
    Severity.ERROR,
    "a comment stands behind a value",
    """Behind a header `#` begins a comment; behind the value of a setting, a `let` or a `param` it is part of the
value.

Way out: write the comment on the line above, at column 0. Where the words are meant as they are, put them in
braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  .avoid smiling # ask Jo\n  A lamp.\n",
    _HEAD + "shot a 3s\n# ask Jo\n  .avoid smiling\n  A lamp.\n",
)

INVISIBLE_LETTERS = Rule(
    "SB345",
    "invisible-letters",
    Severity.WARNING,
    "a text has letters that show nothing",
    """Zero-width letters, marks of writing direction and the like are sent, but a review does not see them: the prompt
is another than the one that was read.

Way out: take them out.""",
    _HEAD + "shot a 3s\n  A\u200b lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

SAID_OTHERWISE = Rule(
    "SB346",
    "said-otherwise",
    Severity.HINT,
    "a text says another length or shape than its shot has",
    """The header says how long a shot lasts, a setting which shape it has. What the text says is only words to the
model, and here it contradicts them.

Ways out: take it out, or let it follow the header: `{{ shot.seconds }}`.""",
    _HEAD + "shot a 8s\n  A lamp. Duration: 10 seconds.\n",
    _HEAD + "shot a 8s\n  A lamp.\n",
)

COMMENTED_HEADER = Rule(
    "SB347",
    "commented-header",
    Severity.ERROR,
    "a header is commented out, and its body is not",
    """Comments are as if they were not there, so the lines below a header that is commented out go on with the body
above: they would become part of another shot's prompt.

Ways out: comment out the body too, or take the `#` from the header.""",
    _HEAD + "shot a 3s\n  A lamp.\n\n# shot b 4s\n  A street.\n",
    _HEAD + "shot a 3s\n  A lamp.\n\n# shot b 4s\n#   A street.\n",
)

SETTING_GOES_ON = Rule(
    "SB348",
    "setting-goes-on",
    Severity.ERROR,
    "a line is indented deeper than the setting above it",
    """A setting is one line. What is indented under it is not its value but text, and would be sent as prompt: the
opposite of what `.avoid` or `.negative` mean.

Ways out: write it on the setting's line; or, where it is text, indent it like the setting.""",
    _HEAD + "shot a 3s\n  .avoid smiling,\n    looking at the camera\n  A lamp.\n",
    _HEAD + "shot a 3s\n  .avoid smiling, looking at the camera\n  A lamp.\n",
)

UNUSUAL_LINE = Rule(
    "SB349",
    "unusual-line",
    Severity.WARNING,
    "a line of text looks pasted",
    """In any language, some shapes of a line are rarely part of a prompt: a label and a colon (`Anna: …`, `旁白：…`), a
length or a number before or behind the words, a line in brackets or in capitals, a mark at its start, code, words to
the author. They would be sent, and paid for.

Ways out: take the line out; write `.say`, `.caption` or `.note` for words beside the picture. Where the words are
meant as they are, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Anna: We have to leave.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)
