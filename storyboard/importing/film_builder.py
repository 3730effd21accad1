"""Build a film from labelled fields, as in tables, JSON and Markdown."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.imported_film import ImportedFilm, ImportedScene, ImportedShot, Words
from storyboard.importing.labels import Field, field_of, is_label, labelled, plain_label, setting_name, words
from storyboard.importing.lengths import (
    FRAMES_IN_A_SECOND,
    TimeRange,
    counts_frames,
    length_in_milliseconds,
    read_length,
    read_moment,
    read_range,
    says_its_unit,
)
from storyboard.story.checks.pasted_labels import CAMERA_IN_CAPITALS, InnerLabel, holds_labels, inner_label

NOTHING = frozenset(
    (
        "",
        "-",
        "--",
        "—",
        "–",
        "/",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "无",
        "無",
        "没有",
        "暂无",
        "なし",
        "لا يوجد",
        "بدون",
    )
)
"""Placeholders that mean an empty field."""

_LONGEST_NUMBER = 4
"""Characters of a scene's number, such as 12A or S104; what is longer is a title."""
_BARE_NOTES = frozenset(("note", "notes", "comment", "comments", "notas", "备注", "備註", "ملاحظات", "ملاحظة"))
"""Labels that a note need not repeat."""
_WORDS_ON_SCREEN = words("text|文字|文本|النص|نص|texto|texte")
"""Labels that mean the picture if nothing else describes it, and words on the screen otherwise."""
_SHOT_SIZES = {
    "EWS": "Extreme wide shot",
    "ELS": "Extreme long shot",
    "WS": "Wide shot",
    "LS": "Long shot",
    "FS": "Full shot",
    "MLS": "Medium long shot",
    "MS": "Medium shot",
    "MCU": "Medium close-up",
    "CU": "Close-up",
    "ECU": "Extreme close-up",
    "BCU": "Big close-up",
    "OTS": "Over-the-shoulder shot",
    "OS": "Over-the-shoulder shot",
    "POV": "Point-of-view shot",
    "ES": "Establishing shot",
}
"""Abbreviations of shot sizes, and their wording in a prompt."""
_NEGATIVE_BEHIND = lazy_pattern(
    r"(?<=\S)\s*[(\[]?(?:\bnegative(?: prompts?)?|\bneg(?: prompt)?|负面提示词|反向提示词|负向提示词|负面词)"
    r"\s*[:：]\s*(.+?)[)\]]?$",
    re.IGNORECASE,
)
_NOT_SHOWN = lazy_pattern(
    r"(?:(?<=\s)|^)(?:--|—|–)(?:no|neg|negative)[ \t:]+(.+?)(?=\s+(?:--|—|–)[a-z]|$)", re.IGNORECASE
)
"""Midjourney's flag for what is not to be seen."""
_LENGTH_ASIDE = lazy_pattern(r"\s*[(\[（【]\s*([0-9][^()\[\]（）【】]{0,14}?)\s*[)\]）】]")
_RATIO = lazy_pattern(r"(?:(?<=\s)|^)(?:--|—|–)(?:ar|aspect)[ \t]+([0-9]{1,2}:[0-9]{1,2})(?!\S)", re.IGNORECASE)
_PARAMETER = lazy_pattern(
    r"(?:(?<=[.!?;。,|]\s)|^)(duration|length|aspect(?: ratio)?|seed|fps|frame ?rate|resolution)\s*[:=]\s*"
    r"([^.;,|]+(?:\.\d+)?)(?:[.;,|]|$)\s*",
    re.IGNORECASE,
)
"""A setting written as a sentence of a prompt."""
_FOR_OTHERS = lazy_pattern(
    r"(?:(?<=\s)|^)(?:--|[—–](?=(?:v|s|q|ar|sref|cref|style|stylize|seed|chaos|raw|niji|fast|hd)\b))[a-z]+"
    r"(?:[ \t]+[^\s—–-]\S*)?|<(?:lora|lyco|hypernet|embedding)[^<>]*>"
    r"|[\[【(（][ \t]*[0-9]{1,2}:[0-9]{2}(?:\.[0-9]+)?[ \t]*[-–—~至到][ \t]*[0-9]{1,2}:[0-9]{2}(?:\.[0-9]+)?"
    r"[ \t]*[\]】)）]",
    re.IGNORECASE,
)
"""Text in a prompt that is meant for other programs: flags, references to their models, times of beats."""
_WEIGHT = lazy_pattern(r"\(([^():]{1,60}):[0-9.]{1,5}\)")
_OF_THE_CAMERA = lazy_pattern(rf"(?:{CAMERA_IN_CAPITALS}|INSERT:)")
_SIZE_FIRST = lazy_pattern(r"([A-Z]{2,3})(?=\s*(?::|[-–—]\s|[,.]\s))")
_FILES = words("mp4|mov|webm|mkv|png|jpg|jpeg|gif|wav|mp3")
_OF_VIDEO = ("video", "t2v", "视频", "影片", "فيديو", "動画", "동영상")
"""Parts of labels that say which of several prompts is the one for a video."""
_SAID_BEHIND = words("angle|lighting|light|mood|atmosphere|lens|palette|weather|style")
_QUOTES = (('"', '"'), ("“", "”"), ("「", "」"), ("『", "』"), ("«", "»"), ("'", "'"))
_SENTENCES = lazy_pattern(r"\n|(?<=[.;])\s+|(?<=[。；])")
_NOT_A_STYLE = frozenset((Field.SETTING, Field.NEGATIVE, Field.LENGTH))
"""What may follow on the line of a film's style without being part of it."""
_IS_RATIO = lazy_pattern(r"[0-9]{1,2}:[0-9]{1,2}")
_ITEM = lazy_pattern(r"[,，、،;；\n]+")
_NO = lazy_pattern(r"(?:no|not|without|avoid|don't show|do not show|不要|没有|禁止)\s+(?=\S)", re.IGNORECASE)
_ASIDE = lazy_pattern(r"\s*[(（][^()（）]*[)）]")
_ONLY_CAMERA = lazy_pattern(
    r"(?=.*(?<!\w)(?:shot|close|close-?up|wide|angle|view|zoom|dolly|orbit|crane|drone|tracking|pan|tilt|handheld|pov|macro|"
    r"aerial|overhead|establishing|push|pull|medium|totale|halbtotale|halbnahe?|nahe?|nahaufnahme|gro(?:ß|ss)aufnahme|"
    r"detailaufnahme|weitwinkel|vogelperspektive|kamerafahrt|plan|plano|primer|gros|travelling|campo|primo|toma)(?!\w))"
    r"(?:(?:shots?|close|up|close-?up|wide|angle|view|zoom|dolly|orbit|crane|drone|tracking|pan|tilt|handheld|pov|macro|"
    r"aerial|overhead|establishing|push|pull|extreme|very|low|high|eye|level|bird['’]?s|medium|long|full|big|static|slow|fast|"
    r"crash|whip|in|out|back|forward|left|right|down|through|the|over|shoulder|over-the-shoulder|[0-9]{2,3}°?|degrees?|motion|"
    r"totale|halbtotale|halbnahe?|nahe?|nahaufnahme|gro(?:ß|ss)aufnahme|detailaufnahme|weitwinkel|vogelperspektive|kamerafahrt|"
    r"plan|plano|primer|primo|primissimo|piano|campo|gros|travelling|toma|general|entero|medio|large|moyen|rapproché|"
    r"d['’]ensemble|cenital|aérea|aéreo|lungo|aperto|detalhe|fechado|médio|geral)(?!\w)[\s,/&+-]*)+",
    re.IGNORECASE,
)
"""A title that says only how the camera sees the shot."""
_SPOKEN_BY = lazy_pattern(r"([^\W\d_][^:：\"“「,;!?\n]{0,39}?)[ \t]*[:：][ \t]*(\S.*)", re.DOTALL)


