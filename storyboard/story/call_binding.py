"""Match the arguments of a call to the parameters of a phrase or template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from storyboard.diagnostics.suggest import suggest
from storyboard.syntax.tree import Parameter

T = TypeVar("T")


def fit(
    called: str, parameters: Sequence[Parameter], given: Iterable[tuple[str | None, T]]
) -> tuple[dict[str, T], str | None]:
    """Return each parameter's argument, and a message if the call is wrong.

    `given` are pairs of a name (None for a positional argument) and the argument.
    """
    names = {parameter.name.text: None for parameter in parameters}
    in_order = list(names)
    bound: dict[str, T] = {}
    by_place = 0
    for name, value in given:
        if name is None:
            if by_place == len(in_order):
                return bound, f"`{called}` takes {_arguments(in_order)}, but more are given"
            name = in_order[by_place]
            by_place += 1
        elif name not in names:
            near = suggest(name, names)
            meant = f"did you mean `{near}`?" if near else f"it takes {_arguments(in_order)}"
            return bound, f"`{called}` has no parameter `{name}`; {meant}"
        if name in bound:
            return bound, f"`{called}` gets `{name}` twice"
        bound[name] = value
    missing = [p.name.text for p in parameters if p.default is None and p.name.text not in bound]
    if missing:
        return bound, f"`{called}` also needs {_listed(missing)}"
    return bound, None


def _arguments(names: Sequence[str]) -> str:
    return f"only {_listed(names)}" if names else "no arguments"


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1]
