"""The expressions allowed inside `{{ }}` and `{% if %}`, as our own tree. Offsets count from the start of the tag's
inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import TypeAlias

from storyboard.diagnostics import Rule
from storyboard.fast_named_tuples import NamedTuple
from storyboard.story.values import Value

CONSTANTS: Mapping[str, Value] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
}
"""Words for constants."""

KEYWORDS = frozenset(["and", "or", "not", "in", *CONSTANTS])
"""Words that cannot be names."""

FOREIGN = {"is": "tests with `is`", "if": "an inline `if`", "else": "an inline `if`"}
"""Words that mean something to Jinja, but are not allowed here."""


class Path(NamedTuple):
    """A name, dotted or not: `mei`, `scene.text`, `house.clean`. `starts` holds each part's offset."""

    parts: tuple[str, ...]
    starts: tuple[int, ...]
    end: int

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.starts[0]

    @property
    def written(self) -> str:
        """As the author writes it."""
        return ".".join(self.parts)


class Constant(NamedTuple):
    """A string, number, true, false or none."""

    value: Value
    start: int
    end: int


class Argument(NamedTuple):
    """An argument of a call; `name` is None if it is given by its place."""

    name: str | None
    value: Expression
    start: int


class Call(NamedTuple):
    """`phrase(arguments)`."""

    phrase: Path
    arguments: tuple[Argument, ...]
    start: int
    end: int


class Filtered(NamedTuple):
    """`value | name(arguments)`; the offsets are the filter's name's."""

    value: Expression
    name: str
    arguments: tuple[Expression, ...]
    start: int
    end: int


class Comparison(NamedTuple):
    """`first op second op third …`, each neighbouring pair compared."""

    first: Expression
    others: tuple[tuple[str, Expression], ...]
    start: int
    end: int


class Negation(NamedTuple):
    """`not value`."""

    value: Expression
    start: int
    end: int


class Junction(NamedTuple):
    """`a and b and c`, or with `or`."""

    word: OneOf["and", "or"]
    operands: tuple[Expression, ...]
    start: int
    end: int


Unnamed: TypeAlias = Constant | Call | Filtered | Comparison | Negation | Junction
"""Every expression that is not a name."""

Expression: TypeAlias = Path | Unnamed


class Printed(NamedTuple):
    """A `{{ }}`; `base` is where its inside begins in the text."""

    base: int
    value: Expression


class Branch(NamedTuple):
    """`{% if %}`, `{% elif %}` or `{% else %}` (whose condition is None) up to the next of them."""

    base: int
    condition: Expression | None
    parts: tuple[Part, ...]


class Conditional(NamedTuple):
    """`{% if %}` … `{% endif %}`."""

    branches: tuple[Branch, ...]


Part: TypeAlias = str | Printed | Conditional
"""A piece of a text: as written, or filled in."""


class TagProblem(NamedTuple):
    """Why a tag is wrong; offsets count in the text."""

    rule: Rule
    message: str
    start: int
    end: int
    help: str | None = None


class Parsed(NamedTuple):
    """A text, cut into its pieces."""

    parts: tuple[Part, ...]
    problems: tuple[TagProblem, ...] = ()
