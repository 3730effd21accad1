"""A build that changes nothing needs no decoder, no drawing and no template."""

from __future__ import annotations

import subprocess
import sys


def test_heavy_libraries_are_imported_only_when_needed() -> None:
    code = "import sys, storyboard.film, storyboard.providers.animatic; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"av", "PIL", "jinja2", "uniseg"} & set(loaded)
