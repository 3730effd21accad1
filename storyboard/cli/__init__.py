"""The command line. `--version` is answered here, before anything is imported: start-up is felt at every key press."""

import sys


def main() -> int:
    """Run the command that `sys.argv` asks for; the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from storyboard import __version__

        print(f"storyboard {__version__}")  # noqa: T201
        return 0
    from storyboard.cli.main import run

    return run(sys.argv[1:])
