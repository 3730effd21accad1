"""Makes each `storyboard` that a test starts look like Windows, as its own process does.

`tests.support.as_windows` puts this folder on PYTHONPATH, and Python imports `sitecustomize` before anything else. Other
programs stay as they are, and so do runs that measure imports.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path


def _is_storyboard(command: list[str]) -> bool:
    """Whether Python was asked for storyboard: as a module, or by the script that pip writes."""
    if "importtime" in command:
        return False
    return ("-m", "storyboard") in pairwise(command) or any(Path(word).name == "storyboard" for word in command[1:2])


if _is_storyboard(sys.orig_argv):
    sys.path.append(str(Path(__file__).parents[3]))
    import tests.support.as_windows  # noqa: F401
