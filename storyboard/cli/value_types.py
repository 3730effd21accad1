"""What the values of options may be. `declare` reads them itself; click gets the same rules through `as_click`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import click


class ValueType(Protocol):
    """What the value of an option may be."""

    def read(self, text: str) -> object:
        """Return the value that a text stands for; raises ValueError, whose words say what it takes."""
        ...

    def as_click(self) -> click.ParamType[Any]:
        """Return the same for click."""
        ...


class OneOf:
    """One of a few words."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def read(self, text: str) -> str:
        """Return the word."""
        if text not in self.choices:
            raise ValueError(text)
        return text

    def as_click(self) -> click.ParamType[Any]:
        """Return click's choice."""
        import click

        return click.Choice(self.choices)


class WholeNumber:
    """A whole number that is not too small."""

    def __init__(self, least: int) -> None:
        self.least = least

    def read(self, text: str) -> int:
        """Return the number."""
        number = int(text)
        if number < self.least:
            raise ValueError(text)
        return number

    def as_click(self) -> click.ParamType[Any]:
        """Return click's range of integers."""
        import click

        return click.IntRange(self.least)


class NumberWithin:
    """A number within limits."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    def read(self, text: str) -> float:
        """Return the number."""
        number = float(text)
        if number < self.least or number > self.most:
            raise ValueError(text)
        return number

    def as_click(self) -> click.ParamType[Any]:
        """Return click's range of numbers."""
        import click

        return click.FloatRange(self.least, self.most)


class TextOf:
    """What a function reads from a text."""

    def __init__(self, name: str, read: Callable[[str], object]) -> None:
        """`name` is click's name for it; `read` raises ValueError, whose words say what it takes."""
        self.name = name
        self.read = read

    def as_click(self) -> click.ParamType[Any]:
        """Return a type of click's that calls the same function."""
        import click

        kind = self

        class ReadText(click.ParamType[Any]):
            name = kind.name

            def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
                try:
                    return kind.read(value) if isinstance(value, str) else value
                except ValueError as error:
                    return self.fail(str(error), param, ctx)

        return ReadText()


def _dollars(text: str) -> Decimal:
    from storyboard.project.settings import read_money

    return read_money(text)


def _listening(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError("it takes HOST:PORT, as in 0.0.0.0:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def _web_address(text: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("it takes an http or https address")
    return text


DOLLARS = TextOf("dollars", _dollars)
"""An amount of US dollars, as in the configuration."""
LISTENING = TextOf("listening", _listening)
"""`[::1]:8080`, `0.0.0.0:8080`, or a port alone, which means localhost: the host and the port."""
WEB_ADDRESS = TextOf("address", _web_address)
"""An http or https address with a host."""