@dataclass(slots=True)
class _Parts:
    """The parts of a shot, combined when all of them are known."""

    shot: ImportedShot
    prompts: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each prompt by its label: a list may have one for a picture and one for the video."""
    picture: list[tuple[str, str]] = field(default_factory=list)
    craft: list[tuple[str, str]] = field(default_factory=list)
    speaker: str = ""
    range: TimeRange | None = None
    range_as_written: str = ""
    start: Decimal | None = None
    end: Decimal | None = None


class FilmBuilder:
    """Collects fields into `film`; `finish` puts them together."""

    def __init__(self) -> None:
        self.film = ImportedFilm()
        self._parts: list[_Parts] = []
        self._told_of_frames = False

    @property
    def has_text(self) -> bool:
        """Whether the last shot has a picture or a prompt."""
        return bool(self._parts) and bool(self._parts[-1].picture or any(self._parts[-1].prompts.values()))

    def begin_scene(self, line: int, number: str = "", title: str = "") -> ImportedScene:
        """Add a scene."""
        return self.film.begin_scene(line, number, title)

    def begin_named_scene(self, line: int, written: str) -> ImportedScene:
        """Add a scene with its number or its title, whichever `written` is."""
        return self.begin_scene(line, *number_and_title(written))

    def begin_shot(self, line: int, number: str = "", title: str = "") -> ImportedShot:
        """Add a shot to the last scene."""
        shot = self.film.begin_shot(line, number, title)
        self._parts.append(_Parts(shot))
        return shot

    def add(self, label: str, text: str, line: int, *, known: Field | None = None) -> None:
        """Add a field to the last shot. An unknown one becomes a note, and is listed."""
        text = text.strip()
        if text.casefold().strip("()（）[]") in NOTHING:
            return
        parts = self._parts[-1]
        meaning = known or field_of(label)
        if meaning is None:
            parts.shot.note(_labelled_note(label, text))
            self.film.keep(line, f"{label}: {text}", "a `.note` of its shot")
            return
        self._add_known(parts, meaning, label, text, line)

    def add_text(self, text: str, line: int) -> None:
        """Add lines to the last shot's picture; labelled lines go where their label says."""
        for offset, written in enumerate(text.split("\n")):
            content = written.strip()
            if not content:
                continue
            found = labelled(content)
            if found is None and _is_spoken(content):
                self._parts[-1].shot.words.append(Words("say", without_quotes(content)))
            elif found is None or holds_labels(found.text):
                self._parts[-1].picture.append(("", content))
            elif found.text:
                self.add(found.label, found.text, line + offset, known=found.field)

    def add_to_film(self, label: str, text: str, line: int, *, known: Field | None = None) -> None:
        """Add a field that holds for the whole film."""
        text = text.strip()
        film = self.film
        if text.casefold() in NOTHING:
            return
        match known or field_of(label):
            case Field.TITLE if not film.title:
                film.title = bare_title(text)
            case Field.LOGLINE | Field.PICTURE:
                film.logline += [part.strip() for part in text.split("\n") if part.strip()]
            case Field.STYLE:
                for part in map(str.strip, _SENTENCES.split(text)):
                    found = labelled(part) if part else None
                    if (
                        found is not None
                        and found.field in (Field.SETTING, Field.NEGATIVE, Field.LENGTH)
                        and found.text
                    ):
                        self.add_to_film(found.label, found.text.rstrip(".。"), line, known=found.field)
                    elif part:
                        film.style.append(part)
            case Field.NEGATIVE:
                film.negative += list_items(text)
            case Field.SETTING if (name := setting_name(label)) and name != "take" and name not in film.settings:
                value, _, rest = text.partition(",")
                if name == "aspect_ratio" and rest and _IS_RATIO.fullmatch(value.strip()):
                    film.settings[name] = value.strip()
                    film.notes.append(rest.strip())
                else:
                    film.settings[name] = text
            case Field.CHARACTERS:
                self.add_characters(text, line)
            case None:
                film.notes.append(_labelled_note(label, text))
                film.keep(line, f"{label}: {text}", "a `.note` of the story")
            case _:
                film.notes.append(_labelled_note(label, text))

    def add_characters(self, text: str, line: int) -> None:
        """Add characters, one a line as `Name: looks`, or only names in a row."""
        for written in text.split("\n"):
            content = re.sub(r"^\s*(?:[-*•+–]|[0-9]+[.)])\s+", "", written).strip()
            if not content:
                continue
            match = re.match(r"[*_]*([^:：\n(（—–]{1,40}?)[*_]*\s*(?:[:：]|\s[-—–]\s|—|–)[*_\s]*(.+)", content)
            if match is not None:
                self.film.characters[match[1].strip()] = match[2].strip()
            elif (aside := re.fullmatch(r"([^(（]{1,40}?)\s*[(（](.+)[)）]", content)) is not None:
                self.film.characters[aside[1].strip()] = aside[2].strip()
            elif "," in content or "、" in content or len(content.split()) <= 3:
                self.film.characters |= dict.fromkeys(list_items(content), "")
            else:
                self.film.notes.append(content)
                self.film.keep(line, content, "a `.note` of the story")

    def finish(self) -> ImportedFilm:
        """Put every shot together, work out lengths from times, and return the film."""
        self._settle_times()
        for parts in self._parts:
            _settle_picture(parts)
            if parts.speaker:
                parts.shot.words = [
                    each._replace(text=f"{parts.speaker}: {each.text}")
                    if each.kind == "say" and not _SPOKEN_BY.fullmatch(each.text)
                    else each
                    for each in parts.shot.words
                ]
        self.film.settle_empty_scenes()
        _share_settings(self.film)
        return self.film

    def _add_known(self, parts: _Parts, meaning: Field, label: str, text: str, line: int) -> None:
        shot = parts.shot
        match meaning:
            case Field.NUMBER:
                _number(shot, label, text)
            case Field.TITLE if not shot.title:
                shot.title = " ".join(text.split())
            case Field.LENGTH | Field.TIMES | Field.START | Field.END:
                self._add_time(parts, meaning, label, text, line)
            case Field.PROMPT:
                self._add_prompt(parts, label, text, line)
            case Field.PICTURE:
                parts.picture += [(label, content) for content in map(str.strip, text.split("\n")) if content]
            case Field.CRAFT | Field.STYLE:
                parts.craft.append((label, " ".join(text.split())))
            case Field.SAY:
                shot.words += [Words("say", said) for said in map(_spoken_words, text.split("\n")) if said]
            case Field.SPEAKER:
                parts.speaker = " ".join(text.split())
            case Field.CAPTION:
                shot.words += [Words("caption", said) for said in map(without_quotes, text.split("\n")) if said]
            case Field.NEGATIVE:
                shot.avoid += list_items(text)
            case Field.SETTING if (name := setting_name(label)) and name not in shot.settings:
                shot.settings[name] = text
            case _:
                self._add_note(shot, label, text, line)

    def _add_note(self, shot: ImportedShot, label: str, text: str, line: int) -> None:
        """Add a note; what is spoken in it, as in a column for all sounds, is spoken words."""
        kept: list[str] = []
        for offset, content in enumerate(text.split("\n")):
            found = labelled(content.strip())
            if found is not None and found.field is Field.SAY and found.text and field_of(label) is Field.NOTE:
                self.add(found.label, found.text, line + offset, known=Field.SAY)
            elif found is None and _is_spoken(content.strip()) and content.strip()[-1] in '"”」』»':
                shot.words.append(Words("say", without_quotes(content)))
            elif content.strip():
                kept.append(content.strip())
        if kept:
            shot.note(_labelled_note(label, " ".join(kept)))

    def _add_prompt(self, parts: _Parts, label: str, text: str, line: int) -> None:
        prompt = parts.prompts.setdefault(plain_label(label), [])
        for offset, content in enumerate(map(str.strip, text.split("\n"))):
            found = labelled(content) if content else None
            if found is None or found.field in (Field.NUMBER, Field.SCENE, Field.TITLE) or holds_labels(found.text):
                prompt += [content] if content else []
            elif found.field in (Field.PROMPT, Field.PICTURE, Field.CRAFT, Field.STYLE):
                prompt += [capitalized(found.text)] if found.text else []
            elif found.text:
                self.add(found.label, found.text, line + offset, known=found.field)

    def _add_time(self, parts: _Parts, meaning: Field, label: str, text: str, line: int) -> None:
        milliseconds = plain_label(label).endswith(" ms") or text.rstrip().endswith("ms")
        bare = text.rstrip().removesuffix("ms") if milliseconds else text
        if not self._told_of_frames and counts_frames(text):
            self._told_of_frames = True
            self.film.keep(line, f"{label}: {text}", f"its frames, as all others here: {FRAMES_IN_A_SECOND} a second")
        if meaning in (Field.START, Field.END):
            moment = read_moment(bare)
            if moment is not None:
                moment = moment / 1000 if milliseconds else moment
                if meaning is Field.START:
                    parts.start = moment
                else:
                    parts.end = moment
                return
        elif (found := read_range(text)) is not None:
            parts.range, parts.range_as_written = found, f"{label}: {text}"
            return
        elif meaning is Field.LENGTH or says_its_unit(text):
            seconds = length_in_milliseconds(bare) if milliseconds else read_length(bare)
            if seconds is not None:
                parts.shot.seconds = parts.shot.seconds or seconds
                return
        elif (moment := read_moment(text)) is not None:
            parts.start = moment
            return
        elif not any(sign.isdecimal() for sign in text):
            parts.craft.append((label, " ".join(text.split())))  # such as "Time: night"
            return
        parts.shot.note(_labelled_note(label, text))
        self.film.keep(line, f"{label}: {text}", "a `.note` of its shot: no length could be read")

    def _settle_times(self) -> None:
        """Compute lengths from ranges and times; a single time may be a start, or a length written like one."""
        ranges = [(parts, parts.range) for parts in self._parts if parts.range is not None]
        chained = bool(ranges) and (
            ranges[0][1].start == 0 or any(before[1].end == after[1].start for before, after in pairwise(ranges))
        )
        for parts, found in ranges:
            if chained or ":" in parts.range_as_written.partition(":")[2]:
                parts.shot.seconds = parts.shot.seconds or found.end - found.start
            elif parts.shot.seconds is None:
                parts.shot.note(parts.range_as_written)
                self.film.keep(parts.shot.line, parts.range_as_written, "a `.note` of its shot: choose a length")
        starts = [parts.start for parts in self._parts if parts.start is not None]
        ascending = len(starts) == 1 or all(a < b for a, b in pairwise(starts))
        for index, parts in enumerate(self._parts):
            shot = parts.shot
            if shot.seconds is not None or (parts.start is None and parts.end is None):
                continue
            following = self._parts[index + 1].start if index + 1 < len(self._parts) else None
            end = parts.end if parts.end is not None else following if ascending else None
            start = parts.start
            if start is None and index:
                start = self._parts[index - 1].end
            if end is not None and (start or Decimal(0)) < end:
                shot.seconds = end - (start or Decimal(0))
            elif not ascending and parts.start:
                shot.seconds = parts.start


