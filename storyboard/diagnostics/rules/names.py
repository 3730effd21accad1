"""SB1xx: names, arguments, cycles, addresses."""

from __future__ import annotations

from storyboard.diagnostics import limits
from storyboard.diagnostics.diagnostic import Rule, Severity

_HEAD = 'story "Night"\n  .model kirin_v3_t2v\n\n'

NAME_TWICE = Rule(
    "SB101",
    "name-twice",
    Severity.ERROR,
    "a name is declared twice",
    """A file has one set of names: those of its `let`, `param`, `phrase` and `template`, the names of its imports, and
all names that an import without `as` adds. Each name can be declared only once, so that it has one meaning in the file.

Rename one of the two, or give the import a name of its own with `as`.""",
    _HEAD + "let city = Suzhou\nlet city = Hangzhou\n\nshot street 3s\n  A street of {{ city }}.\n",
    _HEAD + "let city = Suzhou\nlet town = Hangzhou\n\nshot street 3s\n  From {{ city }} to {{ town }}.\n",
)

SCENE_TWICE = Rule(
    "SB102",
    "scene-twice",
    Severity.ERROR,
    "a scene is declared twice",
    """The address of every shot starts with the name of its scene, so each scene needs a different name. Shots before
the first `scene` form the scene `main`.

Rename the second scene.""",
    _HEAD + "scene river\n\nshot one 3s\n  A river.\n\nscene river\n\nshot two 3s\n  A boat.\n",
    _HEAD + "scene river\n\nshot one 3s\n  A river.\n\nscene bank\n\nshot two 3s\n  A boat.\n",
)

ADDRESS_TWICE = Rule(
    "SB103",
    "address-twice",
    Severity.ERROR,
    "two shots have the same address",
    """Every shot has an address, such as `river.boatman.push`: its scene, the labels of the `use` lines that created
it, its name, and the values of the loops around it. An address must identify one shot.

Rename a shot, or give one of two uses of a template a label: `use reveal(…) as boatman`.""",
    _HEAD + "shot walk 3s\n  She walks.\n\nshot walk 3s\n  She walks on.\n",
    _HEAD + "shot walk 3s\n  She walks.\n\nshot on 3s\n  She walks on.\n",
)

UNKNOWN_NAME = Rule(
    "SB110",
    "unknown-name",
    Severity.ERROR,
    "a name is not declared",
    """A name inside `{{ }}`, in a `use`, or as an argument must be declared in the file, be a parameter or loop
variable around it, or be one of `story.title`, `scene.name`, `scene.title`, `scene.text`, `shot.name`, `shot.seconds`.
Names of an import `as house` are written `house.name`. What the other file imports is not passed on.

Correct the name, or declare it with `let`.""",
    _HEAD + "let mei = Mei, a courier\n\nshot face 3s\n  Close-up of {{ mie }}.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot face 3s\n  Close-up of {{ mei }}.\n",
)

WRONG_KIND = Rule(
    "SB111",
    "wrong-kind",
    Severity.ERROR,
    "a name is used as the wrong kind of thing",
    """A text is inserted with `{{ name }}`, a phrase is called with `{{ name(…) }}`, a template is expanded with `use
name(…)`, and the name of an import is only used before a dot. A name of one kind cannot be used as another.""",
    _HEAD + "phrase glow(what)\n  {{ what }} glows.\n\nshot lamp 3s\n  {{ glow }}\n",
    _HEAD + 'phrase glow(what)\n  {{ what }} glows.\n\nshot lamp 3s\n  {{ glow("The lamp") }}\n',
)

WRONG_ARGUMENTS = Rule(
    "SB112",
    "wrong-arguments",
    Severity.ERROR,
    "the arguments of a call do not match the parameters",
    """A phrase or template declares its parameters. A call must give each of them once, by position or by name.
Parameters with a default can be left out. No other arguments are allowed.""",
    _HEAD + 'phrase meet(who, place)\n  {{ who }} in {{ place }}.\n\nshot a 3s\n  {{ meet("Mei") }}\n',
    _HEAD + 'phrase meet(who, place)\n  {{ who }} in {{ place }}.\n\nshot a 3s\n  {{ meet("Mei", "town") }}\n',
)

