"""`--help` that fits a screen and begins with examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from storyboard.cli.declare import DeclaredCommand, DeclaredParameter, Examples


class Command(click.Command):
    """A command whose help begins with examples."""

    def __init__(self, *, examples: Examples = (), params: Iterable[object] = (), **kwargs: Any) -> None:
        super().__init__(params=_as_click(params), **kwargs)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.BadOptionUsage as wrong:
            wrong.ctx = wrong.ctx or ctx  # click does not say which command a value is missing for
            raise

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _format_examples(self.examples, formatter)
        super().format_help(ctx, formatter)


class Group(click.Group):
    """Commands under one name; its help begins with examples. `short_helps` imports none of them."""

    command_class = Command

    def __init__(self, *, examples: Examples = (), params: Iterable[object] = (), **kwargs: Any) -> None:
        super().__init__(params=_as_click(params), **kwargs)
        self.examples = examples

    def subcommand(self, name: str, *examples: tuple[str, str]) -> Callable[[Callable[..., object]], click.Command]:
        """Declare a command of this group whose `--help` begins with these examples."""
        return self.command(name, examples=examples)

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return each command with one line about it."""
        return [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _format_examples(self.examples, formatter)
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self.short_helps(ctx))


def _format_examples(examples: Examples, formatter: click.HelpFormatter) -> None:
    if not examples:
        return
    column = max(len(command) for command, _ in examples) + 2
    fits = all(column + len(meaning) <= formatter.width - 2 for _, meaning in examples)
    with formatter.section("Examples"):
        if fits:
            formatter.write_dl(examples, col_max=column)
        else:
            for command, meaning in examples:
                formatter.write(f"  {command}\n    {meaning}\n")
    formatter.write_paragraph()


def command_of(declared: DeclaredCommand) -> Command:
    """Return a declared command as click knows it."""
    about, examples = declared.callback.__doc__, declared.examples
    parameters = declared.parameters
    return Command(name=declared.name, callback=declared.callback, help=about, examples=examples, params=parameters)


def _as_click(parameters: Iterable[Any]) -> list[click.Parameter]:
    """Parameters as click knows them; some may be click's own."""
    return [each.as_click() if isinstance(each, DeclaredParameter) else each for each in parameters]
