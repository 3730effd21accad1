"""The command line. `--version`, and what the cache knows, is answered before anything is imported: start-up is felt at
every key press."""

import gc
import os
import sys

COLLECT_EVERY = 100_000
"""Objects between two searches for garbage: a run makes few cycles, and many objects that stay to its end."""


def main() -> int:
    """Run the command that `sys.argv` asks for; the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]) and _told_version():
        return 0
    gc.set_threshold(COLLECT_EVERY)
    try:
        from storyboard.cli.replay import answer

        code = answer(sys.argv[1:])
        if code is not None:
            os._exit(code)  # all is written; taking the interpreter apart would take a tenth of the time
        from storyboard.cli.main import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # so early or so late that nobody else catches it
        return 130


def _told_version() -> bool:
    """Whether it could be said; where not, the long way round says why."""
    from storyboard import __version__

    try:
        print(f"storyboard {__version__}", flush=True)  # noqa: T201
    except OSError:
        return False
    return True
