"""Read storyboards in Markdown and plain lines: headings and numbered lines as shots, labels, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from itertools import pairwise

from storyboard.diagnostics.rules.pasted import CHATTER
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.importing.film_builder import FilmBuilder, bare_title, capitalized, sentence
from storyboard.importing.fountain import has_headings, without_emphasis
from storyboard.importing.imported_film import ImportedFilm
from storyboard.importing.labels import Field, aside_of, field_of, labelled, plain_label
from storyboard.importing.lengths import SECOND_WORDS, read_length, read_moment, read_range, says_its_unit
from storyboard.importing.screenplay import place_of
from storyboard.importing.table import Row, add_table
from storyboard.story.checks.pasted_patterns import KINDS
from storyboard.story.checks.pasted_shapes import narrowed, shape_of
from storyboard.syntax.full_width import in_ascii_digits

_NUMBERS = r"\d{1,4}[A-Za-z]?(?:[.\-]\d{1,3}[A-Za-z]?)?|[一二三四五六七八九十百]{1,4}"
_SHOT_WORD = (
    r"(?:shot|clip|panel|frame|cut|segment|beat|video|镜头|鏡頭|分镜|镜号|镜|画面|カット|لقطة|اللقطة|نما|שוט|शॉट|plano|toma|"
    r"plan|einstellung|кадр|컷|샷|inquadratura|çekim|ช็อต)"
)
_SCENE_WORD = (
    r"(?:scene|act|part|sequence|场景|场次|場景|幕|シーン|المشهد|مشهد|صحنه|סצנה|दृश्य|escena|cena|scène|szene|сцена|장면|씬|"
    r"scena|sahne|cảnh|adegan|ฉาก)"
)
_NUMBERED_SHOT = lazy_pattern(rf"{_SHOT_WORD}\s*[#№.]?\s*({_NUMBERS})(?![\w])", re.IGNORECASE)
_ORDINAL_SHOT = lazy_pattern(rf"第\s*({_NUMBERS})\s*(?:个)?(?:镜头?|鏡頭?|分镜)")
_LABELLED_SHOT = lazy_pattern(rf"{_SHOT_WORD}\s*(?:no\.?|number|#|№|号)?\s*[:：]\s*({_NUMBERS})", re.IGNORECASE)
"""A line such as `Shot: 3`, which says nothing else."""
_BARE_NUMBER = lazy_pattern(r"(\d{1,3})[.)]?")
_NUMBERED_SCENE = lazy_pattern(rf"{_SCENE_WORD}\s*[#№.]?\s*({_NUMBERS})(?![\w])", re.IGNORECASE)
_ORDINAL_SCENE = lazy_pattern(rf"第\s*({_NUMBERS})\s*(?:场|幕|場)")
_BESIDE_A_SCENE = lazy_pattern(r"[ \t]*(?:[:：(（\[【|]|[-–—.](?:\s|$)|$)")
"""What follows the number of a scene in a line that names the scene and does nothing else."""
_LONGEST_SCENE_LINE = 60
_NAMES_FILM = lazy_pattern(r"(?:storyboard|shot list|分镜脚本|分镜|스토리보드)\s*[:：\-–—]\s*", re.IGNORECASE)
"""What stands before the title of a film in its heading."""
_ONLY_STORYBOARD = ("storyboard", "shot list", "shots", "overview", "分镜脚本", "스토리보드", "shot list table")
"""Headings that say what follows, and not what it is about."""
_HEADING = lazy_pattern(r"(#{1,6}|={2,6})[ \t]+(.+?)[ \t#=]*")
_BRACKETED = lazy_pattern(r"[\[【]([^\[\]【】]{2,60})[\]】]\s*[:：]?\s*(.*)", re.DOTALL)
"""A line that begins with a shot or a label in brackets."""
_BOLD_LINE = lazy_pattern(r"(?:\*\*|__)(?=\S)(.+?)(?:\*\*|__)[:：]?")
_BULLET = lazy_pattern(r"(?:[-*•+–●▪◦·]|>)\s+(?:\[[ xX]\]\s+)?")
_NUMBERED_LINE = lazy_pattern(
    r"(?:[(（])?(?:(\d{1,3}\.\d{1,3}[A-Za-z]?|(?:[A-Z]|\d{1,3})-?\d{1,3}(?=\s*[-–—:]))(?:[.)、）．:：]|\s*[-–—]\s|\s)|(\d{1,3}[A-Za-z]?|[A-Za-z](?=[)）]))[.)、）．])\s*(?=\S)"
)
"""A line such as `3. …`, `3) …`, `2.1 – …` or `b) …`."""
_TABLE_RULE = lazy_pattern(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_RULE = lazy_pattern(r"(?:-{3,}|\*{3,}|_{3,}|—{2,}|={3,})")
_FENCE = lazy_pattern(r"(?:```|~~~)")
_COMMENT = lazy_pattern(r"<!--(.*?)-->", re.DOTALL)
_BRACKETS = lazy_pattern(r"[(\[（【〔［]([^()\[\]（）【】〔〕［］]{1,40})[)\]）】〕］]")
_CLOCK = r"(?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{2}(?:[.,][0-9]{1,3}|[:;][0-9]{2})?"
_TIMES_FIRST = lazy_pattern(
    rf"[\[(（【]?\s*({_CLOCK}\s*(?:-->|[-–—~～至到]|\bto\b)\s*{_CLOCK}"
    rf"|[0-9]{{1,4}}(?:\.[0-9]+)?\s*s?\s*[-–—~～至到]\s*[0-9]{{1,4}}(?:\.[0-9]+)?\s*{SECOND_WORDS})\s*[\])）】]?\s*[:：\-–—|]*\s*"
)
_START_FIRST = lazy_pattern(rf"[\[(（【]?\s*({_CLOCK})\s*[\])）】]?(?:\s*[:：\-–—|]\s*|\s+)(?=\S)")
"""The time at which a shot begins, before its text."""
_LENGTH = rf"\d{{1,3}}(?:[.,]\d+)?\s*(?:{SECOND_WORDS})"
_LOOSE_LENGTH = lazy_pattern(rf"(?:^|[\s,，:：|\-–—])({_LENGTH})\.?\s*$", re.IGNORECASE)
_LENGTH_FIRST = lazy_pattern(rf"({_LENGTH})\.?\s*(?:[,，;；:：|–—-]\s*|$)", re.IGNORECASE)
_LENGTH_SENTENCE = lazy_pattern(rf"(?<=[.!?。！？])\s*({_LENGTH})\.(?=\s|$)", re.IGNORECASE)
_LENGTH_AT_END = lazy_pattern(rf"\s*[,，;；–—-]\s*({_LENGTH})[.。]?\s*$", re.IGNORECASE)
_SIDE_BY_SIDE = lazy_pattern(r"\s+[|·•]\s+")
"""What stands between fields of one line."""
_ONLY_A_LINK = lazy_pattern(r"\[([^\]]+)\]\(([^)\s]+)[^)]*\)|(https?://\S+)()")
_STARTS_BOLD = lazy_pattern(r"(?:\*\*|__)(?=\S)((?:(?!\*\*).)+?)(?:\*\*|__)[:：]?\s*(\S.*)?")
_PARAMETERS = lazy_pattern(r"(?:Steps|Sampler|CFG scale):\s*\S+.*,\s*(?:Seed|Size|Sampler|CFG scale|Model):")
"""The line that Stable Diffusion's programs write behind a prompt."""
_IMAGINE = lazy_pattern(r"\s*/imagine(?:\s+prompt)?\s*:?\s*(?=\S)")
"""What stands before a prompt in Midjourney's chat."""
_LINK = lazy_pattern(r"(?<!!)\[([^\]]+)\]\([^)\s]+(?:\s\"[^\"]*\")?\)")
_TAG = lazy_pattern(
    r"</?(?:a|b|big|blockquote|br|center|code|del|details|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|s|small|span|"
    r"strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,300})?\s*/?>",
    re.IGNORECASE,
)
_DECORATION = lazy_pattern(r"[\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff\s]+(?=\S)")
"""Emoji and other signs that a line begins with."""
_SAID_BY_EMOJI = {
    **dict.fromkeys("🔊🔉🔈🎵🎶🎧🎼", "Audio"),
    **dict.fromkeys("💬🗨🗣🎙", "Dialogue"),
    **dict.fromkeys("⏱⏲⏰🕐🕒⌛⏳", "Duration"),
    **dict.fromkeys("📷🎥📹📸", "Camera"),
    **dict.fromkeys("📝💡📌🗒", "Note"),
    **dict.fromkeys("🚫⛔❌", "Negative"),
}
"""The label that an emoji at the start of a line stands for."""
_FIELD_EMOJI = lazy_pattern(rf"\s*([{''.join(_SAID_BY_EMOJI)}])\ufe0f?\s*")
_EDGES = " \t:：-–—|·.,，。*_"