NOT_A_DURATION = Rule(
    "SB113",
    "not-a-duration",
    Severity.ERROR,
    "the length of a shot is not a duration",
    """The length of a shot is a duration such as `4s`, or a name whose value is a duration. If it is a parameter of a
template, the call must pass a duration.""",
    _HEAD + 'template hold(length)\n  shot still length\n    A still lake.\n\nuse hold("long")\n',
    _HEAD + "template hold(length)\n  shot still length\n    A still lake.\n\nuse hold(4s)\n",
)

CIRCLE = Rule(
    "SB114",
    "circle",
    Severity.ERROR,
    "a name refers to itself",
    """A `let`, phrase or template cannot use itself, directly or through others, because expanding it would never end.
This also applies inside a condition that is never true.

Break the cycle at one of the places shown.""",
    _HEAD + "let a = before {{ b }}\nlet b = behind {{ a }}\n\nshot one 3s\n  {{ a }}\n",
    _HEAD + "let a = before {{ b }}\nlet b = behind\n\nshot one 3s\n  {{ a }}\n",
)

NOT_HERE = Rule(
    "SB115",
    "not-here",
    Severity.ERROR,
    "`scene` or `shot` is not available here",
    """`scene` and `shot` refer to the place where a text is used. Neither is available in a `let` or `param`, nor in a
setting of the `story`. `shot` is not available in a setting or the text of a `scene`.

Make the `let` a `phrase`, which knows where it is called, or move the setting to the scene or shot.""",
    'story "Night"\n  .model kirin_v3_t2v\n  .suffix In {{ scene.name }}.\n\nshot a 3s\n  A lamp.\n',
    'story "Night"\n  .model kirin_v3_t2v\n\nscene yard\n  .suffix In {{ scene.name }}.\n\nshot a 3s\n  A lamp.\n',
)

OVERRIDE_MISFIT = Rule(
    "SB116",
    "override-misfit",
    Severity.ERROR,
    "`--set` gives a value of the wrong kind",
    """If the default of a `param` is a duration or a number, the value given with `--set` must be one too, because the
story may compare it or use it as the length of a shot.

Give a value of the same kind, such as `--set hold=5s`.""",
    "# storyboard lint night.story --set hold=long\n" + _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp.\n",
    "# storyboard lint night.story --set hold=5s\n" + _HEAD + "param hold = 4s\n\nshot a hold\n  A lamp.\n",
)

EMPTY_RANGE = Rule(
    "SB122",
    "empty-range",
    Severity.ERROR,
    "a range is empty",
    """`first..last` counts upwards and includes both ends. If the first number is greater than the
last, the range is empty.""",
    _HEAD + "for n in 3..1\n  shot a 3s\n    Lamp {{ n }}.\n",
    _HEAD + "for n in 1..3\n  shot a 3s\n    Lamp {{ n }}.\n",
)

TOO_MANY = Rule(
    "SB130",
    "too-many",
    Severity.ERROR,
    "templates and loops expand to too many shots",
    f"""The templates and loops of a story may expand to at most {limits.MOST_SHOTS:,} shots and
{limits.MOST_STATEMENTS:,} statements, nested at most {limits.DEEPEST_USE} deep. The error is at the statement that
exceeds the limit, and lists the uses and loops that lead to it.

Use a shorter range, or several stories.""",
    _HEAD + "for n in 1..10001\n  shot a 3s\n    Lamp {{ n }}.\n",
    _HEAD + "for n in 1..100\n  shot a 3s\n    Lamp {{ n }}.\n",
)

UNUSED = Rule(
    "SB140",
    "unused",
    Severity.WARNING,
    "a name is never used",
    """Nothing in the story uses this `let`, `param`, `phrase`, `template` or `import`. Often the name is missing from a
prompt where it was meant to be. Libraries are not checked for this, because other files may use their names.""",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  A lamp.\n",
    _HEAD + "let mei = Mei, a courier\n\nshot a 3s\n  {{ mei }} lights a lamp.\n",
)

SHADOWED = Rule(
    "SB141",
    "shadowed",
    Severity.HINT,
    "a parameter hides an outer name",
    """A parameter or loop variable may have the same name as something outside. Inside, the outer name cannot be used.
This is allowed, but can be confusing.""",
    _HEAD + "let city = Suzhou\n\nshot first 3s\n  A gate of {{ city }}.\n\n"
    "for city in Wuxi, Hangzhou\n  shot a 3s\n    A street of {{ city }}.\n",
    _HEAD + "let home = Suzhou\n\nfor city in Wuxi, Hangzhou\n  shot a 3s\n    From {{ home }} to {{ city }}.\n",
)
