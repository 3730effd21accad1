"""Write an imported film as a story. Each line knows its source, so that a line which the checks refuse can become a
note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

from storyboard.diagnostics import Diagnostic
from storyboard.diagnostics.rules.packing import LENGTH, NO_JOB_HOLDS
from storyboard.diagnostics.rules.pasted import BESIDE_THE_PICTURE, MARKUP, TITLE_LINE
from storyboard.fast_dataclasses import dataclass, field
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.film_builder import sentence
from storyboard.importing.identifiers import label_name, text_name
from storyboard.importing.imported_film import ImportedFilm, ImportedScene, ImportedShot, UnreadLine
from storyboard.story.checks.pasted_patterns import INVISIBLE
from storyboard.syntax.odd_lengths import written

DEFAULT_MODEL = "kirin_v3_t2v"
UNKNOWN_LENGTH = "shot_length"
"""The `param` for the length of shots without a length in the source."""
USUAL_LENGTH = 5
NOTE = "a `.note`: it does not read as a prompt"
NO_SETTING = "a `.note`: the setting cannot have this value, or this model has no such setting"
LENGTHENED = "one second longer, since no job is as short; `.cut` keeps its length in the film"
LONGEST_LENGTHENED = 5
"""Shots of at least this many seconds are not made longer: no model's shortest job is longer."""
MEANT = "words in quotes, which are sent as they are"