class _Section(Enum):
    """The topic of the lines under a heading."""

    FILM = auto()
    SHOTS = auto()
    FIELD = auto()
    OTHER = auto()


class _Heading(NamedTuple):
    """A heading: its depth (7 for a bold line, 8 for a line that only begins like a shot), and what it says."""

    depth: int
    words: str


class _Marked(NamedTuple):
    """The number, length and words of a heading or line that begins a shot or a scene."""

    number: str
    times: Sequence[str]
    words: str
    start: str = ""


class _Behind(NamedTuple):
    """A field in a paragraph of its own, behind the list of a shot."""

    label: str
    known: Field
    text: str
    line: int


def read_markdown(text: str) -> ImportedFilm:
    """Return a film from a storyboard in Markdown, or in plain lines that number shots or say their times."""
    return _Markdown(text).read()


def has_shots(text: str) -> bool:
    """Whether lines of a text begin shots, with a number or with times."""
    return _Markdown(text).has_marks


class _Markdown:
    def __init__(self, text: str) -> None:
        self.builder = FilmBuilder()
        self.comments: list[str] = []
        self.lines = _numbered_items(_numbered_generations(self._without_comments(text).split("\n")))
        self.scenes_are_shots = False
        self.has_starts = _has_starts(self.lines)
        self.has_bare_numbers = _has_bare_numbers(self.lines)
        headings = [found for line in self.lines if (found := _heading(line)) is not None]
        marked = self._has_table() or any(self._shot_mark(line) for line in self.lines)
        self.has_marks = marked
        if not marked:
            self.scenes_are_shots = self._has_only_scenes(headings)
            marked = self.scenes_are_shots
        self.shot_depth = 0 if marked or self._numbers_shots() else _depth_of_shots(headings)
        self.numbered = not marked and not self.shot_depth
        self.section = _Section.FILM
        self.field_label = ""
        self.in_shot = False
        self.in_list = False
        """Whether lines of the last shot are items of a list."""
        self.behind: list[_Behind] = []
        """Fields in a paragraph behind the list of the last shot: the film's, unless another shot follows."""
        self.said_of_shots: set[Field] = set()
        """What such paragraphs behind earlier shots said of those shots."""
        self.after_list: list[tuple[str, int]] = []
        """Lines behind the list of a shot that has its text: chat, unless another shot follows."""
        self.after_blank = False
        self.sticky: tuple[str, Field] | None = None
        """The label of a line whose text is on the lines below."""
        self.sticky_filled = False

    def read(self) -> ImportedFilm:
        index, fenced = 0, False
        while index < len(self.lines):
            raw = self.lines[index]
            line = raw.strip()
            number = index + 1
            index += 1
            if _FENCE.match(line):
                fenced = not fenced
            elif fenced:
                self._text(line, number)
                self.after_blank = False
            elif not line:
                self._blank()
            elif "|" in line and index < len(self.lines) and _is_rule(self.lines[index]):
                index = self._table(index - 1)
            elif not _RULE.fullmatch(line):
                self._line(line, number, flush=raw[:1] not in (" ", "\t"))
                self.after_blank = False
            else:
                self.after_blank = True
        self._settle_behind(at_end=True)
        film = self.builder.finish()
        film.notes += [line for line in film.logline if _is_chat(line)]
        film.logline = [line for line in film.logline if not _is_chat(line)]
        film.comments += self.comments
        return film

    def _without_comments(self, text: str) -> str:
        def take(found: re.Match[str]) -> str:
            self.comments += [part.strip() for part in found[1].split("\n") if part.strip()]
            return "\n" * found[0].count("\n")

        return _COMMENT.sub(take, text)

    def _has_table(self) -> bool:
        return any("|" in above and _is_rule(below) for above, below in pairwise(self.lines))

    def _has_only_scenes(self, headings: Sequence[_Heading]) -> bool:
        """Whether scenes are numbered and nothing below them is, so that each is one shot."""
        lines = [_clean(_unmarked(line)) for line in self.lines]
        if any(_NUMBERED_LINE.match(line) for line in lines):
            return False
        scenes = [heading.depth for heading in headings if _scene_mark(_clean(heading.words)) is not None]
        below = [heading.depth for heading in headings if scenes and min(scenes) < heading.depth < 7]
        return not below and any(_scene_mark(line) is not None for line in lines)

    def _numbers_shots(self) -> bool:
        """Whether numbered lines are the shots, and the headings above them scenes: most say how long they are."""
        lines = [_clean(_unmarked(line)) for line in self.lines if line[:1] not in (" ", "\t")]
        items = [line[found.end() :] for line in lines if (found := _NUMBERED_LINE.match(line)) is not None]
        timed = sum(1 for item in items if _marked("", item, colon=True).times)
        return timed > 1 and timed * 2 >= len(items)

    def _shot_mark(self, line: str) -> _Marked | None:
        """Parse a line that begins a shot with its number or its times."""
        content = _clean(_unmarked(line))
        bracketed = _BRACKETED.fullmatch(content)
        if bracketed is not None and _NUMBERED_SHOT.match(bracketed[1]) is not None:
            content = f"{bracketed[1]}: {bracketed[2]}" if bracketed[2] else bracketed[1]
        match = _NUMBERED_SHOT.match(content) or _ORDINAL_SHOT.match(content)
        if match is None:
            match = _LABELLED_SHOT.fullmatch(content)
        if match is None and self.scenes_are_shots:
            match = _scene_mark(content)
        if match is None and self.has_bare_numbers:
            match = _BARE_NUMBER.fullmatch(content)
        if match is not None:
            rest = content[match.end() :]
            if rest and rest[0] not in " \t:：-–—|.([（【、，,":
                return None
            return _marked(match[1], rest, colon=":" in rest[:40] or "：" in rest[:40])
        times = _TIMES_FIRST.match(content)
        if times is not None and read_range(times[1]) is not None:
            return _Marked("", [times[1]], content[times.end() :].strip())
        start = _START_FIRST.match(content) if self.has_starts else None
        if start is not None:
            return _Marked("", [], content[start.end() :].strip(), start[1])
        return None

    def _line(self, line: str, number: int, *, flush: bool) -> None:
        heading = _heading(line)
        mark = self._shot_mark(line)
        if mark is not None and not (heading is None and self._is_beat(mark)):
            title, text = self._title_and_text(line)
            if title:
                self._begin_shot(mark._replace(words=text), number, is_heading=False, title=title)
            else:
                self._begin_shot(mark, number, is_heading=heading is not None or self._is_bold_title(line))
        elif heading is not None and (heading.depth < 7 or self._is_title_line(heading.words)):
            self._heading(heading, number)
        else:
            self._content(line, number, flush=flush)

    def _is_beat(self, mark: _Marked) -> bool:
        """Whether times at the start of a line divide the text of a numbered shot."""
        return self.in_shot and not mark.number and bool(self.builder.film.shots[-1].number)

    def _title_and_text(self, line: str) -> tuple[str, str]:
        """Return the title that follows a shot's times in bold, as in `**0-3s | Hook:** …`, and the text behind."""
        bold = _STARTS_BOLD.fullmatch(_unmarked(line))
        if bold is None or not bold[2]:
            return "", ""
        mark = self._shot_mark(bold[1])
        is_title = mark is not None and not mark.number and mark.words and len(mark.words.split()) <= 4
        return (mark.words.strip(_EDGES), _clean(bold[2])) if mark is not None and is_title else ("", "")

    def _is_bold_title(self, line: str) -> bool:
        """Whether a shot's line is its title in bold, with nothing behind it but times."""
        bold = _STARTS_BOLD.fullmatch(_unmarked(line))
        title = self._shot_mark(bold[1]) if bold is not None else None
        if bold is None or title is None or not title.words:
            return False
        return not _marked("", _clean(bold[2] or ""), colon=False).words

    def _is_title_line(self, words: str) -> bool:
        """Whether a bold line is a heading: of a scene, or of something that a label names."""
        clean = _clean(words)
        return bool(_scene_mark(clean)) or (
            not self.in_shot and field_of(clean) is not None and labelled(clean) is None
        )

    def _heading(self, heading: _Heading, number: int) -> None:
        self.sticky = None
        words = _clean(heading.words)
        scene = _scene_mark(words)
        if scene is not None and self.shot_depth != heading.depth:
            mark = _marked(scene[1], words[scene.end() :], colon=False)
            self.builder.begin_scene(number, mark.number, mark.words)
            self.section, self.in_shot = _Section.SHOTS, False
            return
        found = labelled(words)
        if (
            found is not None
            and found.text
            and found.field in (Field.TITLE, Field.LOGLINE, Field.STYLE, Field.NEGATIVE)
        ):
            self.builder.add_to_film(found.label, found.text, number, known=found.field)
            return
        known = field_of(words.rstrip(":："))
        if heading.depth == self.shot_depth and known not in (
            Field.CHARACTERS,
            Field.STYLE,
            Field.NEGATIVE,
            Field.LOGLINE,
        ):
            mark = _marked("", words, colon=False)
            self._begin_shot(_without_scene(mark, words), number, is_heading=True)
        elif self.in_shot and known is not None and heading.depth < 7 and known not in (Field.CHARACTERS, Field.STYLE):
            self.sticky, self.sticky_filled = (words, known), False
        elif known in (Field.CHARACTERS, Field.STYLE, Field.NEGATIVE, Field.LOGLINE, Field.NOTE):
            self.section, self.field_label, self.in_shot = _Section.FIELD, words, False
        elif self._is_film_title(heading, words):
            self.builder.film.title = bare_title((_NAMES_FILM.sub("", words) or words).rstrip(":："))
        elif known is not None or plain_label(words) in _ONLY_STORYBOARD:
            self.section, self.in_shot = _Section.FILM, False
        else:
            self.builder.begin_scene(number, "", words)
            self.section, self.in_shot = _Section.SHOTS, False

    def _is_film_title(self, heading: _Heading, words: str) -> bool:
        """Whether a heading is the title of the film: a large one, or one that says so, before all scenes."""
        film = self.builder.film
        if film.title or film.scenes or plain_label(words) in _ONLY_STORYBOARD:
            return False
        return heading.depth <= 2 or _NAMES_FILM.match(words) is not None

    def _begin_shot(self, mark: _Marked, line: int, *, is_heading: bool, title: str = "") -> None:
        self._settle_behind()
        self.in_list = False
        is_place = has_headings(mark.words)
        self.builder.begin_shot(line, mark.number, mark.words if is_heading and not is_place else title)
        self._times(mark, line)
        if is_place:
            self.builder.add("place", place_of(mark.words), line, known=Field.PICTURE)
        if mark.start:
            self.builder.add("start", mark.start, line, known=Field.START)
        if mark.words and not is_heading and not is_place:
            self.builder.add_text(mark.words, line)
        self.section, self.in_shot, self.sticky = _Section.SHOTS, True, None

    def _settle_behind(self, *, at_end: bool = False) -> None:
        """Add what stood behind the last shot's list: to the film at its end, unless each shot says the like."""
        for field in self.behind:
            if at_end and field.known not in self.said_of_shots:
                self.builder.add_to_film(field.label, field.text, field.line, known=field.known)
                if field.known is Field.NOTE:
                    self.builder.film.keep(field.line, field.text, "a `.note` of the story")
            else:
                self.said_of_shots.add(field.known)
                self.builder.add(field.label, field.text, field.line, known=field.known)
        self.behind = []
        for text, line in self.after_list:
            if at_end:
                self.builder.film.notes.append(text)
                self.builder.film.keep(line, text, "a `.note` of the story")
            else:
                self.builder.add_text(text, line)
        self.after_list = []

    def _times(self, mark: _Marked, line: int) -> None:
        for text in mark.times:
            self.builder.add("duration", text, line, known=Field.LENGTH)

    def _blank(self) -> None:
        self.after_blank = True
        if self.sticky_filled:
            self.sticky = None

    def _content(self, line: str, number: int, *, flush: bool) -> None:
        bare = _unmarked(line)
        if (link := _ONLY_A_LINK.fullmatch(bare)) is not None:
            self.builder.film.notes.append(" ".join(part for part in link.groups() if part))
            self.builder.film.keep(number, bare, "a `.note` of the story")
            return
        content = _labelled_by_emoji(bare) or _clean(bare)
        if not content:
            return
        parts = _SIDE_BY_SIDE.split(content)
        if len(parts) > 1 and all((part := labelled(each)) is not None and part.text for each in parts):
            for each in parts:
                self._content(each, number, flush=flush)
            return
        bracketed = _BRACKETED.fullmatch(content)
        if bracketed is not None and field_of(bracketed[1]) is not None and bracketed[2]:
            content = f"{bracketed[1]}: {bracketed[2]}"
        elif (
            bracketed is not None and not bracketed[2] and (inner := labelled(bracketed[1])) is not None and inner.text
        ):
            content = bracketed[1]
        is_item = _BULLET.match(line) is not None
        is_behind = self.in_shot and self.in_list and not is_item
        self.in_list = self.in_list or is_item
        item = _NUMBERED_LINE.match(content)
        if self.numbered and item is not None and self.section is not _Section.FIELD:
            rest = content[item.end() :]
            own = _scene_mark(rest) or _NUMBERED_SHOT.match(rest)
            if own is not None and own[1] == (item[1] or item[2]):
                rest = rest[own.end() :].lstrip(_EDGES)
            mark = _marked(item[1] or item[2], rest, colon=True)
            mark = mark._replace(words=mark.words.lstrip(_EDGES))
            title = _BOLD_LINE.fullmatch(_NUMBERED_LINE.sub("", bare, count=1).strip())
            self._begin_shot(mark, number, is_heading=title is not None and "**" not in title[1])
            self.in_list = True
            return
        found = labelled(content)
        if found is not None and not found.text:
            self.sticky, self.sticky_filled = (found.label, found.field), False
        elif found is not None:
            self.sticky = (found.label, found.field) if found.field is Field.PROMPT else None
            self.sticky_filled = True
            if is_behind and found.field in (Field.NEGATIVE, Field.SETTING, Field.STYLE, Field.LOGLINE, Field.TITLE):
                self.behind.append(_Behind(found.label, found.field, found.text, number))
                return
            self._field(found.label, found.field, found.text, number)
        elif self.sticky is not None:
            self.sticky_filled = True
            self._field(self.sticky[0], self.sticky[1], content, number)
        elif is_behind and flush and self.builder.has_text and (self.after_blank or self.after_list):
            self.after_list.append((content, number))
        else:
            self._text(content, number)

    def _field(self, label: str, known: Field | None, text: str, line: int) -> None:
        if self.in_shot:
            self.builder.add(label, text, line, known=known)
            if (aside := aside_of(label)) is not None:
                self.builder.film.shots[-1].note(aside)
        elif self.section is _Section.SHOTS and self.builder.film.scenes:
            scene = self.builder.film.scenes[-1]
            scene.notes.append(f"{capitalized(label)}: {text}")
        else:
            self.builder.add_to_film(label, text, line, known=known)

    def _text(self, content: str, number: int) -> None:
        builder = self.builder
        if not content:
            return
        if self.section is _Section.FIELD:
            builder.add_to_film(self.field_label, content, number)
            return
        if self.in_shot and self.behind:
            self.behind.append(_Behind("note", Field.NOTE, content, number))
        elif self.in_shot:
            builder.add_text(content, number)
        elif self.section is _Section.SHOTS and builder.film.scenes:
            builder.film.scenes[-1].notes.append(content)
            builder.film.keep(number, content, "a `.note` of its scene")
        elif not builder.film.title and (title := _NAMES_FILM.match(content)) is not None:
            builder.film.title = bare_title(content[title.end() :]) or content.rstrip(":： ")
        else:
            builder.film.logline.append(content)

    def _table(self, start: int) -> int:
        """Read a table that begins at a line; the index behind it."""
        end = start + 2
        while end < len(self.lines) and "|" in self.lines[end] and self.lines[end].strip():
            end += 1
        rows = [
            Row(index + 1, [_clean(cell) for cell in _cells(self.lines[index])])
            for index in (start, *range(start + 2, end))
        ]
        self._add_table(rows)
        self.sticky = None
        return end

    def _add_table(self, rows: Sequence[Row]) -> None:
        labels = [row.cells[0] for row in rows[1:] if row.cells]
        known = sum(1 for label in labels if field_of(label) is not None)
        is_pairs = all(len(row.cells) == 2 for row in rows) and labels and known * 3 >= len(labels) * 2
        if is_pairs and field_of(rows[0].cells[0]) not in (Field.NUMBER, Field.SCENE):
            pairs = rows if field_of(rows[0].cells[0]) and field_of(rows[0].cells[0]) is not Field.SETTING else rows[1:]
            for row in pairs:
                if row.cells[1]:
                    self._field(row.cells[0], field_of(row.cells[0]), row.cells[1], row.line)
            return
        if self.section is _Section.FIELD and field_of(self.field_label) is Field.CHARACTERS:
            for row in rows[1:]:
                self.builder.film.characters[row.cells[0]] = ", ".join(cell for cell in row.cells[1:] if cell)
            return
        add_table(self.builder, rows)
        self.in_shot = False


