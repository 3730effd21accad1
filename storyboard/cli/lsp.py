"""`storyboard lsp`."""

from __future__ import annotations

import os
import sys

import click

from storyboard.cli import options
from storyboard.errors import ExitCode, MissingExtraError

EXTRA = frozenset({"pygls", "lsprotocol", "cattrs", "attrs", "attr"})


@options.command(
    "lsp",
    ("storyboard lsp", "start the language server; editors do this themselves"),
    ("storyboard lsp --stdio", "the same: editors that name the channel are understood"),
)
@click.option("--stdio", is_flag=True, help="Talk over standard input and output, as without it.")
def command(*, stdio: bool) -> ExitCode:
    """Serve an editor over standard input and output with the Language Server Protocol.

    It checks what is typed and shows prompts, jobs and prices. It uses no network and can buy nothing.
    """
    try:
        from storyboard.lsp.server import server
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        raise MissingExtraError("the language server", "lsp") from None
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as own_stdout:  # the server closes what it writes to
        server.start_io(stdout=own_stdout)
    return ExitCode.DONE
