"""Values of options that click converts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import click


class Dollars(click.ParamType[Decimal]):
    """An amount of US dollars."""

    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Parse an amount as the configuration does."""
        from storyboard.project.settings import read_money

        try:
            return value if isinstance(value, Decimal) else read_money(value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


class Listening(click.ParamType[tuple[str, int]]):
    """The host and port of an address on this machine."""

    name = "listening"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Parse `[::1]:8080`, `0.0.0.0:8080`, or a port alone, which means localhost."""
        host, _, port = value.rpartition(":") if isinstance(value, str) else (value[0], "", str(value[1]))
        if not port.isdecimal() or int(port) > 65535:
            return self.fail("it takes HOST:PORT, as in 0.0.0.0:8080", param, ctx)
        return host.strip("[]") or "127.0.0.1", int(port)


class WebAddress(click.ParamType[str]):
    """An http or https address."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Accept an http or https address with a host."""
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(value)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        return str(value) if good else self.fail("it takes an http or https address", param, ctx)