def _is_chat(line: str) -> bool:
    """Whether a line says something about the storyboard, such as "Here are your shots:", rather than of the film."""
    plain = narrowed(line)
    return shape_of(plain) is not None or any(kind.rule is CHATTER and kind.pattern.match(plain) for kind in KINDS)


def _scene_mark(words: str) -> re.Match[str] | None:
    """Return the number of a scene that a line begins with."""
    return _NUMBERED_SCENE.match(words) or _ORDINAL_SCENE.match(words)


def _without_scene(mark: _Marked, words: str) -> _Marked:
    """Return a heading such as "Scene 3 (5s): The river" that begins a shot: its number is the shot's."""
    found = _scene_mark(words) or _NUMBERED_LINE.match(words)
    number = next(filter(None, found.groups()), "") if found is not None else ""
    return mark if found is None else _marked(number, words[found.end() :], colon=False)


def _heading(line: str) -> _Heading | None:
    stripped = line.strip()
    found = _HEADING.fullmatch(stripped)
    if found is not None:
        return _Heading(len(found[1]), found[2])
    bold = _BOLD_LINE.fullmatch(stripped)
    if bold is not None and "**" not in bold[1]:
        return _Heading(7, bold[1])
    words = _clean(stripped)
    bracketed = _BRACKETED.fullmatch(words)
    words = bracketed[1] if bracketed is not None and not bracketed[2] else words
    scene = _scene_mark(words) if len(words) <= _LONGEST_SCENE_LINE else None
    if scene is not None and _BESIDE_A_SCENE.match(words, scene.end()) is not None and words[-1] not in ".!?。！？":
        return _Heading(7, words)
    return None


