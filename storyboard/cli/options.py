"""Options and arguments that several commands share, each defined once."""

from __future__ import annotations

from collections.abc import Sequence

import click

from storyboard.errors import UsageTrouble

paths = click.argument("paths", metavar="[FILE|FOLDER]...", nargs=-1)
as_json = click.option("--json", "as_json", is_flag=True, help="For scripts.")
values = click.option(
    "--set", "values", metavar="NAME=VALUE", multiple=True, help="Another value for a `param`; may be given again."
)


def parse_values(given: Sequence[str]) -> dict[str, str]:
    """The values of `--set`; the last for a name counts."""
    values = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise UsageTrouble(f"--set `{item}` lacks its `=`", help="write it as --set name=value")
        values[name.strip()] = value
    return values