def _number(shot: ImportedShot, label: str, text: str) -> None:
    """Read the number of a shot, or whatever else is in such a field: an address, a file, a name."""
    address = re.fullmatch(r"[\w-]+\.([^\W\d][\w-]*)", text)
    if address is not None and address[1].lower() not in _FILES:
        text = address[1]
    elif len(text) > 16 or address is not None:
        shot.note(_labelled_note(label, text))
        return
    if not shot.number or (shot.number.isdecimal() and not text.isdecimal()):
        shot.number = text
    elif text != shot.number:
        shot.note(_labelled_note(label, text))


def number_and_title(written: str) -> tuple[str, str]:
    """Return what a list says of a scene in one cell, as its number or as its title; the other is empty."""
    return (written, "") if len(written) <= _LONGEST_NUMBER else ("", written)


def list_items(text: str) -> list[str]:
    """Split a list into items, without "no" before them."""
    items = (
        _NO.sub("", _WEIGHT.sub(r"\1", item).strip().strip("\"'“”").rstrip(".。").strip()) for item in _ITEM.split(text)
    )
    return list(dict.fromkeys(item for item in items if item and item.casefold() not in NOTHING))


def without_quotes(text: str) -> str:
    """Remove quotes around a whole text, also after a speaker's name."""
    text = text.strip()
    quoted = re.fullmatch(r"([^\W\d_]{1,12})[「『“](.+)[」』”]", text)
    if quoted is not None and not quoted[1].isascii():
        return f"{quoted[1]}: {quoted[2]}"
    spoken = _SPOKEN_BY.fullmatch(text)
    if spoken is not None and not is_label(spoken[1]) and spoken[2][:1] in {pair[0] for pair in _QUOTES}:
        return f"{spoken[1]}: {without_quotes(spoken[2])}"
    for first, last in _QUOTES:
        if len(text) > 2 and text[0] == first and text[-1] == last and not set(text[1:-1]) & {first, last}:
            return text[1:-1].strip()
    return text