def _depth_of_shots(headings: Sequence[_Heading]) -> int:
    """Return the depth of headings that are shots if none is numbered as one: the deepest that occurs twice."""
    depths = [
        heading.depth
        for heading in headings
        if heading.depth < 7
        and field_of(_clean(heading.words).rstrip(":："))
        not in (Field.CHARACTERS, Field.STYLE, Field.NEGATIVE, Field.LOGLINE)
    ]
    often = [depth for depth in set(depths) if depths.count(depth) > 1]
    return max(often, default=0)


def _marked(number: str, rest: str, *, colon: bool) -> _Marked:
    """Take the times in brackets, or a length at the end, out of the words behind a number."""
    times: list[str] = []
    asides: list[str] = []  # what a bracket says beside the time, such as the size of the shot

    def take(found: re.Match[str]) -> str:
        plain = in_ascii_digits(found[1])
        parts = [part.strip() for part in re.split(r"[,，|/·]", plain)]
        for part in parts:
            if read_range(part) is not None or (read_length(part) is not None and (":" in part or says_its_unit(part))):
                times.append(part)
                asides.extend(capitalized(other) for other in parts if other and other != part)
                return " "
        return found[0]

    def take_length(part: str) -> bool:
        plain = in_ascii_digits(part).strip()
        if read_range(plain) is None and (read_length(plain) is None or not (":" in plain or says_its_unit(plain))):
            return False
        times.append(plain)
        return True

    rest = _FIELD_EMOJI.sub(" | ", rest)
    head, text = rest, ""
    if (first := _LENGTH_FIRST.match(in_ascii_digits(rest).lstrip(_EDGES))) is not None:
        times.append(first[1])
        head = rest.lstrip(_EDGES)[first.end() :]
    elif (
        colon
        and (split := re.match(r"([^:：]*(?:\d:\d[^:：]*)*)[:：]\s+(.*)|([^：]*)：(.*)", rest, re.DOTALL)) is not None
    ):
        head, text = (split[1], split[2]) if split[2] is not None else (split[3], split[4])
    words = _BRACKETS.sub(take, head)
    if _SIDE_BY_SIDE.search(f" {words} ") is not None:
        words = _joined(part.strip() for part in re.split(r"[|·•]", words) if part.strip() and not take_length(part))
    elif not times:
        parts = re.split(r"\s+[-–—]\s+", words.strip(_EDGES))
        if len(parts) > 1 and any(map(take_length, parts)):
            words = _joined(part for part in parts if _LENGTH_FIRST.fullmatch(in_ascii_digits(part)) is None)
    if not times and (loose := _LOOSE_LENGTH.search(words)) is not None:
        times.append(loose[1])
        words = words[: loose.start()]
    if not times and text and (found := _BRACKETS.match(text.lstrip())) is not None:
        text = take(found) + text.lstrip()[found.end() :]
    if not times and text and (found := re.search(_BRACKETS.pattern + r"[.。]?$", text)) is not None:
        text = text[: found.start()] + take(found) + text[found.end() :]
    if not times and text and (own := _LENGTH_SENTENCE.search(text)) is not None:
        times.append(own[1])
        text = text[: own.start()] + text[own.end() :]
    if not times and text and (behind := _LENGTH_AT_END.search(text)) is not None:
        times.append(behind[1])
        text = text[: behind.start()]
    words = " ".join(words.split()).strip(_EDGES)
    joined = f"{words}: {text.strip()}" if words and text.strip() else words or text.strip()
    if asides:
        joined = f"{sentence(', '.join(asides))} {joined}".strip()
    return _Marked(number, times, " ".join(joined.split()))


