"""The film from a run's results: what a build leaves beside the story."""

from storyboard.film.assemble import Film, assemble

__all__ = ["Film", "assemble"]
