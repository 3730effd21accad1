"""`storyboard schema [NAME]`."""

from __future__ import annotations

import click

from storyboard.cli import completers, options
from storyboard.cli.output import out, out_json, out_line
from storyboard.project.schemas import SCHEMAS
from storyboard.report.tables import Column, table


@options.command(
    "schema",
    ("storyboard schema", "list the documents that have a JSON Schema"),
    ("storyboard schema shot-list", "the form of a shot list that import turns into a story"),
)
@click.argument("name", required=False, shell_complete=completers.schemas)
def command(name: str | None) -> None:
    """Print the JSON Schema of a document that storyboard prints or reads."""
    if name is None:
        out(table([Column("", "bold"), Column("")], [(each, document.about) for each, document in SCHEMAS.items()]))
        return out_line("  storyboard schema NAME prints one")
    return out_json(options.named(name, "schema", SCHEMAS, "storyboard schema lists them").make())