def _joined(parts: Iterable[str]) -> str:
    """Return the parts of a line as sentences."""
    return " ".join(sentence(part) if index == 0 else part for index, part in enumerate(parts)).strip()


def _has_starts(lines: Sequence[str]) -> bool:
    """Whether lines begin with the times at which their shots do: two or more, each later than the one before."""
    found = [match for line in lines if (match := _START_FIRST.match(_clean(_unmarked(line)))) is not None]
    moments = [moment for match in found if (moment := read_moment(match[1])) is not None]
    return len(moments) > 1 and all(before < after for before, after in pairwise(moments))


def _has_bare_numbers(lines: Sequence[str]) -> bool:
    """Whether lines of nothing but a number, counting from 1, stand above the shots."""
    found = [match[1] for line in lines if (match := _BARE_NUMBER.fullmatch(line.strip())) is not None]
    return len(found) > 1 and [int(number) for number in found] == list(range(1, len(found) + 1))


def _numbered_generations(lines: Sequence[str]) -> list[str]:
    """Number the prompts of a list in which each is followed by the parameters of Stable Diffusion's programs."""
    numbered = list(lines)
    begins, count = True, 0
    if not any(_PARAMETERS.match(line) for line in lines):
        return numbered
    for index, line in enumerate(lines):
        if line.strip() and begins:
            count += 1
            numbered[index] = line if _NUMBERED_SHOT.match(line) else f"Shot {count}: {line.strip()}"
            begins = False
        elif _PARAMETERS.match(line):
            numbered[index] = f"Note: {line.strip()}"
            begins = True
    return numbered


