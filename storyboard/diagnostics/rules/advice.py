"""SB350 to SB359: lists, looks and scene texts that probably do not say what the author means."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n'

DOUBLE_NEGATIVE = Rule(
    "SB350",
    "double-negative",
    Severity.HINT,
    "a negative is negated twice",
    """`.negative` and `.avoid` list what should not be seen, and the sentence made from them already says *no*. An
item that starts with *no*, *not* or *without* would read "No no text".

To fix it, name only the thing.""",
    _HEAD + "  .negatives inline\n  .negative no text\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negatives inline\n  .negative text\n\nshot a 3s\n  A lamp.\n",
)

SIGN_WITHOUT_SPACE = Rule(
    "SB351",
    "sign-without-space",
    Severity.ERROR,
    "`+`, `-` or `none` would be read as a thing to avoid",
    """`.negative + a` adds, `.negative - a` removes, and `.negative none` clears the list. A space must follow the
sign, and `none` must be the whole value; otherwise it would be one more thing that should not be seen. `.prefix` and
`.suffix` accept `+` and `none` in the same way. `.avoid` is for one shot only and accepts neither.""",
    _HEAD + "  .negative +people\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negative + people\n\nshot a 3s\n  A lamp.\n",
)

NEGATIVE_TWICE = Rule(
    "SB352",
    "negative-set-twice",
    Severity.ERROR,
    "two `.negative` lines set the list in one body",
    """A `.negative` line without a sign sets the whole list, so the second line would discard the first.

To add to the list, write `.negative + …`.""",
    _HEAD + "  .negative people\n  .negative text\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negative people\n  .negative + text\n\nshot a 3s\n  A lamp.\n",
)

LOOK_REPLACED = Rule(
    "SB353",
    "look-replaced",
    Severity.HINT,
    "a scene or shot replaces the inherited look",
    """`.prefix` and `.suffix` of a scene or a shot replace the inherited one, so the look of the film is lost there.

`.suffix + …` adds to the inherited text; `.suffix none` clears it on purpose.""",
    _HEAD + "  .suffix 35mm film grain.\n\nscene night\n  .suffix Blue moonlight.\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .suffix 35mm film grain.\n\nscene night\n  .suffix + Blue moonlight.\n\nshot a 3s\n  A lamp.\n",
)

RUNS_ON = Rule(
    "SB354",
    "runs-on",
    Severity.HINT,
    "a text has no full stop before the next one",
    """`.prefix`, the shot's text, `.suffix` and the sentence of negatives are joined with a space. If one of them ends
without a full stop, the next reads as part of the same sentence. A comma or a colon on either side joins them on
purpose.

To fix it, end the text with a full stop.""",
    _HEAD + "  .suffix 35mm film grain\n\nshot a 3s\n  .avoid smiling\n  A lamp.\n",
    _HEAD + "  .suffix 35mm film grain.\n\nshot a 3s\n  .avoid smiling\n  A lamp.\n",
)

SCENE_TEXT_UNSAID = Rule(
    "SB355",
    "scene-text-unsaid",
    Severity.HINT,
    "a job does not include the text of its scene",
    """The text of a scene is part of a prompt only where `{{ scene.text }}` inserts it, and a model sees only its own
job. A job without it will show some other place.

`.prefix {{ scene.text }}` in the scene inserts it into every shot.""",
    _HEAD + "\nscene gym\n  A school gym at dusk.\n\nshot a 3s\n  Tom throws.\n",
    _HEAD + "\nscene gym\n  .prefix {{ scene.text }}\n  A school gym at dusk.\n\nshot a 3s\n  Tom throws.\n",
)

MIXED_RATIOS = Rule(
    "SB356",
    "mixed-ratios",
    Severity.HINT,
    "shots of one film have different aspect ratios",
    """All shots of a film share one frame size, so a shot with another aspect ratio gets black bars.

Set one `.aspect_ratio` for the whole story. For a vertical version, build a separate variant.""",
    _HEAD + "\nshot a 3s\n  A lamp.\n\nshot b 3s\n  .aspect_ratio 9:16\n  A street.\n",
    _HEAD + "\nshot a 3s\n  A lamp.\n\nshot b 3s\n  A street.\n",
)

STANDS_ALONE = Rule(
    "SB357",
    "stands-alone",
    Severity.HINT,
    "a long prompt keeps a shot out of the job of its neighbours",
    """In a job of several shots, prompts have to be short. A shot over that limit gets a job of its own. It also
separates the shots before and after it, which may then look less alike.

Shorten the prompt, or leave it if the shot may have its own job.""",
    _HEAD
    + "\nshot a 5s\n  A street.\n\nshot b 5s\n  "
    + "A wet stone after another. " * 21
    + "\n\nshot c 5s\n  A door.\n",
    _HEAD + "\nshot a 5s\n  A street.\n\nshot b 5s\n  A wet stone.\n\nshot c 5s\n  A door.\n",
)

SILENCES_NOTHING = Rule(
    "SB359",
    "silences-nothing",
    Severity.HINT,
    "a comment `# ok CODE: reason` silences nothing",
    """A comment such as `# ok SB357: the door stands alone on purpose`, on a line of its own, silences that warning or
hint in the next statement and in what is indented under it. Separate several codes with commas. This one is not needed:
nothing there breaks the rule, or it is an error, and errors are never silenced. A comment without a reason silences
nothing.

Way out: remove the comment, or give the reason.""",
    _HEAD + "\n# ok SB357: it stands alone on purpose\nshot a 5s\n  A street.\n",
    _HEAD
    + "\nshot a 5s\n  A street.\n\n# ok SB357: it stands alone on purpose\nshot b 5s\n  "
    + "A wet stone after another. " * 21
    + "\n\nshot c 5s\n  A door.\n",
)
