"""`storyboard view`."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from storyboard.cli import completers, options
from storyboard.cli.output import flush, hint, note_line, out_line
from storyboard.errors import StoryboardError, UsageError


@options.command(
    "view",
    ("storyboard view", "open the film's contact sheet in the browser"),
    ("storyboard view lantern.story --serve", "serve it, and reload it whenever a build changes it"),
)
@options.paths
@options.variant
@click.option(
    "--out",
    "into",
    metavar="DIR",
    shell_complete=completers.folders,
    help="Open the film that was built with --out DIR.",
)
@click.option("--serve", is_flag=True, help="Serve the page on 127.0.0.1 until Ctrl-C, with live reload.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port to serve on; 0 picks a free one.  [default: 0]"
)
@click.option("--no-browser", is_flag=True, help="Open no browser; print the address only.")
def command(
    *,
    paths: tuple[str, ...],
    variant: str,
    into: str | None,
    serve: bool,
    port: int | None,
    no_browser: bool,
) -> None:
    """Open the contact sheet that the last build left.

    The page needs no server. Some browsers play no video from disk: for them, and to watch a build, use --serve."""
    page = _page(paths, variant, into)
    if serve or port is not None:
        _serve(page.parent, port or 0, no_browser=no_browser)
        return
    _show(page.as_uri(), no_browser=no_browser)


def _page(paths: tuple[str, ...], variant: str, into: str | None) -> Path:
    from storyboard.files.disk import is_file
    from storyboard.film.delivery import SHEET
    from storyboard.project.build import folder_of

    if into is not None:
        pages = [options.file(into) / SHEET]
    else:
        run = options.open_run(paths, variant=variant)
        pages = [folder_of(target.path, run.variant) / SHEET for target in run.targets()]
    there = [page for page in pages if is_file(page)]
    if len(there) > 1:
        names = ", ".join(sorted(page.parent.name for page in there))
        raise UsageError(f"there are {len(there)} films here: {names}", help="name the story whose film to open")
    if not there:
        where = pages[0] if len(pages) == 1 else "build/"
        raise StoryboardError(f"there is no contact sheet yet ({where})", help="storyboard build makes it, for free")
    return there[0]


def _show(address: str, *, no_browser: bool) -> None:
    out_line(address)
    flush()
    if not no_browser and not webbrowser.open(address):
        hint("no browser was found here; open the address above in one")


def _serve(folder: Path, port: int, *, no_browser: bool) -> None:
    from storyboard.film.sheet_server import served
    from storyboard.run.signals import stop_event

    stopped = stop_event()
    with served(folder, port) as address:
        _show(address, no_browser=no_browser)
        note_line("serving until Ctrl-C")
        stopped.wait()
