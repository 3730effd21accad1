"""The options of a plan, so that a build with it does not need them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict

from storyboard.errors import SpendingError
from storyboard.fast_dataclasses import dataclass, field, replace

_WORDS = (("only", "--only"), ("rebuy", "--rebuy"), ("retry", "--retry"), ("values", "--set"), ("variant", "--as"))
_HELP = "omit these options, because the plan has its own; or make a new plan: `storyboard plan --out FILE`"


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The command-line options that decide what is planned. `paths` are empty for the whole project."""

    paths: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    rebuy: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    variant: str = ""
    provider: str | None = None

    @property
    def words(self) -> list[str]:
        """The command-line arguments that ask for the same."""
        options = [(word, _texts(getattr(self, name))) for name, word in (*_WORDS, ("provider", "--provider"))]
        return [*self.paths, *(each for word, texts in options for text in texts for each in (word, text))]

    def by(self, planned: PlanOptions, file: Path) -> PlanOptions:
        """Return the options of a build with a saved plan: those of the plan. Raises SpendingError if the command line
        contradicts them. Different paths are noticed by the stories that they select.
        """
        told = [*_contradictions(self, planned)]
        if told:
            raise SpendingError(f"{file}: this plan was made {'; '.join(told)}", help=_HELP)
        return replace(planned, paths=self.paths or planned.paths)


def _contradictions(now: PlanOptions, planned: PlanOptions) -> Iterator[str]:
    for name, word in (*_WORDS, ("provider", "--provider")):
        said, was = getattr(now, name), getattr(planned, name)
        if said and _compared(said) != _compared(was):
            yield f"{_shown(word, was)}, not {_shown(word, said)}"


def _compared(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value


def _shown(word: str, value: Any) -> str:
    return f"with {' '.join(f'{word} {each}' for each in _texts(value))}" if value else f"without {word}"


def _texts(value: Mapping[str, str] | tuple[str, ...] | str | None) -> tuple[str, ...]:
    """Return the values of an option, one for each time it is given on the command line."""
    if isinstance(value, Mapping):
        return tuple(f"{name}={text}" for name, text in value.items())
    if isinstance(value, str):
        return (value,) if value else ()
    return value or ()


SavedPlanOptions = TypedDict(
    "SavedPlanOptions",
    {
        "paths": list[str],
        "only": list[str],
        "rebuy": list[str],
        "retry": list[str],
        "set": dict[str, str],
        "as": str,
        "provider": str | None,
    },
)
"""The options as a saved plan has them, by their names on the command line. `paths` are relative to its folder."""


def to_raw(asked: PlanOptions) -> SavedPlanOptions:
    """As plain data for a file."""
    return {
        "paths": list(asked.paths),
        "only": list(asked.only),
        "rebuy": list(asked.rebuy),
        "retry": list(asked.retry),
        "set": dict(asked.values),
        "as": asked.variant,
        "provider": asked.provider,
    }


def from_raw(raw: Any) -> PlanOptions:
    """Parse plain data from a file; raises ValueError if it is not ours."""
    match raw:
        case {
            "paths": [*paths],
            "only": [*only],
            "rebuy": [*rebuy],
            "retry": [*retry],
            "set": {**values},
            "as": str(variant),
            "provider": str() | None as provider,
        } if all(isinstance(each, str) for each in (*paths, *only, *rebuy, *retry, *values.values())):
            texts = {str(name): str(text) for name, text in values.items()}
            return PlanOptions(tuple(paths), tuple(only), tuple(rebuy), tuple(retry), texts, variant, provider)
    raise ValueError
