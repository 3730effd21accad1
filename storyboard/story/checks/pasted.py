"""Text that was pasted along and never meant as a prompt, told before it is paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from storyboard.cards.model_card import Catalog, Json, ModelCard
from storyboard.cards.requirements import settle
from storyboard.diagnostics import Diagnostic, Edit, Fix, Rule
from storyboard.diagnostics.rules.pasted import (
    AT_NAME,
    BESIDE_THE_PICTURE,
    CHATTER,
    COMMENT_AFTER_VALUE,
    INVISIBLE_LETTERS,
    LABEL,
    OTHER_BRACES,
    SAID_OTHERWISE,
    TABLE_OR_DATA,
    TIME_CODE,
    TITLE_LINE,
    TRAILING_COMMENT,
)
from storyboard.diagnostics.rules.text import QUOTED_VALUE
from storyboard.source import Span
from storyboard.story.checked_draft import CheckedDraft, DraftShot
from storyboard.story.checks.misplaced import misplaced, settings_of
from storyboard.story.checks.pasted_patterns import (
    AVOID_LINE,
    INVISIBLE,
    KINDS,
    NEGATIVE_LINE,
    PREFILTER,
    RATIO_SAID,
    SECONDS_SAID,
    TRAILING,
    PastedKind,
)
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

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BRACED = re.compile(r"(?<!\{)\$?\{[ \t]*([^\W\d]\w*)[ \t]*\}(?!\})")
_SIGNED = re.compile(r"(?<![\w@])(?:@([^\W\d]\w*)|<([^\W\d]\w*)>|\[([^\W\d]\w*)\]|%([^\W\d]\w*)%|\$([^\W\d]\w*))")
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("「", "」"), ("«", "»"), ("„", "“"))
_OF_THE_CREW = frozenset({"say", "caption", "note"})
"""Settings whose words enter no prompt."""
_FREE = frozenset({"card", "still", "clip"})
"""Settings of a shot whose text is no prompt."""

_OF_LINES = frozenset(rule.code for rule in (BESIDE_THE_PICTURE, CHATTER, TABLE_OR_DATA, TIME_CODE, TITLE_LINE))
"""Rules for lines of a text: the value of a `let` or `param` may well be a length, a ratio or a name in capitals."""


class _Known(NamedTuple):
    """The names that a text may fill in, and the settings with the models that have them."""

    names: frozenset[str]
    settings: Mapping[str, list[ModelCard]]


class _Place(NamedTuple):
    """A text with the body that it stands in, where there is one."""

    text: Text
    body: Body | None
    level: str


def pasted(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """Go through the texts of the story's own file."""
    yield from _file(draft.names, draft.catalog)


