"""SB1xx: names, arguments, circles, addresses."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

NAME_TWICE = Rule(
    "SB101",
    "name-twice",
    Severity.ERROR,
    "a name is declared twice",
    """A file has one set of names: its `let`, `param`, `phrase` and `template`, the names of its imports, and what an
import without `as` brings along. Each name is declared once, so that a reader who finds its line has found its
meaning.

Ways out: rename one of the two, or import the other file `as` a name of its own.""",
    _HEAD + "let city = Suzhou\nlet city = Hangzhou\n\nshot street 3s\n  A street of {{ city }}.\n",
    _HEAD + "let city = Suzhou\nlet town = Hangzhou\n\nshot street 3s\n  From {{ city }} to {{ town }}.\n",
)

SCENE_TWICE = Rule(
    "SB102",
    "scene-twice",
    Severity.ERROR,
    "a scene is declared twice",
    """A scene's name begins the address of each of its shots, so it occurs once. Shots before the first `scene` form
the scene `main`.

Way out: give the second scene a name of its own.""",
    _HEAD + "scene river\n\nshot one 3s\n  A river.\n\nscene river\n\nshot two 3s\n  A boat.\n",
    _HEAD + "scene river\n\nshot one 3s\n  A river.\n\nscene bank\n\nshot two 3s\n  A boat.\n",
)

ADDRESS_TWICE = Rule(
    "SB103",
    "address-twice",
    Severity.ERROR,
    "two shots have one address",
    """Every shot has an address, such as `river.boatman.push`: its scene, the labels of the `use` lines it came
through, its name, and the values of the loops around it. Clips are kept and bought under it, so no two shots
may share one.

Ways out: rename a shot, or give one of two uses of a template a label: `use reveal(…) as boatman`.""",
    _HEAD + "shot walk 3s\n  She walks.\n\nshot walk 3s\n  She walks on.\n",
    _HEAD + "shot walk 3s\n  She walks.\n\nshot on 3s\n  She walks on.\n",
)

UNKNOWN_NAME = Rule(
    "SB110",
    "unknown-name",
    Severity.ERROR,
    "nothing is called so",
    """A name inside `{{ }}`, in a `use`, or as an argument is one that the file declares, a parameter or loop variable
around it, or one of `story.title`, `scene.name`, `scene.title`, `scene.text`, `shot.name`, `shot.seconds`.
Names of an import `as house` are written `house.name`; what the other file imports itself is not passed on.

Ways out: correct the name, or declare it with `let`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot face 3s\n  Close-up of {{ mie }}.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot face 3s\n  Close-up of {{ mei }}.\n",
)

WRONG_KIND = Rule(
    "SB111",
    "wrong-kind",
    Severity.ERROR,
    "a name is used as what it is not",
    """Texts are filled in with `{{ name }}`, phrases are called with `{{ name(…) }}`, templates are expanded with `use
name(…)`, and an import's name stands only before a dot. A name of one kind does not do another's work.""",
    _HEAD + "phrase glow(what)\n  {{ what }} glows.\n\nshot lamp 3s\n  {{ glow }}\n",
    _HEAD + 'phrase glow(what)\n  {{ what }} glows.\n\nshot lamp 3s\n  {{ glow("The lamp") }}\n',
)

WRONG_ARGUMENTS = Rule(
    "SB112",
    "wrong-arguments",
    Severity.ERROR,
    "a call does not give what is asked for",
    """A phrase or template names its parameters. A call gives each of them once, by its place or by its name; only
those with a default may be left out, and nothing else may be given.""",
    _HEAD + 'phrase meet(who, place)\n  {{ who }} in {{ place }}.\n\nshot a 3s\n  {{ meet("Mei") }}\n',
    _HEAD + 'phrase meet(who, place)\n  {{ who }} in {{ place }}.\n\nshot a 3s\n  {{ meet("Mei", "town") }}\n',
)

