"""The commands there are, with their short help: `--help` reads this and imports none of them."""

from __future__ import annotations

from typing import NamedTuple


class CommandEntry(NamedTuple):
    """`module` defines the click command `command`."""

    module: str
    about: str


EXAMPLES = (
    ("storyboard new lantern", "a project with a story that builds"),
    ("storyboard lint", "everything to mend, in every story"),
    ("storyboard build", "the film, as a free local animatic"),
    ("storyboard plan lantern.story", "what --provider kirin would buy, and why"),
)

COMMANDS = {
    "new": CommandEntry("storyboard.cli.new", "Begin a project: a story, its settings, an example for CI."),
    "lint": CommandEntry("storyboard.cli.lint", "Show everything to mend in the stories."),
    "fmt": CommandEntry("storyboard.cli.fmt", "Lay stories out in the one canonical way."),
    "compile": CommandEntry("storyboard.cli.compile", "Print the jobs as they would be sent."),
    "plan": CommandEntry("storyboard.cli.plan", "Show what a build would buy, why, and what it costs."),
    "build": CommandEntry("storyboard.cli.build", "Make the film."),
    "reroll": CommandEntry("storyboard.cli.reroll", "Get another take of one job."),
    "costs": CommandEntry("storyboard.cli.costs", "Show what was spent, by story, scene, model and day."),
    "status": CommandEntry("storyboard.cli.status", "Show which jobs are running, failed or of unknown outcome."),
    "resolve": CommandEntry("storyboard.cli.resolve", "Settle by hand what nobody else can know."),
    "export": CommandEntry("storyboard.cli.export", "Write the film for other programs."),
    "explain": CommandEntry("storyboard.cli.explain", "Explain the code of a finding."),
    "models": CommandEntry("storyboard.cli.models", "Show the models, their limits and prices."),
    "lock": CommandEntry("storyboard.cli.lock", "Take out of the locks what no story uses any more."),
    "store": CommandEntry("storyboard.cli.store", "Look after the clips, and the ledger of every job."),
    "key": CommandEntry("storyboard.cli.key", "Keep the gateway's API key in the system's keyring."),
    "simulate": CommandEntry("storyboard.cli.simulate", "Run a gateway on this machine that sells clips for nothing."),
}
