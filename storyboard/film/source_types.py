"""The digital source types of a film and its clips, in IPTC's terms."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from storyboard.film.free_shots import FilmPiece, FreeResult
from storyboard.media.film_tags import FilmTags, SourceType
from storyboard.plain_text import one_line
from storyboard.story.story import Story


def source_type_of(piece: FilmPiece, bought: Collection[str]) -> SourceType:
    """Return the source type of a clip. `bought` are the contents of the jobs whose clips were bought. The source of
    the author's own footage and pictures is unknown.
    """
    if isinstance(piece, FreeResult):
        source = piece.job.shots[0].local
        return SourceType.DRAWN if source is not None and source.kind == "card" else SourceType.COMPOSITE
    return SourceType.TRAINED if piece.job.content in bought else SourceType.DRAWN


def film_tags(story: Story, pieces: Sequence[FilmPiece], bought: Collection[str]) -> FilmTags:
    """Return the tags of a film of these pieces. A piece whose clip is missing is shown as a card."""
    seen = [bought if piece.clip is not None else () for piece in pieces]
    kinds = {source_type_of(piece, known) for piece, known in zip(pieces, seen, strict=True)}
    if len(kinds) == 1:
        [source] = kinds
    else:
        source = SourceType.MIXED if SourceType.TRAINED in kinds else SourceType.COMPOSITE
    models = {piece.job.model for piece in pieces if source_type_of(piece, bought) is SourceType.TRAINED}
    return FilmTags(story.title, source, tuple(sorted(models)), chapter_titles(story), story.language)


def chapter_titles(story: Story) -> tuple[str, ...]:
    """Return the titles of the film's chapters: its scenes, where there are several with shots."""
    scenes = dict.fromkeys(shot.scene for shot in story.shots)
    titles = {scene.name: one_line(scene.title or scene.name) for scene in story.scenes}
    return tuple(titles[name] for name in scenes) if len(scenes) > 1 else ()
