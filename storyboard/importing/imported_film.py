"""The result of a reader: a film with scenes and shots, each part with its source line."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple

WordsKind = Literal["say", "caption", "note"]
"""The kinds of words beside the picture."""


class Words(NamedTuple):
    """Words outside the prompt: spoken, on the screen, or for the crew."""

    kind: WordsKind
    text: str


class UnreadLine(NamedTuple):
    """Something that was not understood: its line in the source, its text, and what became of it."""

    line: int
    text: str
    became: str


@dataclass(slots=True)
class ImportedShot:
    """A shot as it was read. `seconds` is None if the source says no length."""

    line: int
    number: str = ""
    title: str = ""
    seconds: Decimal | None = None
    text: list[str] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    is_action: bool = False
    """Whether its text is a screenplay's action, which certainly describes the picture, even in capitals."""
    longer: int = 0
    """Seconds by which it is longer than the film uses, because no job is that short."""
    quoted: set[int] = field(default_factory=set)
    """The lines of its text that are written as quoted text, because they look like something else."""

    def note(self, text: str) -> None:
        """Add a note for the crew."""
        self.words.append(Words("note", text))


@dataclass(slots=True)
class ImportedScene:
    """A scene as it was read; `place` is where and when it plays, which every shot in it should say."""

    line: int
    number: str = ""
    title: str = ""
    place: str = ""
    notes: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    shots: list[ImportedShot] = field(default_factory=list)


@dataclass(slots=True)
class ImportedFilm:
    """A film as it was read. `characters` maps each name to its looks, "" if nobody described them."""

    title: str = ""
    logline: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    negative: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    characters: dict[str, str] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    scenes: list[ImportedScene] = field(default_factory=list)
    kept: list[UnreadLine] = field(default_factory=list)

    @property
    def shots(self) -> list[ImportedShot]:
        """Every shot, in order."""
        return [shot for scene in self.scenes for shot in scene.shots]

    def keep(self, line: int, text: str, became: str) -> None:
        """List something that was not understood."""
        self.kept.append(UnreadLine(line, " ".join(text.split()), became))

    def settle_empty_scenes(self) -> None:
        """Make each scene without shots a note of the next one, or of the film."""
        waiting: list[str] = []
        for scene in self.scenes:
            if scene.shots:
                scene.notes[:0] = waiting
                waiting = []
            else:
                waiting += [text for text in (scene.title or scene.number, *scene.notes) if text]
        self.notes += waiting
        self.scenes = [scene for scene in self.scenes if scene.shots]

    def begin_scene(self, line: int, number: str = "", title: str = "", place: str = "") -> ImportedScene:
        """Add a scene after the others."""
        scene = ImportedScene(line, number, title, place)
        self.scenes.append(scene)
        return scene

    def begin_shot(self, line: int, number: str = "", title: str = "") -> ImportedShot:
        """Add a shot to the last scene."""
        shot = ImportedShot(line, number, title)
        (self.scenes[-1] if self.scenes else self.begin_scene(line)).shots.append(shot)
        return shot
