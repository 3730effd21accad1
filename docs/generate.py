"""Writes the pages that are printed from the program: `python docs/generate.py`. A test says when one is stale."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from storyboard.cli.commands import COMMANDS
from storyboard.cli.program import cli
from storyboard.diagnostics.rules import RULES
from storyboard.project.settings import ENVIRONMENT, KEYS, Settings
from storyboard.report.explain import rules_page
from storyboard.report.simulate import faults_page

DOCS = Path(__file__).parent
WIDTH = 100


def pages() -> Mapping[str, str]:
    """Each page's text by its name."""
    return {
        "diagnostics.md": diagnostics(),
        "commands.md": commands(),
        "configuration.md": configuration(),
        "simulator.md": simulator(),
    }


def diagnostics() -> str:
    return rules_page(sorted(RULES.values(), key=lambda rule: rule.code))


def commands() -> str:
    parts = ["# Commands\n", "What `--help` prints, and what the exit codes mean.\n", _code(_help(cli, "storyboard"))]
    for name, entry in COMMANDS.items():
        command = entry.load()
        parts += [f"## {name}\n", _code(_help(command, f"storyboard {name}"))]
        if isinstance(command, click.Group):
            parts += [_code(_help(sub, f"storyboard {name} {sub.name}")) for sub in command.commands.values()]
    return "\n".join([*parts, EXIT_CODES])


def configuration() -> str:
    rows = "\n".join(f"| `{key.name}` | {_default(key.name)} | {key.about} |" for key in KEYS.values())
    powers = "\n".join(
        f"| `{key.name}` | {_flags(key.name)} | {_variable(key.name)} | {key.project_power} |" for key in KEYS.values()
    )
    return CONFIGURATION.replace("ROWS", rows).replace("POWERS", powers)


def _flags(name: str) -> str:
    flag = f"--{name.replace('_', '-')}"
    commands = (entry.load() for entry in COMMANDS.values())
    options = {option for command in commands for each in command.params for option in each.opts}
    return f"`{flag}`" if flag in options else ""


def _variable(name: str) -> str:
    return next((f"`{variable}`" for variable, key in ENVIRONMENT.items() if key == name), "")


def simulator() -> str:
    """The page as it stands, with its table anew."""
    page = (DOCS / "simulator.md").read_text(encoding="utf-8")
    head, begin, rest = page.partition("<!-- faults -->\n")
    _, end, tail = rest.partition("<!-- end of faults -->")
    return f"{head}{begin}\n{faults_page()}\n{end}{tail}"


def _default(name: str) -> str:
    value = getattr(Settings(), name, None)
    if name == "provider":
        return "`build`: `animatic`, `compile` and `plan`: `kirin`"
    return f"`{value}`" if isinstance(value, str | int | float) else ""


def _help(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, **cli.context_settings)
    formatter = click.HelpFormatter(width=WIDTH)
    command.format_help(context, formatter)
    return formatter.getvalue().rstrip()


def _code(text: str) -> str:
    return f"```\n{text}\n```\n"


EXIT_CODES = """## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | the stories have errors, or `--check` found something |
| 2 | wrong use: the command line or the configuration asks for something that does not exist |
| 3 | some job failed or is lost, or a disk or the store stands in the way |
| 4 | it would spend more than allowed |
| 5 | the key or the balance, or a job is held for another account |
| 6 | jobs are still running: come back with the same command |
| 7 | a job's outcome is unknown |
| 70 | a mistake of storyboard's own; the line says where the traceback was written |
| 130 | interrupted |

Where several hold at once, the first of 2, 1, 130, 5, 7, 4, 3, 6 is the answer.

Results go to standard output, everything about the run to standard error. Colour and bars are for terminals;
`NO_COLOR` is honoured. `--json` prints one document, with `diagnostics` also when the stories have errors; money in it
is an exact decimal text, lines and columns count from 1, columns in code points, paths are relative to the working
directory.
"""

CONFIGURATION = """# Configuration

The first that says something wins: a flag, the environment, the project's `storyboard.toml`, the user's own
configuration (`config.toml` in the user's configuration folder: on Linux `~/.config/storyboard/`), the default.

| environment | |
|---|---|
| `STORYBOARD_API_KEY` | the gateway's key; storyboard writes it into no file. Without it: `storyboard key set` |
| `STORYBOARD_BASE_URL` | `base_url` |
| `STORYBOARD_STORE` | `store` |
| `STORYBOARD_PROVIDER` | `provider` |

Both files know the same keys. A key that does not exist is an error (exit code 2).

| key | default | meaning |
|---|---|---|
ROWS

```toml
provider = "kirin"
budget = "12 USD"
store = "../clips"          # relative to this file
wait = "15s"

[prices]                    # US dollars a second; a project's never lower a built-in card's
kirin_v2_6_t2v = "0.07"

[providers.kirin]           # of this provider alone; above the first table: of whichever is in use
protocol = "queue"

[lint]
ignore = []                 # codes of warnings and hints that are not shown
error = ["SB140"]           # codes that are errors here and stop a build

[lint.folders."films/drafts"]   # the nearest folder that names a code has the last word
ignore = ["SB140"]

[animatic]                  # small and quick, for a test
width = 320
fps = 12
```

## Who may set what

A project may come from a stranger, so its file is not believed where it decides over your key or your money. Your own
configuration, the environment and flags are yours: they set everything.

| key | flag | environment | a project's `storyboard.toml` |
|---|---|---|---|
POWERS
| the key | | `STORYBOARD_API_KEY` | never |

- *Asked about once*: on a terminal you are asked, and your answer is kept for that project. Elsewhere the command ends
  with exit code 5 and names the variable to set. The gateway is asked about before the key goes there for the first
  time. The store is asked about before anything is bought with it; planning, local rendering and `--locked` may use a
  store inside the project without a question, and a store that this machine made there is yours.
- *Never*: it belongs to a person. A project's file that has it is an error (exit code 2).
- *Can only tighten yours*: where both files set a limit, the stricter one counts: the smaller budget, number of
  attempts, concurrency and `task_life`, the longer `wait` and `first_poll`, `resend = "never"`, and the hosts that both
  lists allow.

`[animatic]` decides how the local rendering looks, so it is part of what names an animatic's clip: another width is
another clip. It changes nothing of what is bought.

The project is the nearest folder upwards with a `storyboard.toml`, else with `.git`, else the story's own folder. Model
cards of its own stand in its `cards/*.toml`; `storyboard models` shows them beside the built-in ones.
"""

if __name__ == "__main__":
    for page, text in pages().items():
        (DOCS / page).write_text(text, encoding="utf-8")
