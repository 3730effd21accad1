"""The story whose film is exported or signed, and the commit that it is at."""

from __future__ import annotations

from pathlib import Path

from storyboard.errors import UsageError
from storyboard.files.disk import read_file
from storyboard.files.git import files_at, find_commit
from storyboard.film.exported_film import StoryCommit
from storyboard.project.build import folders_for
from storyboard.project.compile import Compiled, CompiledStory
from storyboard.story.story import Story


def only_story(compiled: Compiled, verb: str) -> tuple[CompiledStory, Path]:
    """Return the one story of a run, and the folder of its film. `verb` says what is done with it.

    Raises UsageError if there are several or none, StoryboardError if the folder is a link.
    """
    if len(compiled.stories) != 1:
        raise UsageError(f"there are {len(compiled.stories)} stories here", help=f"name the one to {verb}")
    return compiled.stories[0], folders_for(compiled.stories, None)[0]


def story_commit(story: Story) -> StoryCommit | None:
    """Return the commit that is checked out where the story lies; None where git knows nothing of it."""
    sources = {shot.origin.span.source.path for shot in story.shots} | {story.path}
    try:
        commit = find_commit(story.path.parent, "HEAD")
        committed = files_at(commit, lambda path: commit.top / path in sources)
        unchanged = all(committed.get(source) == read_file(source) for source in sources)
    except OSError:
        return None
    return StoryCommit(commit.id, unchanged)