def _spoken_words(text: str) -> str:
    """Return what is said in a field for speech, without quotes and without a label such as `VO:` before it."""
    found = labelled(text.strip())
    return without_quotes(found.text if found is not None and found.field is Field.SAY else text)


def _is_spoken(text: str) -> bool:
    """Whether a line is a speaker's name and what they say, in quotes or behind a name in capitals."""
    spoken = _SPOKEN_BY.fullmatch(text)
    if spoken is None or is_label(spoken[1]) or len(spoken[1].split()) > 3 or _OF_THE_CAMERA.match(text):
        return False
    return _ASIDE.sub("", spoken[1]).isupper() or (spoken[2][0], spoken[2][-1]) in _QUOTES


def capitalized(text: str) -> str:
    """Capitalise the first letter of a text."""
    return text[:1].upper() + text[1:]


def _labelled_note(label: str, text: str) -> str:
    joined = " ".join(text.split())
    name = " ".join(label.replace("_", " ").split()).strip("*` ")
    return joined if not name or plain_label(name) in _BARE_NOTES else f"{capitalized(name)}: {joined}"


def _settle_picture(parts: _Parts) -> None:
    """If a shot has its own prompt, turn its other descriptions into notes: the prompt says it already."""
    shot = parts.shot
    if (prompt := _video_prompt(parts)) is not None:
        shot.text = [text for text in (_tidied(shot, text) for text in prompt) if text]
        shot.words += [
            Words("caption", without_quotes(text))
            for label, text in parts.picture
            if plain_label(label) in _WORDS_ON_SCREEN
        ]
        parts.picture = [each for each in parts.picture if plain_label(each[0]) not in _WORDS_ON_SCREEN]
        for label, text in (*parts.picture, *parts.craft):
            if text not in prompt:
                shot.note(_labelled_note(label, text))
        _name_by_title(shot)
        return
    seen = [text for label, text in parts.picture if plain_label(label) not in _WORDS_ON_SCREEN]
    if seen and len(seen) < len(parts.picture):
        shot.words += [Words("caption", without_quotes(text)) for _, text in parts.picture if text not in seen]
    else:
        seen = [text for _, text in parts.picture]
    seen = [_before(text, *seen[index + 1 : index + 2]) for index, text in enumerate(seen)]
    if seen and parts.craft:
        seen[-1] = sentence(seen[-1])
    shot.text = [text for text in (_tidied(shot, text) for text in seen) if text]
    if len(shot.text) == 1 and len(shot.text[0].split()) > 3:
        shot.text = [without_quotes(shot.text[0])]
    shot.text += [sentence(capitalized(_with_its_label(label, text))) for label, text in parts.craft]
    if not shot.text and shot.title:
        shot.text, shot.title = [text for text in (_tidied(shot, shot.title),) if text], ""
    elif _ONLY_CAMERA.fullmatch(shot.title) is not None:
        shot.text, shot.title = [sentence(capitalized(shot.title)), *shot.text], ""
    _name_by_title(shot)


