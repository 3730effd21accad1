"""What a command costs beside starting and importing: `python work.py WARM FOLDER COMMAND [OPTION]...`.

It runs the command in WARM, so that all that it needs is loaded, then in FOLDER, and prints the CPU seconds of that.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

from storyboard.cli import COLLECT_EVERY, replay
from storyboard.cli.main import run


def spent(folder: Path, words: list[str], *, remembers: bool) -> float:
    """CPU seconds of a command in a folder, by the command's own way; raises RuntimeError if it fails."""
    os.chdir(folder)
    told = io.TextIOWrapper(io.BytesIO())
    begun = time.process_time()
    with redirect_stdout(told):
        code = replay.answer(words) if remembers else None
        code = run(words) if code is None else code
    taken = time.process_time() - begun
    if code:
        raise RuntimeError(f"{words} ended with {code}")
    return taken


if __name__ == "__main__":
    gc.set_threshold(COLLECT_EVERY)
    warm, measured = map(Path, sys.argv[1:3])
    spent(warm, sys.argv[3:], remembers=False)
    sys.stdout.write(str(spent(measured, sys.argv[3:], remembers=True)))