_ABOUT_LOOKS = (TITLE_LINE.code, BESIDE_THE_PICTURE.code, MARKUP.code)
"""Rules that mistake action in capitals, or with a screenplay's marks, for something else."""
_CONTROL = lazy_pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SIDE = lazy_pattern(
    r"^(?:第[0-9一二三四五六七八九十百]+[场場幕]\s*|场景[0-9一二三四五六七八九十]+\s*)?(?:[内外內][外]?景)?(?:مشهد\s*[0-9٠-٩]+\s*)?(?:داخلي|خارجي)?[\s\-:：.、]*(?=\S)"
)
_SETTING = lazy_pattern(r"\.(?=[^\W\d])")
_PLACEHOLDER = lazy_pattern(r"\$?\{+\s*([^\W\d][\w ]*?)\s*\}+|@([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class ImportedStory:
    """A story made from a file of another format.

    `kept` lists what was not understood and became a note; `findings` are what only the author can settle;
    `without_length` and `without_picture` count the shots whose length or picture the source does not say.
    """

    text: str
    format: str
    encoding: str
    scenes: int
    shots: int
    without_length: int
    without_picture: int
    kept: tuple[UnreadLine, ...]
    findings: tuple[Diagnostic, ...]


Demote: TypeAlias = Callable[[str], str]
"""A function that turns a line into a note, or into quoted text, after a rule with this code; returns which, in
words."""


class WrittenLine(NamedTuple):
    """A line of the story; `demote` makes what it says a note, and is None if that is not possible."""

    text: str
    line: int = 0
    demote: Demote | None = None


@dataclass(slots=True)
class _Writer:
    film: ImportedFilm
    title: str
    lines: list[WrittenLine] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """What each character is called in `{{ }}`."""
    mentions: re.Pattern[str] | None = None
    untold: int = 0
    """The number of shots without a length."""

    def add(self, text: str = "", line: int = 0, demote: Demote | None = None) -> None:
        self.lines.append(WrittenLine(text, line, demote))


def write_story(film: ImportedFilm, title: str) -> list[WrittenLine]:
    """Return the lines of a story; `title` is for a film that has none."""
    writer = _Writer(film, film.title or title)
    _name_characters(writer)
    body = _Writer(film, writer.title, [], writer.names, writer.mentions)
    scenes_taken: list[str] = []
    for scene in film.scenes:
        _write_scene(body, scene, scenes_taken, is_only=len(film.scenes) == 1)
    _write_head(writer, body.untold)
    return [*writer.lines, *body.lines]


def _write_head(writer: _Writer, untold: int) -> None:
    film = writer.film
    writer.add("edition 1")
    writer.add()
    for comment in film.comments:
        writer.add(f"# {_plain(comment)}" if comment.strip() else "#")
    if film.comments:
        writer.add()
    writer.add(f'story "{_quotable(writer.title)}"')
    if "model" not in film.settings:
        writer.add(f"  .model {DEFAULT_MODEL}")
    _write_settings(writer, film.settings, film.notes)
    if film.negative:
        writer.add(
            f"  .negative {_value(', '.join(film.negative))}", 0, _giving_up(film.negative, film.notes, "Negative")
        )
    if film.style:
        writer.add(
            f"  .suffix {_value(' '.join(map(sentence, film.style)))}", 0, _giving_up(film.style, film.notes, "Style")
        )
    for note in film.notes:
        writer.add(f"  .note {_value(note)}")
    for index, line in enumerate(film.logline):
        writer.add(f"  {_text_line(line)}", 0, _moving(film.logline, index, film.notes))
    writer.add()
    if untold:
        shots = "1 shot" if untold == 1 else f"{untold} shots"
        writer.add(f"# The source gives no length for {shots}: write each one's own in place of `{UNKNOWN_LENGTH}`.")
        writer.add(f"param {UNKNOWN_LENGTH} = {USUAL_LENGTH}s")
        writer.add()
    if writer.names:
        if any(not film.characters[name] for name in writer.names):
            writer.add("# Prompts fill these in: add what each character looks like.")
        for name, called in writer.names.items():
            looks = film.characters[name]
            writer.add(f"let {called} = {_value(name + (', ' + looks if looks else ''))}", 0, _dropping(film, name))
        writer.add()


def _write_scene(writer: _Writer, scene: ImportedScene, taken: list[str], *, is_only: bool) -> None:
    title = scene.title or (f"Scene {scene.number}" if scene.number else "")
    if is_only and not (title or scene.place or scene.notes or scene.settings):
        _write_shots(writer, scene)  # shots before any scene need none
        return
    name = label_name(_scene_words(scene), taken, "part")
    taken.append(name)
    writer.add(f'scene {name} "{_quotable(title)}"' if title else f"scene {name}", scene.line)
    if scene.place:
        writer.add(f"  .prefix {_value(scene.place)}", scene.line, _clearing(scene))
    _write_settings(writer, scene.settings, scene.notes)
    for note in scene.notes:
        writer.add(f"  .note {_value(note)}", scene.line)
    writer.add()
    _write_shots(writer, scene)


def _write_shots(writer: _Writer, scene: ImportedScene) -> None:
    shots_taken: list[str] = []
    for number, shot in enumerate(scene.shots, 1):
        _write_shot(writer, shot, number, shots_taken)


def _scene_words(scene: ImportedScene) -> str:
    """Return the words for a scene's name: its place without INT. and the time of day, its title, or its number."""
    title = re.sub(r"^(?:INT|EXT|EST|I/E)[./EXTINT]*\s+", "", scene.title, flags=re.IGNORECASE)
    title = _SIDE.sub("", title)
    title = re.split(r"\s+[-–—]+\s+", title)[0] if title != scene.title else title
    return title or scene.number or scene.place.rstrip(".")


def _write_shot(writer: _Writer, shot: ImportedShot, number: int, taken: list[str]) -> None:
    name = label_name(shot.number or str(number), taken, "item")
    taken.append(name)
    texts = [text for text in map(_plain, shot.text) if text]
    if not texts:
        writer.add(f"# No picture in line {shot.line} of the source: write what is seen, then delete `.card`.")
    length, cut = _length(shot, is_card=not texts)
    if length == UNKNOWN_LENGTH:
        writer.untold += 1
    writer.add(f"shot {name} {length}", shot.line, _lengthening(shot) if texts else None)
    if texts:
        _write_settings(writer, shot.settings, None, shot)
        if cut:
            writer.add(f"  .cut {cut}", shot.line)
        if shot.avoid:
            writer.add(f"  .avoid {_value(', '.join(shot.avoid))}", shot.line, _giving_up_avoid(shot))
    else:
        writer.add("  .card", shot.line)
        for setting, value in shot.settings.items():
            writer.add(f"  .note {_value(f'{setting}: {value}')}", shot.line)
        if shot.avoid:
            writer.add(f"  .note {_value('Avoid: ' + ', '.join(shot.avoid))}", shot.line)
    if shot.title:
        writer.add(f"  .note {_value(shot.title)}", shot.line)
    for words in shot.words:
        text = _value(words.text)
        if text:
            writer.add(f"  .{words.kind} {text}", shot.line)
    mentioned: set[str] = set()
    runs_on = bool(shot.avoid or writer.film.style)
    last = max((index for index, text in enumerate(shot.text) if _plain(text)), default=0) if runs_on else None
    for index, text in enumerate(shot.text):
        plain = _plain(text)
        if plain:
            if index == last:
                plain = sentence(plain)
            filled = _quoted(plain) if index in shot.quoted else _fill_in(writer, _text_line(plain), mentioned)
            writer.add(f"  {filled}", shot.line, _moving_text(shot, index))
    writer.add()


def _length(shot: ImportedShot, *, is_card: bool) -> tuple[str, str]:
    """Return a shot's length as a header has it, and the part of it that the film uses, "" for all."""
    if shot.seconds is None:
        return UNKNOWN_LENGTH, ""
    exact = shot.seconds.quantize(Decimal("0.001"))
    whole = exact.to_integral_value(ROUND_CEILING) + shot.longer
    return (written(exact), "") if exact == whole or is_card else (written(whole), written(exact))


def _lengthening(shot: ImportedShot) -> Demote | None:
    """Make a shot longer that is shorter than any job, and let the film use only as much as the source says."""
    if shot.seconds is None or shot.seconds + shot.longer >= LONGEST_LENGTHENED:
        return None

    def lengthen(code: str) -> str:
        if code not in (NO_JOB_HOLDS.code, LENGTH.code):
            return ""
        shot.longer += 1
        return LENGTHENED

    return lengthen


def _write_settings(
    writer: _Writer, settings: dict[str, str], notes: list[str] | None, shot: ImportedShot | None = None
) -> None:
    for name, value in tuple(settings.items()):

        def demote(_: str, name: str = name) -> str:
            text = f"{name.replace('_', ' ').capitalize()}: {settings.pop(name)}"
            if shot is not None:
                shot.note(text)
            elif notes is not None:
                notes.append(text)
            return NO_SETTING

        writer.add(f"  .{name} {_value(value)}", shot.line if shot else 0, demote)


def _moving_text(shot: ImportedShot, index: int) -> Demote:
    def demote(code: str) -> str:
        if shot.is_action and code in _ABOUT_LOOKS and index not in shot.quoted:
            shot.quoted.add(index)
            return MEANT
        shot.note(shot.text[index])
        shot.text[index] = ""
        return NOTE

    return demote


def _moving(lines: list[str], index: int, notes: list[str]) -> Demote:
    def demote(_: str) -> str:
        notes.append(lines[index])
        lines[index] = ""
        return NOTE

    return demote


def _giving_up(values: list[str], notes: list[str], label: str) -> Demote:
    def demote(_: str) -> str:
        notes.append(f"{label}: {', '.join(values)}")
        values.clear()
        return NOTE

    return demote


def _giving_up_avoid(shot: ImportedShot) -> Demote:
    def demote(_: str) -> str:
        shot.note(f"Avoid: {', '.join(shot.avoid)}")
        shot.avoid = []
        return NOTE

    return demote


def _clearing(scene: ImportedScene) -> Demote:
    def demote(_: str) -> str:
        scene.notes.append(scene.place)
        scene.place = ""
        return NOTE

    return demote


def _dropping(film: ImportedFilm, name: str) -> Demote:
    def demote(_: str) -> str:
        looks = film.characters.pop(name)
        film.notes.append(f"{name}: {looks}" if looks else f"Character: {name}")
        return NOTE

    return demote


def _name_characters(writer: _Writer) -> None:
    """Declare each character that a prompt mentions; the others are listed in a note of the story."""
    film = writer.film
    texts = "\n".join(line for shot in film.shots for line in shot.text)
    for name in film.characters:
        if _can_be_found(name, film.characters[name]) and re.search(
            _mention(name), texts, re.IGNORECASE if name.isascii() else 0
        ):
            writer.names[name] = text_name(name, [*writer.names.values(), UNKNOWN_LENGTH])
    unseen = [name for name in film.characters if name not in writer.names and film.characters[name]]
    for name in unseen:
        film.notes.append(f"{name}: {film.characters.pop(name)}")
    if writer.names:
        longest_first = sorted(writer.names, key=len, reverse=True)
        writer.mentions = re.compile("|".join(f"(?:{_mention(name)})" for name in longest_first))


def _can_be_found(name: str, looks: str) -> bool:
    """Whether a name is one where a text holds it; a single sign is only where somebody described the character."""
    return len(name) > 1 or bool(name > "\u2e80" and looks)


def _mention(name: str) -> str:
    """Return a pattern for a name in a text, also in capitals; scripts without spaces have no ends of words."""
    forms = {re.escape(form) for form in (name, name.upper())}
    either = f"(?:{'|'.join(sorted(forms, reverse=True))})"
    return rf"(?<![\w{{.@]){either}(?!\w)" if name[-1] < "\u2e80" else either


def _fill_in(writer: _Writer, text: str, mentioned: set[str]) -> str:
    """Return the text with each character filled in where the shot first mentions them."""
    by_form = {form: name for name in writer.names for form in (name, name.upper())}

    def fill(found: re.Match[str]) -> str:
        name = by_form[found[0]]
        if name in mentioned:
            return name
        mentioned.add(name)
        return f"{{{{ {writer.names[name]} }}}}"

    def fill_placeholder(found: re.Match[str]) -> str:
        word = (found[1] or found[2]).strip().casefold()
        called = [*writer.names.items(), *((each, each) for each in writer.film.characters)]
        name = next((name for name, each in called if word in (name.casefold(), each.casefold())), None)
        return found[0] if name is None else name

    if '{{ "' in text:
        return text
    plain = _PLACEHOLDER.sub(fill_placeholder, text)
    return plain if writer.mentions is None else writer.mentions.sub(fill, plain)


def _plain(text: str) -> str:
    """Return a text on one line, without what shows nothing."""
    return " ".join(INVISIBLE.sub("", _CONTROL.sub(" ", text.replace("\t", " "))).split())


def _value(text: str) -> str:
    """Return a text as the value of a setting or a `let`."""
    escaped = _escaped(_plain(text))
    return f'{{{{ "{escaped[0]}" }}}}{escaped[1:]}' if escaped[:1] in ("=", ":", "：", "＝") else escaped


def _text_line(text: str) -> str:
    """Return a text as a line of a body: what would mean more at its start is put in braces."""
    plain = _escaped(_plain(text))
    if _SETTING.match(plain):
        word = plain.split(" ", 1)
        return " ".join([f'{{{{ "{word[0]}" }}}}', *word[1:]])
    if plain == "#" or plain.startswith(("# ", "##")):
        return f'{{{{ "#" }}}}{plain[1:]}'
    return plain


def _quoted(text: str) -> str:
    """Return a text that is surely meant as it is."""
    quote = "'" if '"' in text else '"'
    return f"{{{{ {quote}{text.replace(quote, '’')}{quote} }}}}"


def _escaped(text: str) -> str:
    return re.sub(r"\{\{|\{%", lambda sign: f'{{{{ "{sign[0]}" }}}}', text)


def _quotable(title: str) -> str:
    """Return a title as it stands between quotes."""
    plain = _plain(title).replace("{{", "{").replace("{%", "{")
    return plain.replace("\\", "\\\\").replace('"', '\\"')


def joined(lines: Iterable[WrittenLine]) -> str:
    """Return the story's text."""
    return "\n".join(line.text for line in lines).rstrip("\n") + "\n"