def _video_prompt(parts: _Parts) -> list[str] | None:
    """Return the prompt that is meant for the video, or else the first; the others become notes."""
    prompts = {label: lines for label, lines in parts.prompts.items() if lines}
    if not prompts:
        return None
    chosen = next((label for label in prompts if any(word in label for word in _OF_VIDEO)), next(iter(prompts)))
    for label, lines in prompts.items():
        if lines != prompts[chosen]:
            parts.shot.note(_labelled_note(label, " ".join(lines)))
    return prompts[chosen]


def _name_by_title(shot: ImportedShot) -> None:
    """Name a shot without a number by its one-word title."""
    if not shot.number and re.fullmatch(r"[^\W\d][\w-]{0,30}", shot.title):
        shot.number, shot.title = shot.title, ""


def _with_its_label(label: str, text: str) -> str:
    """Keep the label of a field such as "angle": "low" alone says nothing."""
    if (spelled := _SHOT_SIZES.get(text.strip(" .").upper())) is not None:
        return spelled
    word = plain_label(label).rpartition(" ")[2]
    behind = word in _SAID_BEHIND and len(text.split()) <= 4 and text.isascii() and word not in text.lower()
    return f"{text.rstrip('.')} {word}" if behind else text


def _tidied(shot: ImportedShot, text: str) -> str:
    """Remove text for other programs from a prompt; flags, times and negatives become notes and `.avoid`."""
    negative = _NEGATIVE_BEHIND.search(text)
    if negative is not None:
        shot.avoid += [item for item in list_items(negative[1]) if item not in shot.avoid]
        text = text[: negative.start()].strip(" ,;，；|")
    if (size := _SIZE_FIRST.match(text)) is not None and size[1] in _SHOT_SIZES:
        text = _SHOT_SIZES[size[1]] + text[size.end() :]
    for unwanted in _NOT_SHOWN.findall(text):
        shot.avoid += [item for item in list_items(unwanted) if item not in shot.avoid]
    text = _PARAMETER.sub(lambda found: _take_parameter(shot, found), _NOT_SHOWN.sub(" ", text))
    while (inner := inner_label(text)) is not None:
        _take_inner(
            shot, inner, text[inner.start : inner.behind].rstrip(" :："), text[inner.behind : inner.end].strip()
        )
        text = f"{text[: inner.start].rstrip()} {text[inner.end :].lstrip(' .。')}".strip()
    if shot.seconds is None and len(lengths := _LENGTH_ASIDE.findall(text)) == 1 and says_its_unit(lengths[0]):
        shot.seconds = read_length(lengths[0])
        text = _LENGTH_ASIDE.sub("", text) if shot.seconds is not None else text
    for ratio in _RATIO.findall(text):
        shot.settings.setdefault("aspect_ratio", ratio)
    text = _RATIO.sub(" ", text)
    others = _FOR_OTHERS.findall(text)
    for found in others:
        shot.note(found.strip())
    plain = _WEIGHT.sub(r"\1", _FOR_OTHERS.sub(" ", text))
    return " ".join(re.sub(r"(?:,\s*)+(?=,)|^\s*,\s*|\s*,\s*$", "", plain).split() if others else plain.split())


