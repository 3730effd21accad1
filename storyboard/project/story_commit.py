"""The commit that a story is at."""

from __future__ import annotations

from storyboard.files.disk import read_file
from storyboard.files.git import files_at, find_commit
from storyboard.film.exported_film import StoryCommit
from storyboard.story.story import Story


def story_commit(story: Story) -> StoryCommit | None:
    """The commit that is checked out where the story lies; None where git knows nothing of it."""
    sources = {shot.origin.span.source.path for shot in story.shots} | {story.path}
    try:
        commit = find_commit(story.path.parent, "HEAD")
        committed = files_at(commit, lambda path: commit.top / path in sources)
        unchanged = all(committed.get(source) == read_file(source) for source in sources)
    except OSError:
        return None
    return StoryCommit(commit.id, unchanged)
