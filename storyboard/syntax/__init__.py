"""From text to the story as written."""

from storyboard.syntax.parser import parse

__all__ = ["parse"]