def library_pasted(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    """Go through the texts of a library."""
    yield from _file(names, catalog)


def texts_agree_with_their_shots(draft: CheckedDraft) -> Iterator[Diagnostic]:
    """A text that says another length or another shape than its shot has."""
    for shot in draft.shots:
        text = shot.seed.decl.body.text
        if text is not None and shot.own.local is None and any(sign.isdigit() for sign in text.raw):
            yield from _said_otherwise(shot, text, draft.catalog)


def _said_otherwise(shot: DraftShot, text: Text, catalog: Catalog) -> Iterator[Diagnostic]:
    related = chain(shot.seed.scope.step)
    seconds = shot.seed.seconds
    if seconds is not None and (said := SECONDS_SAID.search(text.raw)) and int(said[1]) != seconds:
        message = f"the text says {said[1]} seconds; `{shot.seed.address}` lasts {seconds} s"
        help_ = "take it out, or write `{{ shot.seconds }}`"
        yield SAID_OTHERWISE.at(text.span(*said.span()), message, help=help_, related=related)
    ratio, shape = RATIO_SAID.search(text.raw), _ratio_of(shot, catalog)
    if ratio is not None and shape is not None and ratio[1] != shape:
        message = f"the text says {ratio[1]}; `{shot.seed.address}` is {shape}"
        help_ = "take it out, or set `.aspect_ratio`"
        yield SAID_OTHERWISE.at(text.span(*ratio.span(1)), message, help=help_, related=related)


def _ratio_of(shot: DraftShot, catalog: Catalog) -> Json:
    card = catalog.get(shot.look.model)
    return settle(card, shot.look.parameters).get("aspect_ratio") if card else None


def _file(names: FileNames, catalog: Catalog) -> Iterator[Diagnostic]:
    known = _Known(_names_in(names), settings_of(catalog))
    for place, settings in _bodies(names):
        for setting in settings:
            yield from _value(setting.value, setting.name.text)
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


def _names_in(names: FileNames) -> frozenset[str]:
    """Every name that a text of the file might fill in, parameters and loop variables among them."""
    found = {symbol.decl.name.text for symbol in names.declared}
    todo: list[object] = list(names.unit.file.statements)
    while todo:
        statement = todo.pop()
        if isinstance(statement, PhraseDecl | TemplateDecl):
            found.update(parameter.name.text for parameter in statement.parameters)
        if isinstance(statement, ForDecl):
            found.add(statement.variable.text)
        if isinstance(statement, TemplateDecl | ForDecl):
            todo += statement.statements
    return frozenset(found)


def _value(value: Text, name: str) -> Iterator[Diagnostic]:
    """A setting's value."""
    if not value.raw or name in _OF_THE_CREW:
        return
    yield from _comment_after(value, f".{name}")
    yield from _quoted(value, f"`.{name}`")
    yield from _invisible(value)


def _comment_after(value: Text, owner: str) -> Iterator[Diagnostic]:
    found = TRAILING.search(_masked(value.raw))
    if found is None or found[0].lstrip().startswith("//"):
        return
    span, fix = _comment_fix(value, found)
    message = f"this is part of the value of `{owner}`, not a comment"
    yield COMMENT_AFTER_VALUE.at(span, message, help="write the comment on the line above, at column 0", fix=fix)


def _comment_fix(text: Text, found: re.Match[str], at: int = 0) -> tuple[Span, Fix]:
    """The comment's place, and the fix that moves it to a line of its own above; `found` counts from `at`."""
    span = text.span(at + found.start(), at + found.end())
    whole = span.source.text
    begin = whole.rfind("\n", 0, span.start) + 1
    words = found[0].strip().lstrip("#/").strip()
    above = Edit(Span(span.source, begin, begin), f"# {words}\n")
    return Span(span.source, span.start + 1, span.end), Fix("write the comment above", (above, Edit(span, "")))


def _quoted(text: Text, owner: str) -> Iterator[Diagnostic]:
    raw = text.raw.strip(" \t")
    if len(raw) < 3 or "\n" in raw or (raw[0], raw[-1]) not in _QUOTES or set(raw[1:-1]) & {raw[0], raw[-1]}:
        return
    start = text.raw.index(raw)
    span = text.span(start, start + len(raw))
    fix = Fix("take the quotes away", (Edit(span, raw[1:-1]),))
    yield QUOTED_VALUE.at(span, f"the quotes are part of {owner}", help="a text needs no quotes", fix=fix)


def _invisible(text: Text) -> Iterator[Diagnostic]:
    if text.raw.isascii():
        return
    found = list(INVISIBLE.finditer(text.raw))
    if not found:
        return
    points = ", ".join(dict.fromkeys(f"U+{ord(each[0]):04X}" for each in found[:20]))
    edits = tuple(Edit(text.span(*each.span()), "") for each in found)
    message = f"this text has letters that show nothing: {points}"
    fix = Fix("take them out", edits)
    yield INVISIBLE_LETTERS.at(text.span(*found[0].span()), message, help="take them out", fix=fix)


def _text(place: _Place, known: _Known) -> Iterator[Diagnostic]:
    text = place.text
    if place.level not in ("let", "story"):
        yield from _quoted(text, "the prompt" if place.level == "shot" else "the text")
    yield from _invisible(text)
    masked = _masked(text.raw)
    suspect = place.level != "story" and PREFILTER.search(masked) is not None
    at = 0
    for number, line in enumerate(masked.split("\n")):
        content = line.strip(" \t")
        start = at + line.index(content)
        at += len(line) + 1
        if "a" <= content[:1] <= "z":
            span = text.span(start, start + len(content))
            found = misplaced(span, content, known.settings, first=number == 0, is_body=place.body is not None)
            if found is not None:
                yield found
                continue
        if suspect and content:
            yield from _line(place, content, start, known)


def _masked(raw: str) -> str:
    """The text with what braces fill in blanked out: it means what it says."""
    if "{{" not in raw and "{%" not in raw:
        return raw
    return _TAG.sub(lambda tag: re.sub(r"[^\n]", "\ufffc", tag[0]), raw)


def _line(place: _Place, line: str, at: int, known: _Known) -> Iterator[Diagnostic]:
    text = place.text
    negatives = NEGATIVE_LINE.match(line) or AVOID_LINE.match(line)
    if negatives is not None:
        yield _negatives(place, line, at, negatives[1].strip(" \t*_"))
        return
    kinds = (kind for kind in KINDS if place.level != "let" or kind.rule.code not in _OF_LINES)
    kind = next((kind for kind in kinds if kind.pattern.match(line)), None)
    if kind is not None:
        yield _of_kind(place, line, at, kind)
        return
    yield from _other_braces(text, line, at, known.names)
    trailing = TRAILING.search(line)
    if trailing is not None:
        span, fix = _comment_fix(text, trailing, at)
        message = "this is sent as part of the prompt: behind a text there is no comment"
        yield TRAILING_COMMENT.at(span, message, help="write it on a line of its own, `#` at column 0", fix=fix)


def _negatives(place: _Place, line: str, at: int, items: str) -> Diagnostic:
    text, span = place.text, place.text.span(at, at + len(line))
    setting = "avoid" if place.level == "shot" else "negative"
    fix = None
    if items and place.body is not None and "\ufffc" not in items:
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
    message = "what should not be seen would be sent as what should"
    return LABEL.at(span, message, help=f"write `.{setting} …` above the text", fix=fix)


def _of_kind(place: _Place, line: str, at: int, kind: PastedKind) -> Diagnostic:
    span = place.text.span(at, at + len(line))
    found = kind.pattern.match(line)
    assert found is not None
    fix = None
    if kind.removes is not None and found.end(kind.removes) < len(line):
        edit = Edit(place.text.span(at, at + found.end(kind.removes)), "")
        fix = Fix(f"take `{found[kind.removes].strip()}` away", (edit,))
    elif kind.note is not None and "\ufffc" not in line and place.body is not None:
        whole = span.source.text
        begin = whole.rfind("\n", 0, span.start) + 1
        if not whole[begin : span.start].strip(" \t"):
            fix = Fix("make it a comment", (Edit(Span(span.source, begin, span.end), f"# {found[kind.note]}"),))
    message = f"this looks like {kind.what}, and would be sent as part of a prompt"
    return kind.rule.at(span, message, help=f'{kind.way_out}; meant as it is: `{{{{ "…" }}}}`', fix=fix)


def _other_braces(text: Text, line: str, at: int, known: frozenset[str]) -> Iterator[Diagnostic]:
    for found in _BRACED.finditer(line):
        if found[1] in known:
            yield _fill_in(OTHER_BRACES, text.span(at + found.start(), at + found.end()), found[1])
    for found in _SIGNED.finditer(line):
        name = next(filter(None, found.groups()))
        if name in known:
            yield _fill_in(AT_NAME, text.span(at + found.start(), at + found.end()), name)


def _fill_in(rule: Rule, span: Span, name: str) -> Diagnostic:
    right = f"{{{{ {name} }}}}"
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    message = f"`{span.text}` fills in nothing, and is sent as it is"
    return rule.at(span, message, help=f"write `{right}`", fix=fix)
