"""`storyboard models [NAME]`."""

from __future__ import annotations

import click

from storyboard.cli import completers, options
from storyboard.cli.output import out, out_json


@options.command(
    "models",
    ("storyboard models", "list every model"),
    ("storyboard models kirin_v3_t2v", "show its limits, parameters and prices"),
)
@click.argument("name", required=False, shell_complete=completers.models)
@options.as_json
def command(name: str | None, as_json: bool) -> None:
    """List the models that a story can use: built-in ones and the project's cards/*.toml."""
    from storyboard.project import open_project
    from storyboard.report.models import card_page, models_document, models_table

    catalog = open_project().catalog
    if name is None:
        cards = list(catalog.values())
        return out_json(models_document(cards)) if as_json else out(models_table(cards))
    card = options.named(name, "model", catalog, "`storyboard models` lists all models")
    return out_json(models_document([card])) if as_json else out(card_page(card))