NOT_A_DURATION = Rule(
    "SB113",
    "not-a-duration",
    Severity.ERROR,
    "a shot's length is no duration",
    """The length of a shot is a duration, such as `4s`, or a name whose value is one. A template often takes it as a
parameter; then the call must give a duration.""",
    _HEAD + 'template hold(length)\n  shot still length\n    A still lake.\n\nuse hold("long")\n',
    _HEAD + "template hold(length)\n  shot still length\n    A still lake.\n\nuse hold(4s)\n",
)

CIRCLE = Rule(
    "SB114",
    "circle",
    Severity.ERROR,
    "a name refers to itself",
    """A `let`, phrase or template that needs itself, directly or through others, has no end. It is judged on what is
written, whether a condition would ever lead there or not.

Way out: break the circle at one of the places shown.""",
    _HEAD + "let a = before {{ b }}\nlet b = behind {{ a }}\n\nshot one 3s\n  {{ a }}\n",
    _HEAD + "let a = before {{ b }}\nlet b = behind\n\nshot one 3s\n  {{ a }}\n",
)

NOT_HERE = Rule(
    "SB115",
    "not-here",
    Severity.ERROR,
    "there is no scene or shot at this place",
    """`scene` and `shot` speak of the place where a text is used. A `let` or `param` has neither; a setting sees what
its own level has: none of both in `story`, no shot in `scene`; nor does a scene's text see a shot.

Ways out: make the `let` a `phrase`, which sees the place where it is called, or write the setting in the scene
or shot.""",
    'story "Night"\n  .model kirin_v3_t2v\n  .suffix In {{ scene.name }}.\n\nshot a 3s\n  A lamp.\n',
    'story "Night"\n  .model kirin_v3_t2v\n\nscene yard\n  .suffix In {{ scene.name }}.\n\nshot a 3s\n  A lamp.\n',
)

OVERRIDE_MISFIT = Rule(
    "SB116",
    "override-misfit",
    Severity.ERROR,
    "`--set` gives a value of another kind",
    """Where the default of a `param` is a duration or a number, the value that `--set` gives must be one too: the
story may use it as a shot's length or compare it.

Way out: give a value of the same kind, such as `--set hold=5s`.""",
    "# storyboard lint night.story --set hold=long\n" + _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp.\n",
    "# storyboard lint night.story --set hold=5s\n" + _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp.\n",
)

EMPTY_RANGE = Rule(
    "SB122",
    "empty-range",
    Severity.ERROR,
    "a range holds nothing",
    """`first..last` counts upwards, both ends included. Where the first is the greater, nothing is between them.""",
    _HEAD + "for n in 3..1\n  shot a 3s\n    Lamp {{ n }}.\n",
    _HEAD + "for n in 1..3\n  shot a 3s\n    Lamp {{ n }}.\n",
)

TOO_MANY = Rule(
    "SB130",
    "too-many",
    Severity.ERROR,
    "templates and loops expand without measure",
    f"""Templates and loops of a story may expand to {limits.MOST_SHOTS:,} shots and {limits.MOST_STATEMENTS:,}
statements, nested {limits.DEEPEST_USE} deep. The error is at the statement that passes the limit, and lists the uses
and loops that lead to it.

Way out: a shorter range, or several stories.""",
    _HEAD + "for n in 1..10001\n  shot a 3s\n    Lamp {{ n }}.\n",
    _HEAD + "for n in 1..100\n  shot a 3s\n    Lamp {{ n }}.\n",
)

UNUSED = Rule(
    "SB140",
    "unused",
    Severity.WARNING,
    "a name is never used",
    """A `let`, `param`, `phrase`, `template` or `import` of a story that nothing mentions. Often the name was meant to
stand in a prompt and is missing there. In a library nothing is said: others may use it.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} lights a lamp.\n",
)

SHADOWED = Rule(
    "SB141",
    "shadowed",
    Severity.HINT,
    "a parameter hides a name",
    """A parameter or loop variable may have the name of something outside; inside, the outer one is then out of reach.
It is allowed, and sometimes confusing.""",
    _HEAD + "let city = Suzhou\n\nfor city in Wuxi, Hangzhou\n  shot a 3s\n    A street of {{ city }}.\n",
    _HEAD + "let home = Suzhou\n\nfor city in Wuxi, Hangzhou\n  shot a 3s\n    From {{ home }} to {{ city }}.\n",
)
