"""SB200-SB249: settings, what a model takes, and promises."""

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
    """Limits, prices and parameters are those of a model, so a story names one: `.model kirin_v3_t2v` under its
`story` line, or in each scene. `storyboard models` lists them.""",
    'story "Night"\n' + _SHOT,
    _story() + _SHOT,
)

UNKNOWN_MODEL = Rule(
    "SB202",
    "unknown-model",
    Severity.ERROR,
    "there is no such model",
    """A model is known by its card: those that come with storyboard (`storyboard models`) and the project's own in
`cards/`.""",
    _story(model="kirin_v3_t2w") + _SHOT,
    _story() + _SHOT,
)

UNKNOWN_SETTING = Rule(
    "SB204",
    "unknown-setting",
    Severity.ERROR,
    "the model has no such setting",
    """A line that begins with a dot and a name is a setting: one of the language's own, or a parameter of the model
under the API's own name. `storyboard models NAME` lists what a model takes.

A line of text that must begin with a dot and a name is written `{{ ".name" }} …`.""",
    _story(".mod pro") + _SHOT,
    _story(".mode pro") + _SHOT,
)

SETTING_VALUE = Rule(
    "SB205",
    "setting-value",
    Severity.ERROR,
    "a setting's value is outside its rules",
    """What a parameter takes stands in the model's card; anything else the gateway would refuse, after the wait.""",
    _story(".mode fast") + _SHOT,
    _story(".mode pro") + _SHOT,
)

SETTING_PLACE = Rule(
    "SB206",
    "setting-place",
    Severity.ERROR,
    "a setting stands where it has no meaning",
    """`.avoid` and `.take` belong to one shot, `.budget` to the whole story. All others may stand in `story`, `scene`
or `shot` and are inherited inwards.""",
    _story(".take 2") + _SHOT,
    _story() + "\nshot a 3s\n  .take 2\n  A lamp.\n",
)

COMPILER_WRITES = Rule(
    "SB207",
    "compiler-writes-it",
    Severity.ERROR,
    "a parameter that storyboard writes itself",
    """Some parameters of the API follow from the story: the prompt is the shot's text, the duration stands in its
header, shots are packed into jobs by themselves. They are no settings.""",
    _story(".duration 5") + _SHOT,
    _story() + "\nshot a 5s\n  A lamp.\n",
)

NEEDS = Rule(
    "SB209",
    "setting-needs",
    Severity.ERROR,
    "a setting goes only with another",
    """Some values are accepted only together with others; the model's card says which.""",
    _story(".sound on", model="kirin_v2_6_t2v") + "\nshot a 5s\n  A lamp.\n",
    _story(".sound on", ".mode pro", model="kirin_v2_6_t2v") + "\nshot a 5s\n  A lamp.\n",
)

NOT_A_NEGATIVE = Rule(
    "SB210",
    "not-a-negative",
    Severity.ERROR,
    "what is taken away is not there",
    """`.negative - a` takes `a` from the shared negatives that are in force. If it is not among them, one of the two
is misspelt.""",
    _story(".negative crowds") + "\nscene b\n  .negative - crowd\n" + _SHOT,
    _story(".negative crowds") + "\nscene b\n  .negative - crowds\n" + _SHOT,
)

NO_NEGATIVE_FIELD = Rule(
    "SB211",
    "no-negative-field",
    Severity.ERROR,
    "the model takes no negative prompt",
    """This model has no `negative_prompt`. With `.negatives inline` the shared negatives are written into every prompt
as a sentence, which works everywhere.""",
    _story(".negative crowds", model="kirin_v2_1_master_t2v") + "\nshot a 5s\n  A lamp.\n",
    _story(".negative crowds", ".negatives inline", model="kirin_v2_1_master_t2v") + "\nshot a 5s\n  A lamp.\n",
)

DUPLICATE_NEGATIVES = Rule(
    "SB214",
    "duplicate-negative",
    Severity.HINT,
    "a negative is given twice",
    """Negatives that stand twice are sent once; the first stays.""",
    _story(".negative crowds, text, crowds") + _SHOT,
    _story(".negative crowds, text") + _SHOT,
)

SAME_AS_INHERITED = Rule(
    "SB215",
    "same-as-inherited",
    Severity.HINT,
    "a setting repeats what is inherited",
    """Settings are inherited inwards, from `story` to `scene` to `shot`. Writing the same value again changes nothing,
and has to be kept in step by hand.""",
    _story(".mode pro") + "\nshot a 3s\n  .mode pro\n  A lamp.\n",
    _story(".mode pro") + "\nshot a 3s\n  .mode std\n  A lamp.\n",
)

BROKEN_PROMISE = Rule(
    "SB220",
    "broken-promise",
    Severity.ERROR,
    "the shots do not add up to what is promised",
    """A duration at a `scene` or `story` is a promise that its shots add up to exactly that. The error lists each
shot's seconds.

Ways out: change a shot, or the promise.""",
    _story() + "\nscene b 10s\n" + _SHOT,
    _story() + "\nscene b 3s\n" + _SHOT,
)

NO_SHOTS = Rule(
    "SB222",
    "no-shots",
    Severity.ERROR,
    "a story has no shots",
    """Without a shot there is no film. A file that only declares names for others is a library and has no `story`
line.""",
    _story(),
    _story() + _SHOT,
)

EMPTY_SCENE = Rule(
    "SB223",
    "empty-scene",
    Severity.WARNING,
    "a scene has no shots",
    """A scene holds the shots that follow it until the next `scene`; this one has none.""",
    _story() + _SHOT + "\nscene b\n",
    _story() + "\nscene b\n" + _SHOT,
)
