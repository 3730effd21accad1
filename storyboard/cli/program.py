"""The whole command line as click knows it: for help, completion, and what is not an ordinary command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from storyboard import __version__
from storyboard.cli.commands import COMMANDS, EXAMPLES, OTHER_NAMES
from storyboard.cli.help import Group
from storyboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class LazyGroup(Group):
    """The top-level command group. It lists commands from the table and imports only the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        return entry.load() if entry else None

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        return [(name, entry.about) for name, entry in COMMANDS.items()]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        names = (name for name in COMMANDS if name.startswith(incomplete))
        return [CompletionItem(name, help=COMMANDS[name].about) for name in names]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from storyboard.diagnostics.suggest import did_you_mean

            if args[0].lower() == "help":
                of_command = args[1] if len(args) > 1 and args[1] in COMMANDS else ""
                way_out = f"storyboard {of_command} --help" if of_command else "storyboard --help"
                raise UsageError("there is no command `help`", help=way_out)
            meant = OTHER_NAMES.get(args[0].lower())
            near = f"did you mean `{meant}`?" if meant else did_you_mean(args[0], COMMANDS)
            raise UsageError(f"there is no command `{args[0]}`", help=near or "storyboard --help")
        return super().resolve_command(ctx, args)


@click.group(
    "storyboard",
    cls=LazyGroup,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="COMMAND [FILE|FOLDER ...]",
    epilog="Without FILE or FOLDER: every story. The manual: storyboard explain language",
)
@click.version_option(__version__, "-V", "--version", message="storyboard %(version)s")
def cli() -> None:
    """Write a film as plain text; compile it into video jobs; pay for each once."""


def perform(arguments: Sequence[str]) -> object:
    """Run a command; return what it returns, or an exit code after telling what is wrong with the arguments."""
    try:
        return cli.main(list(arguments), "storyboard", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as bare:
        sys.stderr.write(bare.format_message() + "\n")
    except click.UsageError as wrong:
        from storyboard.cli.output import complain  # not for `--help`
        from storyboard.cli.usage_errors import explain_usage

        complain(*explain_usage(wrong))
    except click.ClickException as wrong:
        from storyboard.cli.output import complain

        complain(wrong.format_message(), None)
    except click.Abort:
        raise KeyboardInterrupt from None
    return ExitCode.USAGE
