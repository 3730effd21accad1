"""Settings of Sphinx for the site. `python docs/site/build.py OUT` runs it over pages that it lays out itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(os.environ["STORYBOARD_ROOT"])
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "site")]

from pygments.lexers.special import TextLexer  # noqa: E402
from story_lexer import StoryLexer  # noqa: E402

from storyboard import __version__  # noqa: E402

project = "storyboard"
version = release = __version__
copyright = "the authors of storyboard"  # noqa: A001
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"storyboard {version}"
html_extra_path = [os.environ["STORYBOARD_PLAIN"]]
html_show_sourcelink = html_copy_source = False
highlight_language = "text"
man_pages = [("commands", "storyboard", "write a film as plain text in git", "", 1)]


def setup(app: Any) -> None:
    """Stories in colour."""
    app.add_lexer("story", StoryLexer)
    app.add_lexer("mistake", StoryLexer)
    app.add_lexer("csv", TextLexer)
