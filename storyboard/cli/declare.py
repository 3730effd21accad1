"""Commands and their parameters, declared as data.

click takes longer to import than an edited story takes to check. So an ordinary command line of a command whose
parameters are all declared here is read here (`DeclaredCommand.read`). Everything else is click's, which gets the same
declarations: help, completion, and every command line that is wrong or unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from storyboard.cli.value_types import ValueType

if TYPE_CHECKING:
    import click

F = TypeVar("F", bound=Callable[..., object])

Examples = Sequence[tuple[str, str]]
"""What `--help` begins with: command lines, and what they do."""

_READ_HERE = frozenset(("help", "metavar", "shell_complete", "is_flag", "multiple", "default", "nargs", "type"))
"""Settings of a parameter that `read` understands."""


class DeclaredParameter:
    """An option or an argument: what `click.option` or `click.argument` is called with."""

    def __init__(self, names: tuple[str, ...], settings: Mapping[str, Any], *, is_option: bool) -> None:
        self.names = names
        self.settings = settings
        self.is_option = is_option

    def as_click(self) -> click.Parameter:
        """The parameter as click knows it."""
        import click

        settings = dict(self.settings)
        if self.value_type is not None:
            settings["type"] = self.value_type.as_click()
        return (click.Option if self.is_option else click.Argument)(list(self.names), **settings)

    @property
    def name(self) -> str:
        """What the function calls it."""
        own = [name for name in self.names if name.isidentifier()]
        return own[0] if own else self.names[0].lstrip("-").replace("-", "_").lower()

    @property
    def value_type(self) -> ValueType | None:
        """What its value may be; None for any text."""
        found: ValueType | None = self.settings.get("type")
        return found

    @property
    def is_flag(self) -> bool:
        return bool(self.settings.get("is_flag"))

    @property
    def is_repeatable(self) -> bool:
        return bool(self.settings.get("multiple")) or self.settings.get("nargs") == -1

    @property
    def default(self) -> object:
        """Its value where the command line does not have it."""
        return self.settings.get("default", False if self.is_flag else () if self.is_repeatable else None)

    @property
    def is_hidden(self) -> bool:
        """Whether it only calls a function of its own, which does nothing if the option is not given."""
        return self.settings.get("expose_value") is False

    def is_plain(self) -> bool:
        """Whether `read` can read its values."""
        plain_flag = not self.is_flag or not self.settings.keys() & {"default", "type", "multiple"}
        several = (self.settings.get("nargs") == -1) != self.is_option and not (
            self.is_repeatable and "default" in self.settings
        )
        return self.settings.keys() <= _READ_HERE and plain_flag and several

    def read(self, text: str) -> object:
        """Return the value that a text stands for; raises ValueError if the option does not take it."""
        return text if self.value_type is None else self.value_type.read(text)


class DeclaredCommand:
    """A command: a function, and the parameters that are given to it by name."""

    def __init__(self, name: str, examples: Examples, callback: Callable[..., object]) -> None:
        self.name = name
        self.examples = examples
        self.callback = callback
        self.parameters: list[object] = list(reversed(getattr(callback, "__click_params__", ())))

    def read(self, words: Sequence[str]) -> dict[str, object] | None:
        """Read a command line as click does; return None if click has to read it."""
        declared = [each for each in self.parameters if isinstance(each, DeclaredParameter)]
        parameters = [each for each in declared if not each.is_hidden]
        if len(declared) < len(self.parameters) or not all(each.is_plain() for each in parameters):
            return None
        options = {name: each for each in parameters if each.is_option for name in each.names if name[:1] == "-"}
        given: dict[str, list[str]] = {}
        rest = iter(words)
        for word in rest:
            if word[:1] == "-" and word != "-":
                option = options.get(word)
                value = word if option is None or option.is_flag else next(rest, "-")
                if option is None or not (option.is_flag or value[:1] != "-"):
                    return None
                given.setdefault(option.name, []).append(value)
            else:
                given.setdefault("", []).append(word)
        arguments = given.pop("", [])
        named = [each.name for each in parameters if not each.is_option]
        twice = any(len(given.get(each.name, ())) > 1 for each in parameters if not each.is_repeatable)
        if twice or len(named) > 1 or (arguments and not named):
            return None
        try:
            found = {
                each.name: _value(each, given[each.name]) if each.name in given else each.default for each in parameters
            }
        except ValueError:
            return None
        return found | {name: tuple(arguments) for name in named}


def _value(parameter: DeclaredParameter, given: Sequence[str]) -> object:
    if parameter.is_flag:
        return True
    values = [parameter.read(text) for text in given]
    return tuple(values) if parameter.is_repeatable else values[-1]


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Declare an option, as `click.option` does."""
    return _adding(DeclaredParameter(names, settings, is_option=True))


def argument(*names: str, **settings: Any) -> Callable[[F], F]:
    """Declare an argument, as `click.argument` does."""
    return _adding(DeclaredParameter(names, settings, is_option=False))


def _adding(parameter: DeclaredParameter) -> Callable[[F], F]:
    def add(function: F) -> F:
        function.__dict__.setdefault("__click_params__", []).append(parameter)  # where click keeps its own
        return function

    return add
