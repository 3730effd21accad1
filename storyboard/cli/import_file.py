"""`storyboard import FILE`."""

from __future__ import annotations

import click

from storyboard.cli import completers, options
from storyboard.cli.output import note, note_view, out, out_json, out_text, view

FORMATS = ("fountain", "fdx", "table", "json", "markdown")


@options.command(
    "import",
    ("storyboard import night.fountain", "write night.story from a screenplay"),
    ("storyboard import shots.csv --out night.story", "write it from a spreadsheet's shot list"),
    ("storyboard import - --from json < shots.json", "from standard input to standard output"),
)
@click.argument("source", metavar="FILE", shell_complete=completers.files)
@click.option(
    "--out",
    "into",
    metavar="FILE",
    shell_complete=completers.files,
    help="Write to this new file; `-` prints. [default: the name with .story]",
)
@click.option(
    "--from",
    "kind",
    metavar="|".join(FORMATS),
    type=click.Choice(FORMATS),
    help="Read the file as this format. [default: by its name and content]",
)
@options.as_json
def command(*, source: str, into: str | None, kind: str | None, as_json: bool) -> None:
    """Write a story from a screenplay (Fountain, FDX), a shot list (CSV, TSV, JSON) or a storyboard in Markdown. Lines
    that are not understood become notes and are listed. An existing file is never overwritten."""
    from storyboard.project.import_file import import_bytes, read_source, write_new
    from storyboard.report.import_file import import_document, import_report, left_in_the_story

    is_piped = source == "-"
    data = options.stdin_bytes() if is_piped else read_source(options.file(source), source)
    into = into or ("-" if is_piped else f"{options.file(source).stem}.story")
    target = options.file("import.story" if into == "-" else into)
    story = import_bytes("standard input" if is_piped else source, data, options.open_run([into]), target, kind)
    if into != "-":
        write_new(target, into, story.text)
    if as_json:
        out_json(import_document(story, into, view()))
        return
    if into == "-":
        out_text(story.text)
        note(import_report(story, source, into))
    else:
        out(import_report(story, source, into))
    note(left_in_the_story(story.findings, note_view()))
