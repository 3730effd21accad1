"""SB33x to SB34x: pasted text that would be paid for as a prompt."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

NOTE = Rule(
    "SB330",
    "note-in-text",
    Severity.ERROR,
    "a line of text is a note or a comment",
    """A comment starts with `#` at column 0. Comments of other languages (`//`, `<!-- -->`, `/* */`), notes of a script
(`[[ ]]`) and of a template (`{# #}`) are text here: they would be sent and paid for.

Write the comment at column 0 with `#`, or a `.note` above the text. If the words do belong in the prompt, put
them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  // keep it short\n",
    _HEAD + "shot a 3s\n  .note keep it short\n  A lamp.\n",
)

MARKUP = Rule(
    "SB331",
    "markup-in-text",
    Severity.ERROR,
    "a text contains Markdown or HTML",
    """A prompt is plain text. List markers, headings, bold, fences, rules, links and tags would be sent to the model.

Remove the markup. If the words do belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  - A lamp in the **rain**.\n",
    _HEAD + "shot a 3s\n  A lamp in the rain.\n",
)

TABLE_OR_DATA = Rule(
    "SB332",
    "data-in-text",
    Severity.ERROR,
    "a line of text is a row of a table, JSON, YAML or CSV",
    """The model gets the text of a shot word for word, including keys, brackets, commas and tabs of a table.

Write a sentence instead; `storyboard import` reads whole shot lists. If the words do belong in the prompt, put
them in braces: `{{ "…" }}`.""",
    _HEAD + 'shot a 3s\n  "prompt": "A lamp."\n',
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TIME_CODE = Rule(
    "SB333",
    "time-code-in-text",
    Severity.ERROR,
    "a line of text starts with a time",
    """The length of a shot goes in its header. A time in the text is part of the prompt and is paid for.

Remove it and write the length in the header: `shot name 5s`. If the words do belong in the prompt,
put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  [00:00-00:03] A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TITLE_LINE = Rule(
    "SB334",
    "title-in-text",
    Severity.ERROR,
    "a line of text is the title of a shot, a scene or a transition",
    """Shots and scenes start at column 0. If their title is indented under another header, it is part of a prompt.

Write `shot name 5s` or `scene name` at column 0. Cuts need no line of their own. If the words do belong in the prompt,
put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  Shot 2 (4s): A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

LABEL = Rule(
    "SB335",
    "label-in-text",
    Severity.ERROR,
    "a line of text belongs in a setting or a header",
    """`Negative prompt:`, `duration:`, `model:` and similar labels would be sent as part of the prompt, and a list of
things to avoid would be sent as things to show.

Use `.negative` or `.avoid`, the shot's header, or a setting above the text. If the words do belong in the prompt, put
them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Negative prompt: rain, people\n",
    _HEAD + "shot a 3s\n  .avoid rain, people\n  A lamp.\n",
)

OTHER_BRACES = Rule(
    "SB336",
    "other-braces",
    Severity.ERROR,
    "a name is in braces that insert nothing",
    """A name is inserted with `{{ name }}`. In other braces it is sent as written.

Write `{{ name }}`. If the words do belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {mei} waits. {{ mei }} leaves.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)

AT_NAME = Rule(
    "SB337",
    "at-name",
    Severity.WARNING,
    "a name follows a sign that inserts nothing",
    """A name is inserted with `{{ name }}`. `@name`, `<name>`, `[name]`, `%name%` and `$name` are sent as written.

Write `{{ name }}`. If the words do belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  @mei waits. {{ mei }} leaves.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} waits.\n",
)

NO_PICTURES = Rule(
    "SB338",
    "no-pictures",
    Severity.ERROR,
    "a text refers to a picture that the model does not see",
    """To a model that accepts no pictures, `@Image1`, `<<<image_2>>>`, `[From image]` and the like are just words.

Describe in words what is seen; a `let` keeps a person the same in every shot. If the words do belong in the prompt, put
them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  @Image1 walks.\n",
    _HEAD + "shot a 3s\n  Mei, a young woman in a red coat, walks.\n",
)

FOREIGN_FLAG = Rule(
    "SB339",
    "foreign-flag",
    Severity.ERROR,
    "a text has a flag or a weight of another generator",
    """`--ar 16:9`, `(lamp:1.2)` and the like mean nothing to this model and are sent as words.

Write a setting (`.aspect_ratio 16:9`) above the text; remove weights. If the words do belong in the prompt,
put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp --ar 16:9\n",
    _HEAD + "shot a 3s\n  .aspect_ratio 16:9\n  A lamp.\n",
)

