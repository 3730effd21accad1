"""The command line. `--version` and cached answers are handled before anything is imported, because start-up time is
noticeable."""

import gc
import os
import sys

COLLECT_EVERY = 100_000
"""Allocations between two garbage collections: a run makes few cycles, and many objects that live until it ends."""


def main() -> int:
    """Run the command in `sys.argv`; return the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]) and _told_version():
        return 0
    gc.set_threshold(COLLECT_EVERY)
    try:
        from storyboard.cli.replay import answer

        code = answer(sys.argv[1:])
        if code is not None:
            os._exit(code)  # everything is written; an ordinary exit would take a tenth of the whole time
        from storyboard.cli.main import run

        code = run(sys.argv[1:])
        gc.freeze()  # the end of the process collects twice, a sixth of a short run, and everything ends with it
        return code
    except KeyboardInterrupt:  # so early or so late that nobody else catches it
        return 130


def _told_version() -> bool:
    """Print the version if asked; False if it cannot be written, which the regular path reports."""
    from storyboard import __version__

    try:
        print(f"storyboard {__version__}", flush=True)  # noqa: T201
    except OSError:
        return False
    return True
