"""Find text that was pasted along with a prompt and never meant as one, before it is paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from unicodedata import normalize

from storyboard.cards.model_card import Catalog, Json, ModelCard
from storyboard.cards.requirements import settle
from storyboard.diagnostics import Diagnostic, Edit, Fix, Rule, Severity
from storyboard.diagnostics.rules.pasted import (
    AT_NAME,
    BESIDE_THE_PICTURE,
    CHATTER,
    COMMENT_AFTER_VALUE,
    INVISIBLE_LETTERS,
    LABEL,
    NO_PICTURES,
    OTHER_BRACES,
    SAID_OTHERWISE,
    TABLE_OR_DATA,
    TIME_CODE,
    TITLE_LINE,
    TRAILING_COMMENT,
    UNUSUAL_LINE,
    WORDY_LABEL,
)
from storyboard.diagnostics.rules.text import QUOTED_VALUE, SETTING_WITHOUT_DOT
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot
from storyboard.story.checks.misplaced import misplaced, settings_of
from storyboard.story.checks.pasted_labels import (
    LONGEST_SETTING,
    PastedLabel,
    holds_labels,
    inner_label,
    is_left_inside,
    label_of,
)
from storyboard.story.checks.pasted_patterns import (
    ANY_KIND,
    AVOID_INSIDE,
    AVOID_LINE,
    FIRST_WORDS,
    INVISIBLE,
    KINDS,
    NEGATIVE_LINE,
    ODD_START,
    OTHER_FIRST_WORDS,
    OTHER_LAST_WORDS,
    RATIO_SAID,
    SAYS_FIGURE,
    SECONDS_SAID,
    TRAILING,
    USUAL_START,
    PastedKind,
    is_suspicious,
)
from storyboard.story.checks.pasted_phrases import is_phrase, speaks_to_the_author
from storyboard.story.checks.pasted_sentences import asides, in_quotes, later_sentences
from storyboard.story.checks.pasted_shapes import narrowed, shape_of
from storyboard.story.checks.placeholders import FOREIGN_BRACES, PLACEHOLDER, fillable_names
from storyboard.story.findings import chain
from storyboard.story.symbols import FileNames, Let
from storyboard.syntax.tree import (
    Body,
    ForDecl,
    PhraseDecl,
    RunStatement,
    SceneDecl,
    Setting,
    ShotDecl,
    StoryDecl,
    TemplateDecl,
    Text,
)

_DIGIT = lazy_pattern(r"\d")
_ODD_ENDS = frozenset("?？؟,;")
_LATER = (" later", " later.", " here", " here.", " confirm", " approve", " review")
_BRACES = lazy_pattern(r"(?:\{|\}{1,3})[ \t]*[;,]?")
_TAG = lazy_pattern(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("「", "」"), ("«", "»"), ("„", "“"))
_BEGINS_NO_TEXT = ("", ".", "#", "．", "。")
"""Beginnings of lines that no ordinary text has."""
_OPENED = "([（【"
_DIRECTIONS = frozenset(("beat", "a beat", "pause", "long pause", "v.o.", "vo", "o.s.", "cont'd", "cont’d"))
"""What stands in brackets in a script, and tells an actor or the sound what to do."""
_FULL_STOPS = (".", "。")
_SETTINGS_STAND = "the duration goes in the shot's header; a setting is a line `.name value` above the text"
_WITHOUT_VALUE = "card"
"""Settings that take no value: a value is an error already, and is not checked further."""
_OF_THE_CREW = frozenset({"say", "caption", "note"})
"""Settings whose text is in no prompt."""
_SHOWN = frozenset({"say", "caption"})
"""Settings whose text is shown as it is: in subtitles, and on the contact sheet."""
_OF_THE_PROMPT = frozenset({"prefix", "suffix", "avoid", "negative"})
"""Settings whose text is sent."""
_FREE = frozenset({"card", "still", "clip"})
"""Settings of a shot whose text is not a prompt."""

_OF_LINES = frozenset(rule.code for rule in (BESIDE_THE_PICTURE, CHATTER, TABLE_OR_DATA, TIME_CODE, TITLE_LINE))
"""Rules only for lines of a text: the value of a `let` or `param` can well be a length, a ratio or a name in
capitals."""


LONGEST_LOOKED_INTO = 20_000
"""Longest text that is checked, in characters: a longer one is too long for any prompt, which is an error already."""


class _Known(NamedTuple):
    """The names that a text can insert, and the settings with the models that have them."""

    names: Mapping[str, str]
    settings: Mapping[str, list[ModelCard]]


class _Place(NamedTuple):
    """A text, with the body that contains it, if any."""

    text: Text
    body: Body | None
    level: str


def pasted(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Check the texts of the story's own file and of every file it imports: all of them may be sent."""
    for names in draft.files:
        yield from _file(names, draft.catalog)