CHATTER = Rule(
    "SB340",
    "chatter-in-text",
    Severity.ERROR,
    "a line of text is a chat reply",
    """"Here is your storyboard:" and "Let me know" were pasted along with the text.

Remove the line. If the words do belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Let me know if you want changes.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

BESIDE_THE_PICTURE = Rule(
    "SB341",
    "words-beside-the-picture",
    Severity.WARNING,
    "a line of text looks like dialogue, a caption or a sound",
    """In the text of a shot, dialogue, captions and sounds of a script are part of the prompt.

Use `.say Name: words` for spoken words and `.caption words` for words on the screen. If the words do
belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Voice-over: It was late.\n",
    _HEAD + "shot a 3s\n  .say It was late.\n  A lamp.\n",
)

WORDY_LABEL = Rule(
    "SB342",
    "label-before-text",
    Severity.WARNING,
    "a label comes before the text",
    """`Prompt:`, `Note:` and the like are sent together with the words after them.

Remove the label, or write `.note` for notes to the crew. If the words do belong in the prompt, put
them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  Prompt: A lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

TRAILING_COMMENT = Rule(
    "SB343",
    "trailing-comment",
    Severity.WARNING,
    "a comment follows text",
    """After text, `#` and `//` do not start a comment: the words would be sent.

Put the comment on its own line, with `#` at column 0. If the words do belong in the prompt, put them
in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp. # ask Jo\n",
    _HEAD + "shot a 3s\n# ask Jo\n  A lamp.\n",
)

COMMENT_AFTER_VALUE = Rule(
    "SB344",
    "comment-after-value",
    Severity.ERROR,
    "a comment follows a value",
    """After a header, `#` starts a comment. After the value of a setting, a `let` or a `param`, it is part of the
value.

Write the comment on the line above, at column 0. If the words do belong in the prompt, put them
in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  .avoid smiling # ask Jo\n  A lamp.\n",
    _HEAD + "shot a 3s\n# ask Jo\n  .avoid smiling\n  A lamp.\n",
)

INVISIBLE_LETTERS = Rule(
    "SB345",
    "invisible-letters",
    Severity.WARNING,
    "a text has invisible characters",
    """Zero-width characters, direction marks and the like are sent, but nobody sees them in a review: the prompt
differs from what was read.

Remove them.""",
    _HEAD + "shot a 3s\n  A\u200b lamp.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)

SAID_OTHERWISE = Rule(
    "SB346",
    "said-otherwise",
    Severity.HINT,
    "a text contradicts the length or aspect ratio of its shot",
    """The length of a shot is in its header, its aspect ratio in a setting. In the text they are only words to the
model, and here they contradict the shot.

Remove them, or use the value of the header: `{{ shot.seconds }}`.""",
    _HEAD + "shot a 8s\n  A lamp. Duration: 10 seconds.\n",
    _HEAD + "shot a 8s\n  A lamp.\n",
)

COMMENTED_HEADER = Rule(
    "SB347",
    "commented-header",
    Severity.ERROR,
    "a header is commented out, but its body is not",
    """Comments are ignored, so the lines below a commented-out header continue the body above: they would become part
of another shot's prompt.

Comment out the body too, or remove the `#` from the header.""",
    _HEAD + "shot a 3s\n  A lamp.\n\n# shot b 4s\n  A street.\n",
    _HEAD + "shot a 3s\n  A lamp.\n\n# shot b 4s\n#   A street.\n",
)

SETTING_GOES_ON = Rule(
    "SB348",
    "setting-goes-on",
    Severity.ERROR,
    "a line is indented deeper than the setting above it",
    """A setting is a single line. A line indented under it is not part of its value but text, and would be sent as
prompt: the opposite of what `.avoid` or `.negative` mean.

Move it to the line of the setting; or, if it is text, indent it like the setting.""",
    _HEAD + "shot a 3s\n  .avoid smiling,\n    looking at the camera\n  A lamp.\n",
    _HEAD + "shot a 3s\n  .avoid smiling, looking at the camera\n  A lamp.\n",
)

UNUSUAL_LINE = Rule(
    "SB349",
    "unusual-line",
    Severity.WARNING,
    "a line of text looks pasted",
    """In any language, some kinds of lines are rarely part of a prompt: a label and a colon (`Anna: …`, `旁白：…`), a
length or a number before or after the words, a line in brackets or in capitals, a mark at its start, code, words to
the author. The same holds for what begins a later sentence of a line. They would be sent and paid for.

Remove the line or the sentence, or write `.say`, `.caption` or `.note` for words beside the picture. If the words do
belong in the prompt, put them in braces: `{{ "…" }}`.""",
    _HEAD + "shot a 3s\n  A lamp.\n  Anna: We have to leave.\n",
    _HEAD + "shot a 3s\n  A lamp.\n",
)
