"""`storyboard key set|forget`."""

from __future__ import annotations

import sys

import click

from storyboard.cli import options
from storyboard.cli.output import hint, is_terminal, out_done, out_line
from storyboard.errors import UsageError
from storyboard.files.environment import environ


@options.group(
    "key",
    ("storyboard key set", "ask for the key and store it"),
    ("pass show kirin | storyboard key set", "read it from another program"),
)
def command() -> None:
    """Store the gateway's API key in the system keyring, out of files and command lines.

    If STORYBOARD_API_KEY is set, it is used instead."""


@command.subcommand("set", ("storyboard key set", "ask for the key and store it"))
@options.base_url
def keep(*, base_url: str | None) -> None:
    """Store a key, replacing the stored one.

    The key is read from a hidden prompt or from standard input, never from the command line."""
    from storyboard.run.credentials import API_KEY, host_of, keep_key

    url = _gateway(base_url)
    keep_key(url, _read(host_of(url)))
    out_done(f"the key for {host_of(url)} is stored in the system keyring")
    if environ.get(API_KEY, "").strip():
        hint(f"{API_KEY} is set and is used instead")


@command.subcommand("forget", ("storyboard key forget", "remove the stored key"))
@options.base_url
def forget(*, base_url: str | None) -> None:
    """Remove the key from the keyring."""
    from storyboard.run.credentials import forget_key, host_of

    url = _gateway(base_url)
    if forget_key(url):
        out_done(f"the key for {host_of(url)} is removed")
    else:
        out_line(f"no key is stored for {host_of(url)}")


def _gateway(base_url: str | None) -> str:
    from storyboard.project.provider_registry import make_provider

    run = options.open_run(base_url=base_url)
    settings = run.project_of(run.base).settings
    return make_provider(settings.buying, settings, {}).base_url


def _read(host: str) -> str:
    if is_terminal(sys.stdin):
        key = str(click.prompt(f"API key for {host}", hide_input=True, err=True)).strip()
    else:
        key = sys.stdin.readline().strip()
    if not key:
        raise UsageError("no key was given", help="type it at the prompt, or pipe it in")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError("that is not an API key: a key is one word of ASCII letters, digits and symbols")
    return key
