"""SB200-SB249: settings, what a model accepts, and promised lengths."""

from __future__ import annotations

from storyboard.diagnostics.diagnostic import Rule, Severity

_SHOT = "\nshot a 3s\n  A lamp.\n"


def _story(*settings: str, model: str = "kirin_v3_t2v") -> str:
    return 'story "Night"\n' + "".join(f"  {line}\n" for line in (f".model {model}", *settings))


NO_MODEL = Rule(
    "SB201",
    "no-model",
    Severity.ERROR,
    "no model is named",
    """Limits, prices and parameters depend on the model, so a story has to name one: `.model kirin_v3_t2v` under its
`story` line, or in each scene. `storyboard models` lists all models.""",
    'story "Night"\n' + _SHOT,
    _story() + _SHOT,
)

UNKNOWN_MODEL = Rule(
    "SB202",
    "unknown-model",
    Severity.ERROR,
    "the model is unknown",
    """storyboard knows the models that it comes with (`storyboard models` lists them) and those that have a card in the
project's folder `cards/`.""",
    _story(model="kirin_v3_t2w") + _SHOT,
    _story() + _SHOT,
)

UNKNOWN_SETTING = Rule(
    "SB204",
    "unknown-setting",
    Severity.ERROR,
    "the model has no such setting",
    """A line that starts with a dot and a name is a setting: either one of the language, or a parameter of the model
under its name in the API. `storyboard models NAME` lists the parameters of a model.

If a line of text really starts with a dot and a name, write `{{ ".name" }} …`.""",
    _story(".mod pro") + _SHOT,
    _story(".mode pro") + _SHOT,
)

SETTING_VALUE = Rule(
    "SB205",
    "setting-value",
    Severity.ERROR,
    "a setting has a value that the model does not accept",
    """The model's card says which values a parameter accepts (`storyboard models NAME`). The gateway would refuse
anything else, and only after a wait.""",
    _story(".mode fast") + _SHOT,
    _story(".mode pro") + _SHOT,
)

SETTING_PLACE = Rule(
    "SB206",
    "setting-place",
    Severity.ERROR,
    "a setting is not allowed here",
    """`.avoid` and `.take` apply to one shot, `.budget` to the whole story. All other settings can be written in
`story`, `scene` or `shot`; scenes and shots inherit them.""",
    _story(".take 2") + _SHOT,
    _story() + "\nshot a 3s\n  .take 2\n  A lamp.\n",
)

COMPILER_WRITES = Rule(
    "SB207",
    "compiler-writes-it",
    Severity.ERROR,
    "storyboard fills in this parameter itself",
    """Some parameters of the API follow from the story: the prompt is the shot's text, the duration is in its header,
and shots are packed into jobs automatically. They cannot be set.""",
    _story(".duration 5") + _SHOT,
    _story() + "\nshot a 5s\n  A lamp.\n",
)

NEEDS = Rule(
    "SB209",
    "setting-needs",
    Severity.ERROR,
    "a setting requires another one",
    """Some values are accepted only together with others. The model's card says which.""",
    _story(".sound on", model="kirin_v2_6_t2v") + "\nshot a 5s\n  A lamp.\n",
    _story(".sound on", ".mode pro", model="kirin_v2_6_t2v") + "\nshot a 5s\n  A lamp.\n",
)

NOT_A_NEGATIVE = Rule(
    "SB210",
    "not-a-negative",
    Severity.ERROR,
    "a negative that should be removed is not in the list",
    """`.negative - a` removes `a` from the shared negatives that apply here. If `a` is not among them, one of the two
is probably misspelt.""",
    _story(".negative crowds") + "\nscene b\n  .negative - crowd\n" + _SHOT,
    _story(".negative crowds") + "\nscene b\n  .negative - crowds\n" + _SHOT,
)

NO_NEGATIVE_FIELD = Rule(
    "SB211",
    "no-negative-field",
    Severity.ERROR,
    "the model has no negative prompt",
    """This model has no `negative_prompt`. With `.negatives inline`, the shared negatives are added to every prompt as
a sentence, which works with every model.""",
    _story(".negative crowds", model="kirin_v2_1_master_t2v") + "\nshot a 5s\n  A lamp.\n",
    _story(".negative crowds", ".negatives inline", model="kirin_v2_1_master_t2v") + "\nshot a 5s\n  A lamp.\n",
)

DUPLICATE_NEGATIVES = Rule(
    "SB214",
    "duplicate-negative",
    Severity.HINT,
    "a negative is given twice",
    """A repeated negative is sent only once; the second is dropped.""",
    _story(".negative crowds, text, crowds") + _SHOT,
    _story(".negative crowds, text") + _SHOT,
)

SAME_AS_INHERITED = Rule(
    "SB215",
    "same-as-inherited",
    Severity.HINT,
    "a setting repeats the inherited value",
    """Scenes inherit settings from the story, and shots from their scene. Repeating the same value changes nothing, and
you would have to keep both in sync by hand.""",
    _story(".mode pro") + "\nshot a 3s\n  .mode pro\n  A lamp.\n",
    _story(".mode pro") + "\nshot a 3s\n  .mode std\n  A lamp.\n",
)

BROKEN_PROMISE = Rule(
    "SB220",
    "broken-promise",
    Severity.ERROR,
    "the shots do not add up to the promised length",
    """A duration after `scene` or `story` is a promise that the shots add up to exactly that. The error lists the
length of each shot.

Change a shot, or the promise.""",
    _story() + "\nscene b 10s\n" + _SHOT,
    _story() + "\nscene b 3s\n" + _SHOT,
)

NO_SHOTS = Rule(
    "SB222",
    "no-shots",
    Severity.ERROR,
    "a story has no shots",
    """Without a shot there is no film. A file that only declares names for other files is a library, and has no `story`
line.""",
    _story(),
    _story() + _SHOT,
)

EMPTY_SCENE = Rule(
    "SB223",
    "empty-scene",
    Severity.WARNING,
    "a scene has no shots",
    """A scene consists of the shots that follow it, up to the next `scene`. This one has none.""",
    _story() + _SHOT + "\nscene b\n",
    _story() + "\nscene b\n" + _SHOT,
)