def library_pasted(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    """Check the texts of a library."""
    yield from _file(names, catalog)


def texts_agree_with_their_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Report a text that names another length or shape than its shot has."""
    for shot in draft.shots:
        text = shot.seed.decl.body.text
        if text is not None and shot.own.local is None and SAYS_FIGURE.search(text.raw):
            yield from _said_otherwise(shot, text, draft.catalog)


def _said_otherwise(shot: DraftShot, text: Text, catalog: Catalog) -> Iterator[Diagnostic]:
    related = chain(shot.seed.scope.step)
    seconds = shot.seed.seconds
    said = SECONDS_SAID.search(text.raw) if seconds is not None else None
    if said is not None and int(said[1]) == seconds and _is_label_inside(text.raw, said):
        message = f"`{said[0]}` sets nothing here and would be sent as part of a prompt"
        yield UNUSUAL_LINE.at(text.span(*said.span()), message, help=_SETTINGS_STAND, related=related)
    elif said is not None and int(said[1]) != seconds:
        message = f"the text says {said[1]} seconds, but `{shot.seed.address}` lasts {seconds} s"
        help_ = "remove it, or write `{{ shot.seconds }}`"
        yield SAID_OTHERWISE.at(text.span(*said.span()), message, help=help_, related=related)
    ratio, shape = RATIO_SAID.search(text.raw), _ratio_of(shot, catalog)
    if ratio is not None and shape is not None and ratio[1] != shape:
        message = f"the text says {ratio[1]}, but `{shot.seed.address}` is {shape}"
        help_ = "remove it, or set `.aspect_ratio`"
        yield SAID_OTHERWISE.at(text.span(*ratio.span(1)), message, help=help_, related=related)


def _is_label_inside(raw: str, said: re.Match[str]) -> bool:
    """Whether a length is said by a label after a sentence, such as `Duration: 5s`; at the start of a line, that is
    reported already."""
    return (":" in said[0] or "：" in said[0]) and raw[: said.start()].rstrip(" \t")[-1:] not in ("", "\n")


def _ratio_of(shot: DraftShot, catalog: Catalog) -> Json:
    card = catalog.get(shot.look.model)
    return settle(card, shot.look.parameters).get("aspect_ratio") if card else None


def _file(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    known = _Known(fillable_names(names), settings_of(catalog))
    for place, settings in _bodies(names):
        for setting in settings:
            yield from _value(setting.value, setting.name.text, known)
        if place is not None:
            yield from _text(place, known)
    for symbol in names.declared:
        decl = symbol.decl
        if isinstance(symbol, Let):
            value = symbol.decl.value
            keyword = "param" if symbol.decl.is_param else "let"
            yield from _quoted(value, f"the text of {keyword} `{symbol.decl.name.text}`")
            if len(value.starts) == 1:
                yield from _comment_after(value, keyword)
            yield from _text(_Place(value, None, "let"), known)
        elif isinstance(decl, PhraseDecl):
            yield from _text(_Place(decl.text, None, "phrase"), known)


def _bodies(names: FileNames) -> Iterator[tuple[_Place | None, tuple[Setting, ...]]]:
    todo: list[object] = list(names.unit.file.statements)
    while todo:
        statement = todo.pop()
        if isinstance(statement, StoryDecl):
            yield (
                _Place(statement.body.text, statement.body, "story") if statement.body.text else None,
                statement.body.settings,
            )
        elif isinstance(statement, SceneDecl | ShotDecl):
            body = statement.body
            free = any(setting.name.text in _FREE for setting in body.settings)
            level = "shot" if isinstance(statement, ShotDecl) else "scene"
            yield (_Place(body.text, body, level) if body.text and not free else None), body.settings
        elif isinstance(statement, TemplateDecl | ForDecl):
            inner: tuple[RunStatement, ...] = statement.statements
            todo += inner


def _value(value: Text, name: str, known: _Known) -> Iterator[Diagnostic]:
    """Check the value of a setting."""
    if name in _SHOWN:
        yield from _quoted(value, f"`.{name}`", _spoken_from(value) if name == "say" else 0)
    if not value.raw or name in _OF_THE_CREW or name == _WITHOUT_VALUE:
        return
    if name in _OF_THE_PROMPT and is_suspicious(masked := _masked(value.raw)):
        line = masked.strip(" \t")
        yield from _line(_Place(value, None, "setting"), line, value.raw.index(value.raw.strip(" \t")), known)
    yield from _comment_after(value, f".{name}", is_text=name in _OF_THE_PROMPT)
    if name not in known.settings:  # of a parameter in quotes, its own error tells
        yield from _quoted(value, f"`.{name}`")
    yield from _invisible(value)


def _comment_after(value: Text, owner: str, *, is_text: bool = True) -> Iterator[Diagnostic]:
    found = TRAILING.search(_masked(value.raw))
    if found is None or (is_text and found[0].lstrip().startswith("//")):
        return
    span, fix = _comment_fix(value, found)
    message = f"this is part of the value of `{owner}`, not a comment"
    yield COMMENT_AFTER_VALUE.at(span, message, help="write the comment on the line above, at column 0", fix=fix)


def _comment_fix(text: Text, found: re.Match[str], at: int = 0) -> tuple[Span, Fix]:
    """Return the comment's place, and the fix that moves it to a line of its own above. `found` counts from `at`."""
    span = text.span(at + found.start(), at + found.end())
    whole = span.source.text
    begin = whole.rfind("\n", 0, span.start) + 1
    words = found[0].strip().lstrip("#/").strip()
    above = Edit(Span(span.source, begin, begin), f"# {words}\n")
    return Span(span.source, span.start + 1, span.end), Fix(
        "write the comment above", (above, Edit(span, "")), safe=True
    )


def _spoken_from(value: Text) -> int:
    """Return where the spoken words of a `.say` begin: after the speaker's name, if there is one."""
    from storyboard.story.film_settings import read_spoken  # its patterns take a millisecond: only where used

    return len(value.raw) - len(read_spoken(value.raw).text)


def _quoted(text: Text, owner: str, begin: int = 0) -> Iterator[Diagnostic]:
    """Report a text that is wholly in quotes from `begin` on."""
    raw = text.raw[begin:].strip(" \t")
    if len(raw) < 3 or "\n" in raw or (raw[0], raw[-1]) not in _QUOTES or set(raw[1:-1]) & {raw[0], raw[-1]}:
        return
    start = text.raw.index(raw, begin)
    span = text.span(start, start + len(raw))
    means_more = raw[1:-1].lstrip()[:1] in _BEGINS_NO_TEXT
    fix = Fix("remove the quotes", (Edit(span, raw[1:-1]),), safe=not means_more)
    yield QUOTED_VALUE.at(span, f"the quotes are part of {owner}", help="a text needs no quotes", fix=fix)


def _invisible(text: Text) -> Iterator[Diagnostic]:
    """Report each line with invisible characters."""
    if text.raw.isascii() or INVISIBLE.search(text.raw) is None:
        return
    at = 0
    for line in text.raw.split("\n"):
        found = list(INVISIBLE.finditer(line))
        if found:
            points = ", ".join(dict.fromkeys(f"U+{ord(each[0]):04X}" for each in found[:20]))
            edits = tuple(Edit(text.span(at + each.start(), at + each.end()), _visible(each[0])) for each in found)
            message = f"this text has invisible characters: {points}"
            yield INVISIBLE_LETTERS.at(
                edits[0].span, message, help="remove them", fix=Fix("remove them", edits, safe=True)
            )
        at += len(line) + 1


def _visible(invisible: str) -> str:
    """Return the text without them; a line separator becomes a space."""
    return " " if invisible in "\u2028\u2029" else ""


def _text(place: _Place, known: _Known) -> Iterator[Diagnostic]:
    text = place.text
    if len(text.raw) > LONGEST_LOOKED_INTO:
        return
    if place.level not in ("let", "story"):
        yield from _quoted(text, "the prompt" if place.level == "shot" else "the text")
    yield from _invisible(text)
    raw = _masked(text.raw)
    suspect = is_suspicious(raw)
    at = 0
    above_text = True
    for line in raw.split("\n"):
        content = line.strip(" \t\r")
        start = at + line.index(content)
        at += len(line) + 1
        if "a" <= content[:1] <= "z":
            span = text.span(start, start + len(content))
            last = at > len(raw)
            body = place.body is not None
            found = misplaced(span, content, known.settings, first=above_text, last=last, is_body=body)
            if found is not None:
                above_text = above_text and found.rule is SETTING_WITHOUT_DOT
                yield found
                continue
        above_text = above_text and not content
        if _BRACES.fullmatch(content) is not None:
            yield _brace(text.span(start, start + len(content)))
            continue
        if content and place.level != "story":
            told: list[Diagnostic] = []
            if suspect or _begins_oddly(content):
                told = list(_line(place, content, start, known, trailing=True))
                yield from told
            if place.level != "let":
                yield from _parts(place, content, start, known, told, suspect=suspect)


def _brace(span: Span) -> Diagnostic:
    """Report a line of nothing but curly braces, which other languages put around a body."""
    whole = span.source.text
    begin, end = whole.rfind("\n", 0, span.start) + 1, min(span.end + 1, len(whole))
    alone = not whole[begin : span.start].strip(" \t") and not whole[span.end : end].strip()
    fix = Fix("delete the line", (Edit(Span(span.source, begin, end), ""),)) if alone else None
    help_ = 'delete this line: what is indented under a header belongs to it; to keep the words, write `{{ "…" }}`'
    return TABLE_OR_DATA.at(span, "braces have no meaning around a body", help=help_, fix=fix)


def _begins_oddly(line: str) -> bool:
    """Whether the beginning or end of a line needs a closer look although it has no suspicious character."""
    last = line[-1]
    if last in _ODD_ENDS or ODD_START.match(line) is not None:
        return True
    if len(line) <= LONGEST_SETTING and _is_odd_when_short(line, last):
        return True
    if not line.isascii() and (OTHER_FIRST_WORDS.match(line) is not None or line.endswith(OTHER_LAST_WORDS)):
        return True
    return line.split(None, 1)[0].rstrip(",.!:;").lower() in FIRST_WORDS


def _is_odd_when_short(line: str, last: str) -> bool:
    if line.isupper() or (last not in ".!?。！" and _DIGIT.search(line) is not None):
        return True
    return line.endswith(_LATER) or is_phrase(line)


def _masked(raw: str) -> str:
    """Blank out text in braces, which is always intended."""
    if "{{" not in raw and "{%" not in raw:
        return raw
    return _TAG.sub(_blank, raw)


def _blank(tag: re.Match[str]) -> str:
    return "\n".join(["\ufffc" * len(line) for line in tag[0].split("\n")])


def _line(
    place: _Place, line: str, at: int, known: _Known, *, trailing: bool = False, inside: bool = False
) -> Iterator[Diagnostic]:
    """Check a line, or what is `inside` one. Comments may be `trailing` in a line of text."""
    text = place.text
    if line == text.raw and (line.isdigit() or (place.level == "let" and line.isalpha())):
        return  # the whole text of a shot is no list number, and a `let` may well be a single word
    line = narrowed(line)
    label = label_of(line)
    if label is not None and label.kind == "negative":
        yield _negatives(place, line, at, line[label.behind :].strip(" \t*_"))
        return
    negatives = NEGATIVE_LINE.match(line) or AVOID_LINE.match(line)
    if negatives is not None:
        yield _negatives(place, line, at, negatives[1].strip(" \t*_"))
        return
    kinds = _kinds_of(place, line)
    kind = kinds[0] if kinds else None
    if kind is not None and kind.rule is WORDY_LABEL and label is not None and holds_labels(line[label.behind :]):
        yield from _inner(place, line, at)  # a prompt that is written in labels
        return
    if kind is not None and not (kind.rule in (NO_PICTURES, BESIDE_THE_PICTURE) and _is_name(line, known)):
        if kind.anywhere:
            yield from _throughout(place, line, at, [each for each in kinds if each.anywhere], known)
        else:
            yield _of_kind(place, line, at, kind, (0, len(line)))
        return
    if label is not None and (place.level not in ("let", "setting") or (label.kind, place.level) == ("setting", "let")):
        yield from _labelled(place, line, at, label)
        return
    braces = list(_other_braces(text, line, at, known.names))
    yield from braces
    comment = TRAILING.search(line) if trailing else None
    if comment is not None:
        span, fix = _comment_fix(text, comment, at)
        message = "this is sent as part of the prompt; comments cannot follow text"
        yield TRAILING_COMMENT.at(span, message, help="put it on its own line, with `#` at column 0", fix=fix)
    inner = list(_inner(place, line, at))
    yield from inner
    if comment is None and not braces and not inner and place.level not in ("let", "setting"):
        shape = shape_of(line, inside=inside)
        if shape is not None and not (line == text.raw.strip(" \t") and line[0] == line[-1] == '"'):
            message = f"this looks like {shape.what}, and would be sent as part of a prompt"
            help_ = 'remove it, or write `.note`; to keep the words, write `{{ "…" }}`'
            yield UNUSUAL_LINE.at(text.span(at, at + len(line)), message, help=help_)


def _parts(
    place: _Place, line: str, at: int, known: _Known, told: list[Diagnostic], *, suspect: bool
) -> Iterator[Diagnostic]:
    """Report a later sentence or an aside of a line that would be reported as a line of its own. It is a warning at
    most, since what stands before it may well be meant.
    """
    taken = [(each.span.start, each.span.end) for each in told]
    for begin, end in (*_later(line, suspect=suspect), *_asides(line)):
        for each in _line(place, line[begin:end], at + begin, known, inside=True):
            span = each.span
            if not any(start < span.end and span.start < end for start, end in taken):
                taken.append((span.start, span.end))
                rule = each.rule if each.rule.severity is not Severity.ERROR else UNUSUAL_LINE
                yield rule.at(span, each.message, help=each.help)


def _later(line: str, *, suspect: bool) -> Iterator[tuple[int, int]]:
    """Yield the rest of a line from each later sentence on that may be something else than a prompt. What begins with
    a label is left to `_inner`, and a length is compared with that of its shot.
    """
    for begin in later_sentences(line):
        part = line[begin:]
        if USUAL_START.match(part) is not None:
            continue
        if ((suspect and is_suspicious(part)) or _begins_oddly(part)) and SECONDS_SAID.match(
            part.lstrip(_OPENED)
        ) is None:
            label = label_of(part) if part[0].isalpha() else None
            if label is None or not is_left_inside(label, part):
                yield begin, len(line)


def _asides(line: str) -> Iterator[tuple[int, int]]:
    """Yield what stands in square brackets, and in round ones if it is certainly no part of a prompt."""
    for begin, end in asides(line):
        inside = line[begin + 1 : end - 1].strip(" \t")
        label = label_of(inside)
        if (
            (line[begin] in "[【" and (" " in inside or not inside.isascii()))
            or (label is not None and label.kind in ("beside", "negative"))
            or inside.lower() in _DIRECTIONS
            or speaks_to_the_author(inside)
        ):
            yield begin, end


def _kinds_of(place: _Place, line: str) -> list[PastedKind]:
    """Return the kinds that a line matches: the first that counts here, with all that can be anywhere in a line."""
    if ANY_KIND.match(line) is None:
        return []
    found: list[PastedKind] = []
    for kind in KINDS:
        if (not found or (found[0].anywhere and kind.anywhere)) and _may_stand(kind, place.level):
            found += [kind] if kind.pattern.match(line) else []
    return found


def _throughout(place: _Place, line: str, at: int, kinds: list[PastedKind], known: _Known) -> Iterator[Diagnostic]:
    """Report all that stands between the words of a line, each at its place and once."""
    names = [found for found in PLACEHOLDER.finditer(line) if _name_in(found, known.names) is not None]
    told: list[tuple[int, int]] = [found.span() for found in names]
    yield from _other_braces(place.text, line, at, known.names)
    for kind in kinds:
        for begin, end in kind.places(line):
            if all(end <= start or stop <= begin for start, stop in told):
                told.append((begin, end))
                yield _of_kind(place, line, at, kind, (begin, end))
    yield from _inner(place, line, at)


def _may_stand(kind: PastedKind, level: str) -> bool:
    """Whether this kind of line counts at this level: values can well be lengths or begin with `+`."""
    if level == "setting":
        return kind.removes is None and kind.rule.code not in _OF_LINES and kind.rule is not LABEL
    return level != "let" or kind.rule.code not in _OF_LINES


def _is_name(line: str, known: _Known) -> bool:
    """Whether what looks like a reference to a picture is a declared name in foreign braces."""
    found = PLACEHOLDER.search(line)
    return found is not None and _name_in(found, known.names) is not None


def _labelled(place: _Place, line: str, at: int, label: PastedLabel) -> Iterator[Diagnostic]:
    """Report a known label, unless a pattern is more specific."""
    span = place.text.span(at, at + len(line))
    match label.kind:
        case "setting":
            message = f"`{label.words}` sets nothing here and would be sent as part of a prompt"
            yield LABEL.at(span, message, help=_SETTINGS_STAND)
        case "beside":
            yield _beside_the_picture(span)
        case _ if not holds_labels(line[label.behind :]):
            message = f"the label `{label.words}` would be sent as part of a prompt"
            yield WORDY_LABEL.at(span, message, help='remove it; to keep the words, write `{{ "…" }}`')
        case _:
            yield from _inner(place, line, at)


def _beside_the_picture(span: Span) -> Diagnostic:
    message = "this looks like dialogue, a caption or a sound, and would be sent as part of a prompt"
    help_ = "write `.say` for spoken words, `.caption` for words on the screen, `.note` for the crew"
    return BESIDE_THE_PICTURE.at(span, message, help=help_)


def _inner(place: _Place, line: str, at: int) -> Iterator[Diagnostic]:
    """Report a label after a sentence of a line, such as `She waits. Seed: 42.`"""
    avoided = AVOID_INSIDE.search(line) if place.level not in ("let", "setting") else None
    if avoided is not None and in_quotes(line, avoided.start(1)):
        avoided = None
    if avoided is not None:
        yield _avoided(place, place.text.span(at + avoided.start(1), at + avoided.end(1)), avoided[2])
        return
    label = inner_label(line)
    if label is None or (place.level in ("let", "setting") and label.kind == "beside"):
        return
    span = place.text.span(at + label.start, at + label.end)
    if label.kind == "negative":
        yield _avoided(place, span, line[label.behind : label.end])
    elif label.kind == "beside":
        yield _beside_the_picture(span)
    elif SECONDS_SAID.match(line, label.start) is None:  # a length is compared with that of the shot
        message = f"`{label.words}` sets nothing here and would be sent as part of a prompt"
        yield UNUSUAL_LINE.at(span, message, help=_SETTINGS_STAND)


def _avoided(place: _Place, span: Span, items: str) -> Diagnostic:
    """Report things to avoid in the middle of a line. The fix takes them, and the full stop behind them, out."""
    setting = "avoid" if place.level == "shot" else "negative"
    fix = None
    if items and place.level == "shot" and place.body is not None and "\ufffc" not in items and not _avoids(place.body):
        right = f".{setting} {items.strip()}"
        whole, first = span.source.text, place.text.offset(0)
        indent = whole[whole.rfind("\n", 0, first) + 1 : first]
        begin = len(whole[: span.start].rstrip(" \t"))
        end = span.end + (whole[span.end : span.end + 1] in _FULL_STOPS)
        edits = (Edit(Span(span.source, first, first), f"{right}\n{indent}"), Edit(Span(span.source, begin, end), ""))
        fix = Fix(f"write `{right}`", edits)
    message = "things to avoid would be sent as things to show"
    return LABEL.at(span, message, help=f"write `.{setting} …` above the text", fix=fix)


def _negatives(place: _Place, line: str, at: int, items: str) -> Diagnostic:
    text, span = place.text, place.text.span(at, at + len(line))
    setting = "avoid" if place.level == "shot" else "negative"
    fix = None
    if items and place.level == "shot" and place.body is not None and "\ufffc" not in items and not _avoids(place.body):
        right = f".{setting} {items.rstrip('.')}"
        first = text.offset(0)
        whole = span.source.text
        begin, end = whole.rfind("\n", 0, span.start) + 1, whole.find("\n", span.end)
        indent = whole[whole.rfind("\n", 0, first) + 1 : first]
        if begin > first:
            gone = Edit(Span(span.source, begin, len(whole) if end < 0 else end + 1), "")
            fix = Fix(f"write `{right}`", (Edit(Span(span.source, first, first), f"{right}\n{indent}"), gone))
        else:
            fix = Fix(f"write `{right}`", (Edit(span, right),))
    message = "things to avoid would be sent as things to show"
    return LABEL.at(span, message, help=f"write `.{setting} …` above the text", fix=fix)


def _avoids(body: Body) -> bool:
    return any(setting.name.text == "avoid" for setting in body.settings)


def _of_kind(place: _Place, line: str, at: int, kind: PastedKind, stands: tuple[int, int]) -> Diagnostic:
    span = place.text.span(at + stands[0], at + stands[1])
    found = kind.pattern.match(line)
    assert found is not None
    fix = None
    if kind.removes is not None and found.end(kind.removes) < len(line):
        edit = Edit(place.text.span(at, at + found.end(kind.removes)), "")
        fix = Fix(f"remove `{found[kind.removes].strip()}`", (edit,))
    elif kind.note is not None and "\ufffc" not in line and place.body is not None:
        whole = span.source.text
        begin = whole.rfind("\n", 0, span.start) + 1
        if not whole[begin : span.start].strip(" \t"):
            comment = Edit(Span(span.source, begin, span.end), f"# {found[kind.note]}")
            fix = Fix("make it a comment", (comment,), safe=True)
    message = f"this looks like {kind.what}, and would be sent as part of a prompt"
    return kind.rule.at(span, message, help=f'{kind.way_out}; to keep the words, write `{{{{ "…" }}}}`', fix=fix)


def _other_braces(text: Text, line: str, at: int, names: Mapping[str, str]) -> Iterator[Diagnostic]:
    told = 0
    for found in PLACEHOLDER.finditer(line):
        name = _name_in(found, names)
        if name is not None:
            rule = AT_NAME if found["bracket"] or found["mention"] else OTHER_BRACES
            yield _fill_in(rule, text.span(at + found.start(), at + found.end()), name)
            told = found.end()
    stray = FOREIGN_BRACES.search(line, told)
    if stray is not None:
        span = text.span(at + stray.start(), at + stray.end())
        message = f"`{span.text}` inserts nothing, and would be sent as it is"
        help_ = f'write `{{{{ name }}}}` to insert a name; if it is meant literally: `{{{{ "{span.text}" }}}}`'
        yield AT_NAME.at(span, message, help=help_)


def _name_in(found: re.Match[str], names: Mapping[str, str]) -> str | None:
    """Return the declared name inside foreign braces, ignoring case."""
    return names.get(normalize("NFC", next(filter(None, found.groups()))).casefold())


def _fill_in(rule: Rule, span: Span, name: str) -> Diagnostic:
    right = f"{{{{ {name} }}}}"
    fix = Fix(f"write `{right}`", (Edit(span, right),), safe=rule is OTHER_BRACES)
    message = f"`{span.text}` inserts nothing and is sent as written"
    return rule.at(span, message, help=f"write `{right}`", fix=fix)
