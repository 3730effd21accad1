"""`storyboard notes`."""

from __future__ import annotations

import click

from storyboard.cli import completers, options
from storyboard.cli.output import out, out_findings_json, tell_findings, view
from storyboard.report.frames import report
from storyboard.report.style import counted, line


@options.command(
    "notes",
    ("storyboard notes lantern.notes.json", "show each note at the line of its shot"),
    ("storyboard notes lantern.notes.json lantern.story", "name the story, where there are several"),
)
@click.argument("notes_file", metavar="FILE", shell_complete=completers.files)
@options.paths
@options.values
@options.variant
@options.as_json
def command(*, notes_file: str, paths: tuple[str, ...], values: tuple[str, ...], variant: str, as_json: bool) -> None:
    """Show the notes that a reviewer saved on the contact sheet, each at the line of its shot.

    A note whose shot is gone is shown at the line of its story. `storyboard export --notes FILE` carries the notes into
    the editing program."""
    from storyboard.film.review_notes import read_review
    from storyboard.project.review import findings_of

    review = read_review(options.file(notes_file))
    compiled = options.open_run(paths, values, variant).compile()
    found = findings_of(review, compiled)
    if as_json:
        out_findings_json(found)
        return
    tell_findings(compiled)
    out([*report(found, view()), line(counted(len(found), "note"))])
