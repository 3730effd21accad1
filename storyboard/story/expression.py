"""What may stand inside `{{ }}` and `{% if %}`, as a tree of our own.

Offsets count from the start of the tag's inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

from storyboard.diagnostics import Rule
from storyboard.story.values import Value


@dataclass(frozen=True, slots=True)
class Path:
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


@dataclass(frozen=True, slots=True)
class Constant:
    """A string, number, true, false or none."""

    value: Value
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; `name` is None where it is given by its place."""

    name: str | None
    value: Expression
    start: int


@dataclass(frozen=True, slots=True)
class Call:
    """`phrase(arguments)`."""

    phrase: Path
    arguments: tuple[Argument, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """`value | name(arguments)`; the offsets are the filter's name's."""

    value: Expression
    name: str
    arguments: tuple[Expression, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first op second op third …`, each neighbouring pair compared."""

    first: Expression
    others: tuple[tuple[str, Expression], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Negation:
    """`not value`."""

    value: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Junction:
    """`a and b and c`, or with `or`."""

    word: OneOf["and", "or"]
    operands: tuple[Expression, ...]
    start: int
    end: int


Expression: TypeAlias = Path | Constant | Call | Filtered | Comparison | Negation | Junction


@dataclass(frozen=True, slots=True)
class Printed:
    """A `{{ }}`; `base` is where its inside begins in the text."""

    base: int
    value: Expression


@dataclass(frozen=True, slots=True)
class Branch:
    """`{% if %}`, `{% elif %}` or `{% else %}` (whose condition is None) up to the next of them."""

    base: int
    condition: Expression | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`{% if %}` … `{% endif %}`."""

    branches: tuple[Branch, ...]


Part: TypeAlias = str | Printed | Choice
"""A piece of a text: as written, or filled in."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a tag cannot be understood; offsets are in the text."""

    rule: Rule
    message: str
    start: int
    end: int
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text, cut into its pieces."""

    parts: tuple[Part, ...]
    problems: tuple[Problem, ...] = ()
