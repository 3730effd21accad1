"""From the story as written to the checked story: names resolved, shots expanded, text filled in."""

from storyboard.story.check import allowed_values, check, check_library, settable

__all__ = ["allowed_values", "check", "check_library", "settable"]
