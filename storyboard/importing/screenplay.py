"""Convert the elements of a screenplay to a film: scenes, a shot for each paragraph of action, and speech."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.fountain import Element
from storyboard.importing.imported_film import ImportedFilm, ImportedScene, ImportedShot, Words

_INTERIOR = lazy_pattern(r"(INT\.?/EXT|EXT\.?/INT|I/E|INT|EXT|EST)\.?\s+", re.IGNORECASE)
_SIDES = {"INT": "Interior", "EXT": "Exterior", "EST": "Exterior", "I/E": "Interior and exterior"}
_EXTENSION = lazy_pattern(r"\s*[(（]([^()（）]*)[)）]")
_CONTINUED = lazy_pattern(r"CONT(?:INUED|['’]D|D)?\.?|续", re.IGNORECASE)
_ORDINAL = lazy_pattern(
    r"^(?:第[0-9一二三四五六七八九十百]+[场場幕]|场景[0-9一二三四五六七八九十]+|مشهد\s*[0-9٠-٩]+)[\s:：.、\-]*"
)
_TITLES = frozenset(("title", "标题", "片名", "剧名", "العنوان", "عنوان"))
_CUT_LINE = lazy_pattern(
    r"(?:FADE (?:IN|OUT|UP|TO [A-Z]+)|CUT TO(?: [A-Z]+)?|"
    r"SMASH CUT|MATCH CUT|DISSOLVE|INTERCUT|BACK TO [A-Z ]+|THE END|END|TITLES?|"
    r"淡入|淡出|切至|剧终|完|النهاية)[.:。]?"
)


def film_from_screenplay(elements: Iterable[Element]) -> ImportedFilm:
    """Return a film of these elements."""
    builder = _Screenplay()
    for element in elements:
        builder.add(element)
    builder.describe_characters()
    builder.film.settle_empty_scenes()
    return builder.film


class _Screenplay:
    def __init__(self) -> None:
        self.film = ImportedFilm()
        self._scene: ImportedScene | None = None
        self._shot: ImportedShot | None = None
        self._speaker = ""
        self._pending: list[Words] = []
        """Words before the first shot of a scene."""

    def add(self, element: Element) -> None:
        text = element.text
        match element.kind:
            case "title":
                if element.detail.lower() in _TITLES and not self.film.title:
                    self.film.title = text
                else:
                    self.film.notes.append(f"{element.detail}: {text}")
            case "heading":
                self._begin_scene(element)
            case "action":
                for line in text.split("\n"):
                    if _CUT_LINE.fullmatch(line.strip()):
                        self._words("note", line.strip())
                lines = [line for line in text.split("\n") if not _CUT_LINE.fullmatch(line.strip())]
                if lines:
                    shot = self._begin_shot(element.line)
                    shot.text, shot.is_action = lines, True
            case "character":
                self._speaker = self._meet(text)
            case "parenthetical":
                self._words("note", f"{self._speaker}: {text}" if self._speaker else text)
            case "dialogue" | "lyrics":
                self._say(element)
            case "centered":
                self._words("caption", text)
            case "transition" | "note":
                self._words("note", text)
            case "section" | "synopsis":
                self._pending.append(Words("note", text))
                self._shot = None if element.kind == "section" else self._shot
            case "boneyard":
                self.film.comments += [f"Cut from the script, line {element.line}:", *text.split("\n")]
            case "page break":
                pass

    def describe_characters(self) -> None:
        """Use the description of a character that the script gives in brackets after the first mention of the name."""
        self._flush_pending()
        for name in self.film.characters:
            pattern = re.compile(rf"(?<!\w){re.escape(name)}\s*[(（]([^()（）]{{2,120}})[)）]", re.IGNORECASE)
            for shot in self.film.shots:
                found = next((match for line in shot.text if (match := pattern.search(line))), None)
                if found is not None:
                    self.film.characters[name] = found[1].strip()
                    shot.text = [pattern.sub(name, line, count=1) for line in shot.text]
                    break

    def _begin_scene(self, heading: Element) -> None:
        self._scene = self.film.begin_scene(heading.line, heading.detail, heading.text, place_of(heading.text))
        if heading.detail:
            self._scene.notes.append(f"Scene {heading.detail}")
        self._scene.notes += [words.text for words in self._pending]
        self._pending = []
        self._shot, self._speaker = None, ""

    def _begin_shot(self, line: int) -> ImportedShot:
        if self._scene is None:
            self._scene = self.film.begin_scene(line, title="Opening")
        self._shot = self.film.begin_shot(line)
        self._shot.words += self._pending
        self._pending = []
        return self._shot

    def _say(self, element: Element) -> None:
        shot = self._shot or self._begin_shot(element.line)
        said = f"{self._speaker}: {element.text}" if self._speaker else element.text
        shot.words.append(Words("say", said))

    def _words(self, kind: str, text: str) -> None:
        words = Words("caption" if kind == "caption" else "note", text)
        (self._shot.words if self._shot else self._pending).append(words)

    def _meet(self, written: str) -> str:
        """Return the name of a speaker; a suffix such as `(V.O.)` becomes a note."""
        name = _EXTENSION.sub("", written).strip()
        shown = _title_case(name)
        for extension in _EXTENSION.findall(written):
            if not _CONTINUED.fullmatch(extension.strip()):
                self._words("note", f"{shown}: {extension.strip()}")
        self.film.characters.setdefault(shown, "")
        return shown

    def _flush_pending(self) -> None:
        if not self._pending:
            return
        if self.film.shots:
            self.film.shots[-1].words += self._pending
        else:
            self.film.notes += [words.text for words in self._pending]
        self._pending = []


def place_of(heading: str) -> str:
    """Return where and when a scene plays, in the wording of a prompt: `INT. KITCHEN - NIGHT` is "Interior, kitchen,
    night."."""
    heading = _ORDINAL.sub("", heading)
    side = _INTERIOR.match(heading)
    rest = heading[side.end() :] if side else heading
    parts = [part.strip(" .") for part in re.split(r"\s+[-–—]+\s+|\s*--\s*", rest)]
    parts = [part.lower() if part.isupper() else part for part in parts if part]
    if side is not None:
        parts.insert(0, _SIDES.get(side[1].upper().replace(".", "")) or "Interior and exterior")
    if not parts:
        return ""
    joined = ", ".join(parts) if heading.isascii() or side else " ".join(parts)
    return f"{joined[:1].upper()}{joined[1:]}" + (
        "." if joined[-1:].isascii() else "。" if joined[-1:] > "\u2e80" else "."
    )


def _title_case(name: str) -> str:
    """Convert a name in capitals to its form in a sentence."""
    if not name.isupper() or not name.isascii():
        return name.title() if name.isupper() else name
    return re.sub(r"[A-Z]+(?:['’][A-Z]+)?", lambda word: word[0].capitalize(), name)
