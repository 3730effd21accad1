"""From text to the story as written."""

from storyboard.syntax.decode import decode
from storyboard.syntax.files import project_root
from storyboard.syntax.loader import Loader
from storyboard.syntax.parser import parse

__all__ = ["Loader", "decode", "parse", "project_root"]