def _take_parameter(shot: ImportedShot, found: re.Match[str]) -> str:
    """Move a setting out of a prompt; return what stays of it in the prompt."""
    label, value = found[1], found[2].strip()
    known = field_of(label)
    if known is Field.LENGTH:
        seconds = read_length(value)
        if seconds is None or shot.seconds not in (None, seconds):
            return found[0]
        shot.seconds = seconds
    elif (name := setting_name(label)) is not None:
        shot.settings.setdefault(name, value)
    else:
        shot.note(_labelled_note(label, value))
    return ""


def _take_inner(shot: ImportedShot, label: InnerLabel, written: str, value: str) -> None:
    """Move what a label inside a prompt names to its setting or, if it is none of the picture, into a note."""
    known = field_of(label.words)
    seconds = read_length(value) if known is Field.LENGTH else None
    if known is Field.SAY or known is Field.CAPTION:
        shot.words.append(Words("say" if known is Field.SAY else "caption", without_quotes(value)))
    elif label.kind == "negative":
        shot.avoid += [item for item in list_items(value) if item not in shot.avoid]
    elif seconds is not None and shot.seconds in (None, seconds):
        shot.seconds = seconds
    elif (name := setting_name(label.words)) is not None and name not in shot.settings:
        shot.settings[name] = value
    else:
        shot.note(_labelled_note(written, value))


