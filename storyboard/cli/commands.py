"""All commands with their short help: `--help` reads this table and imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard.fast_named_tuples import NamedTuple

if TYPE_CHECKING:
    import click


class CommandEntry(NamedTuple):
    """A command: the module that defines it as `command`, and one line about it."""

    module: str
    about: str

    def load(self) -> click.Command:
        """Import the command, as click knows it."""
        from importlib import import_module

        from storyboard.cli.declare import DeclaredCommand

        command: DeclaredCommand | click.Command = import_module(self.module).command
        if isinstance(command, DeclaredCommand):
            from storyboard.cli.help import command_of

            return command_of(command)
        return command


COMPLETE = "_STORYBOARD_COMPLETE"
"""The environment variable through which a shell asks for completions."""

EXAMPLES = (
    ("storyboard new lantern", "start a project with a story that builds"),
    ("storyboard lint", "check every story; list what to fix"),
    ("storyboard build", "render the film locally, for free"),
    ("storyboard plan lantern.story", "see what a build would buy, and why"),
)

OTHER_NAMES = {
    **dict.fromkeys(("check", "validate", "verify", "test"), "lint"),
    **dict.fromkeys(("init", "create", "start"), "new"),
    **dict.fromkeys(("render", "make", "run", "buy", "generate", "preview", "animatic", "animate"), "build"),
    **dict.fromkeys(("convert", "from"), "import"),
    **dict.fromkeys(("format", "prettify"), "fmt"),
    **dict.fromkeys(("estimate", "diff", "dry-run"), "plan"),
    **dict.fromkeys(("retake", "retry", "redo"), "reroll"),
    **dict.fromkeys(("login", "auth"), "key"),
    **dict.fromkeys(("docs", "manual", "man"), "explain"),
    **dict.fromkeys(("diagnose", "health", "env", "info"), "doctor"),
    **dict.fromkeys(("cost", "price", "spent", "bill"), "costs"),
}
"""Names of these commands in other programs."""

COMMANDS = {
    "new": CommandEntry("storyboard.cli.new", "Start a project: a story, settings, a CI example."),
    "import": CommandEntry("storyboard.cli.import_file", "Write a story from a screenplay, table, JSON or Markdown."),
    "lint": CommandEntry("storyboard.cli.lint", "Check the stories and list every problem."),
    "fmt": CommandEntry("storyboard.cli.fmt", "Format stories in the canonical layout."),
    "compile": CommandEntry("storyboard.cli.compile", "Print the jobs as they would be sent to the provider."),
    "plan": CommandEntry("storyboard.cli.plan", "Show what a build would buy, why, and at what price."),
    "build": CommandEntry("storyboard.cli.build", "Build the film; ask before buying anything."),
    "view": CommandEntry("storyboard.cli.view", "Open the contact sheet; serve it with live reload."),
    "notes": CommandEntry("storyboard.cli.notes", "Show a reviewer's notes at the lines of their shots."),
    "check-clips": CommandEntry("storyboard.cli.check_clips", "Compare bought clips with what was ordered."),
    "reroll": CommandEntry("storyboard.cli.reroll", "Buy another take of one job, or go back to an earlier one."),
    "costs": CommandEntry("storyboard.cli.costs", "Show what was spent, by story, scene, model and day."),
    "status": CommandEntry("storyboard.cli.status", "Show open jobs: running, failed, or outcome unknown."),
    "resolve": CommandEntry("storyboard.cli.resolve", "Resolve jobs whose outcome is unknown."),
    "export": CommandEntry("storyboard.cli.export", "Export the film for editing programs, or its subtitles."),
    "sign": CommandEntry("storyboard.cli.sign", "Sign the film and its clips with your certificate (C2PA)."),
    "worker": CommandEntry("storyboard.cli.worker", "Buy the jobs that builds leave to a team's ledger."),
    "explain": CommandEntry("storyboard.cli.explain", "Explain a code, the language, a model, a setting."),
    "schema": CommandEntry("storyboard.cli.schema", "Print JSON Schemas of what storyboard prints and reads."),
    "models": CommandEntry("storyboard.cli.models", "List models, their limits and prices."),
    "lock": CommandEntry("storyboard.cli.lock", "Remove lock entries that no story uses any more."),
    "store": CommandEntry("storyboard.cli.store", "Manage the clips and the ledger of jobs."),
    "key": CommandEntry("storyboard.cli.key", "Store the gateway's API key in the system keyring."),
    "lsp": CommandEntry("storyboard.cli.lsp", "Serve an editor: findings, fixes, prompts and prices."),
    "doctor": CommandEntry("storyboard.cli.doctor", "Check this machine, and report what is wrong."),
    "completion": CommandEntry("storyboard.cli.completion", "Print the completion script of a shell."),
    "simulate": CommandEntry("storyboard.cli.simulate", "Run a free simulated gateway on this machine."),
}
