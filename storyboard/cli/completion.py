"""`storyboard completion`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, ShellComplete, add_completion_class, get_completion_class

from storyboard.cli import options
from storyboard.cli.commands import COMPLETE
from storyboard.cli.output import out_text

SHELLS = ("bash", "zsh", "fish")

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local type value quoted
    while IFS=',' read -r type value; do
        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            printf -v quoted '%%q' "$value"
            COMPREPLY+=("$quoted")
            [[ $value == *= ]] && compopt -o nospace
        fi
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete $1)
    return 0
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class QuotingBashComplete(BashComplete):
    """Completion for bash that quotes words that the shell would split, such as `river.crowd["north"]`."""

    source_template = _BASH

    def source(self) -> str:
        """Return the script, without checking the version of bash."""
        return self.source_template % self.source_vars()


def use_own_scripts() -> None:
    """Register our bash completion with click."""
    add_completion_class(QuotingBashComplete, "bash")


@options.command(
    "completion",
    ("storyboard completion bash", 'in ~/.bashrc: eval "$(storyboard completion bash)"'),
    ("storyboard completion zsh", "in ~/.zshrc, behind compinit: the same with zsh"),
    ("storyboard completion fish", "into ~/.config/fish/completions/storyboard.fish"),
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script that lets a shell complete commands, options, files, addresses, models and codes."""
    use_own_scripts()
    kind: type[ShellComplete] | None = get_completion_class(shell)
    assert kind is not None
    out_text(kind(click.Command("storyboard"), {}, "storyboard", COMPLETE).source())