def bare_title(text: str) -> str:
    """Return a title on one line, without the quotes around it."""
    title = " ".join(text.split())
    return title[1:-1].strip() or title if title[:1] == "《" and title[-1:] == "》" else without_quotes(title)


def _before(text: str, following: str = "") -> str:
    """End a line as a sentence if the next one begins with a capital."""
    return sentence(text) if following[:1].isupper() else text


def sentence(text: str) -> str:
    """End a text like a sentence, so that the next one does not run into it."""
    if text[-1:].isalnum():
        return text + ("。" if "\u4e00" <= text[-1] <= "\u9fff" or "\u3041" <= text[-1] <= "\u30ff" else ".")
    return text


def _share_settings(film: ImportedFilm) -> None:
    """Move settings that every shot has to the film, and the aspect ratio, of which a film has one."""
    shots = film.shots
    if not shots:
        return
    ratios = {shot.settings["aspect_ratio"] for shot in shots if "aspect_ratio" in shot.settings}
    if len(ratios) == 1:
        for shot in shots:
            shot.settings["aspect_ratio"] = next(iter(ratios))
    for name in tuple(shots[0].settings):
        value = shots[0].settings[name]
        if name != "take" and all(shot.settings.get(name) == value for shot in shots) and name not in film.settings:
            film.settings[name] = value
            for shot in shots:
                del shot.settings[name]
    shared = [item for item in shots[0].avoid if all(item in shot.avoid for shot in shots)]
    if shared and len(shots) > 1:
        film.negative += [item for item in shared if item not in film.negative]
    for shot in shots:
        shot.avoid = [item for item in shot.avoid if item not in film.negative]
