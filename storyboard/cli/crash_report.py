"""Report a bug of our own."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from storyboard import __version__
from storyboard.files.environment import environ
from storyboard.files.user_folders import state_folder
from storyboard.files.writing import replace_file
from storyboard.run.credentials import API_KEY


def tell(bug: Exception, arguments: Sequence[str]) -> tuple[str, str]:
    """Return one line about a bug, and what to do; write the traceback to a file, without the API key."""
    where = _write(_traceback(bug, arguments))
    return (
        f"this is a mistake in storyboard, not in your story ({type(bug).__name__})",
        f"please report it, with {where}" if where else "please report it; the traceback could not be written anywhere",
    )


def _traceback(bug: Exception, arguments: Sequence[str]) -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    head = f"storyboard {__version__}, Python {python}, {sys.platform}\narguments: {list(arguments)}\n\n"
    text = head + "".join(traceback.format_exception(bug))
    secret = environ.get(API_KEY, "")
    return text.replace(secret, "[the API key]") if secret else text


def _write(text: str) -> Path | None:
    name = f"bug-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in (_bugs_folder, _any_folder):
        try:
            path = folder() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, text.encode("utf-8", "backslashreplace"))
        except (OSError, RuntimeError):
            continue
        return path
    return None


def _bugs_folder() -> Path:
    return state_folder() / "bugs"


def _any_folder() -> Path:
    return Path(tempfile.gettempdir())
