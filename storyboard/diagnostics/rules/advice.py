"""SB350 to SB359: lists, looks and scene texts that do not say what their author means."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n'

DOUBLE_NEGATIVE = Rule(
    "SB350",
    "double-negative",
    Severity.HINT,
    "a negative says no twice",
    """`.negative` and `.avoid` list what should not be seen; the sentence that is made of them says *no* itself. An
item that begins with *no*, *not* or *without* would read "No no text".

Way out: name the thing alone.""",
    _HEAD + "  .negatives inline\n  .negative no text\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negatives inline\n  .negative text\n\nshot a 3s\n  A lamp.\n",
)

SIGN_WITHOUT_SPACE = Rule(
    "SB351",
    "sign-without-space",
    Severity.ERROR,
    "`+`, `-` or `none` stands where it means nothing",
    """`.negative + a` adds, `.negative - a` takes away, `.negative none` clears. The sign stands alone before a space,
and `none` alone on its line; else it would be a thing that should not be seen. `.prefix` and `.suffix` take `+` and
`none` in the same way; `.avoid` holds for one shot and takes neither.""",
    _HEAD + "  .negative +people\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negative + people\n\nshot a 3s\n  A lamp.\n",
)

NEGATIVE_TWICE = Rule(
    "SB352",
    "negative-set-twice",
    Severity.ERROR,
    "two `.negative` lines set the list in one body",
    """A `.negative` line without a sign sets the whole list, so the second one would forget the first.

Way out: `.negative + …` adds to it.""",
    _HEAD + "  .negative people\n  .negative text\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .negative people\n  .negative + text\n\nshot a 3s\n  A lamp.\n",
)

LOOK_REPLACED = Rule(
    "SB353",
    "look-replaced",
    Severity.HINT,
    "a scene or shot replaces the look from further out",
    """`.prefix` and `.suffix` of a scene or a shot take the place of the outer one, so the film's look is gone there.

Ways out: `.suffix + …` adds to the outer one; `.suffix none` clears it on purpose.""",
    _HEAD + "  .suffix 35mm film grain.\n\nscene night\n  .suffix Blue moonlight.\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "  .suffix 35mm film grain.\n\nscene night\n  .suffix + Blue moonlight.\n\nshot a 3s\n  A lamp.\n",
)

RUNS_ON = Rule(
    "SB354",
    "runs-on",
    Severity.HINT,
    "a text runs on into what follows",
    """`.prefix`, the shot's text, `.suffix` and the sentence of negatives are joined with a space. Where one of them
ends without a full stop, the next reads as its end. A comma or a colon at either side joins them on purpose.

Way out: end it with a full stop.""",
    _HEAD + "  .suffix 35mm film grain\n\nshot a 3s\n  .avoid smiling\n  A lamp.\n",
    _HEAD + "  .suffix 35mm film grain.\n\nshot a 3s\n  .avoid smiling\n  A lamp.\n",
)

SCENE_TEXT_UNSAID = Rule(
    "SB355",
    "scene-text-unsaid",
    Severity.HINT,
    "the text of a scene reaches no prompt of a job",
    """A scene's text enters a prompt only where `{{ scene.text }}` writes it in, and a model sees nothing but its own
job. A job without it shows another place.

Way out: `.prefix {{ scene.text }}` in the scene writes it into every shot.""",
    _HEAD + "\nscene gym\n  A school gym at dusk.\n\nshot a 3s\n  Tom throws.\n",
    _HEAD + "\nscene gym\n  .prefix {{ scene.text }}\n  A school gym at dusk.\n\nshot a 3s\n  Tom throws.\n",
)

MIXED_RATIOS = Rule(
    "SB356",
    "mixed-ratios",
    Severity.HINT,
    "shots of one film have different shapes",
    """The film has one frame: a shot of another shape stands between bars.

Way out: one `.aspect_ratio` in the story; a vertical version is a variant of its own.""",
    _HEAD + "\nshot a 3s\n  A lamp.\n\nshot b 3s\n  .aspect_ratio 9:16\n  A street.\n",
    _HEAD + "\nshot a 3s\n  A lamp.\n\nshot b 3s\n  A street.\n",
)

STANDS_ALONE = Rule(
    "SB357",
    "stands-alone",
    Severity.HINT,
    "a long prompt keeps a shot out of its neighbours' job",
    """A job of several shots holds only short prompts. A shot over that limit becomes a job of its own, and parts the
shots before and after it, which then may look less alike.

Way out: shorten its prompt; or leave it, where it may stand alone.""",
    _HEAD
    + "\nshot a 5s\n  A street.\n\nshot b 5s\n  "
    + "A wet stone after another. " * 21
    + "\n\nshot c 5s\n  A door.\n",
    _HEAD + "\nshot a 5s\n  A street.\n\nshot b 5s\n  A wet stone.\n\nshot c 5s\n  A door.\n",
)
