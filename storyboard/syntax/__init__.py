"""From text to the story as written."""

from storyboard.files.project_root import project_root
from storyboard.syntax.decode import decode
from storyboard.syntax.loader import Loader
from storyboard.syntax.parser import parse
from storyboard.syntax.printer import format_source

__all__ = ["Loader", "decode", "format_source", "parse", "project_root"]