def _numbered_items(lines: Sequence[str]) -> list[str]:
    """Number the items of a list without numbers in which most say how long they are, and Midjourney's prompts."""
    imagined = [index for index, line in enumerate(lines) if _IMAGINE.match(line)]
    items = [index for index, line in enumerate(lines) if _BULLET.match(line)]
    timed = sum(1 for index in items if _marked("", _clean(_unmarked(lines[index])), colon=True).times)
    others = [line for index, line in enumerate(lines) if line.strip() and index not in items]
    is_list = timed > 1 and timed * 2 > len(items) and len(others) <= 2 and not any(map(_NUMBERED_SHOT.match, others))
    chosen = imagined if imagined else items if is_list else []
    if any(_NUMBERED_SHOT.match(_clean(_unmarked(lines[index]))) for index in chosen):
        return list(lines)
    numbered = list(lines)
    for count, index in enumerate(chosen, 1):
        found = _IMAGINE.match(lines[index])
        text = lines[index][found.end() :] if found is not None else _unmarked(lines[index])
        mark = _marked("", _clean(text), colon=False)
        time = f" ({mark.times[0]})" if mark.times and found is None else ""
        numbered[index] = f"Shot {count}{time}: {mark.words if time else text.strip()}"
    return numbered


def _labelled_by_emoji(text: str) -> str | None:
    """Return a line with the label that the emoji at its start stands for; None if it has no such emoji."""
    found = _FIELD_EMOJI.match(text)
    rest = _clean(text[found.end() :]) if found is not None else ""
    if found is None or not rest:
        return None
    return rest if labelled(rest) is not None else f"{_SAID_BY_EMOJI[found[1]]}: {rest}"


def _unmarked(line: str) -> str:
    """Remove the marks of headings, lists and quotes from a line."""
    stripped = line.strip()
    heading = _HEADING.fullmatch(stripped)
    if heading is not None:
        return heading[2]
    while (bullet := _BULLET.match(stripped)) is not None:
        stripped = stripped[bullet.end() :]
    return stripped


def _clean(text: str) -> str:
    """Remove the marks of Markdown and HTML from a text."""
    text = re.sub(r"<br\s*/?>", "\n", text)
    text = _TAG.sub("", _LINK.sub(r"\1", text))
    text = without_emphasis(text.replace("~~", "").replace("__", "**"))
    text = re.sub(r"`([^`]+)`", r"\1", text)
    text = text.replace("**", "").strip()
    decoration = _DECORATION.match(text)
    return text[decoration.end() :] if decoration is not None else text


def _cells(line: str) -> list[str]:
    bare = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", bare)]


def _is_rule(line: str) -> bool:
    return "-" in line and _TABLE_RULE.fullmatch(line.strip()) is not None
