"""Build the statement of one header from the grammar's tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias
from unicodedata import is_normalized, normalize

from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.rules import reading
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax.full_width import in_ascii_digits, narrow
from storyboard.syntax.grammar import quick_shot
from storyboard.syntax.lalr import GrammarToken, Node
from storyboard.syntax.quoting import quoted
from storyboard.syntax.tree import (
    Argument,
    Body,
    DurationValue,
    EditionDecl,
    ForDecl,
    Given,
    ImportDecl,
    LetDecl,
    LoopValue,
    Name,
    NameValue,
    NumberValue,
    Parameter,
    PhraseDecl,
    RangeValue,
    RunStatement,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    Statement,
    StoryDecl,
    StringValue,
    TemplateDecl,
    Text,
    UseDecl,
    WordsValue,
)

RESERVED = frozenset(
    (
        *("and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"),
        *("story", "scene", "shot"),
    )
)
"""Reserved names."""

BodyParts: TypeAlias = "Body | Text | tuple[RunStatement, ...] | None"
"""What was indented under a header, as its keyword takes it; None if there was nothing, or it takes none."""

_ESCAPE = lazy_pattern(r"\\(u\{([0-9A-Fa-f]{1,6})\}|.)", re.DOTALL)
_SIMPLE_ESCAPES = {'"': '"', "\\": "\\", "n": "\n"}
_RANGE = lazy_pattern(r"(-?[0-9]{1,15})[ \t]*\.\.[ \t]*(-?[0-9]{1,15})")
_ODD_RANGE = lazy_pattern(r"(-?[0-9]{1,15})[ \t]*(?:\.{3}|…|\.\.[=<])[ \t]*(-?[0-9]{1,15})")
_COUNTED = lazy_pattern(r"(-?[0-9]{1,15})[ \t]*(?:[-–—~〜:→至到]|->|to|until|bis|à|a)[ \t]*(-?[0-9]{1,15})")
_IN_CODE = lazy_pattern(r"(?:range|seq|list|x?range|enumerate)[ \t]*\([ \t]*([0-9]{1,6})?")
_OTHER_COMMA = lazy_pattern(
    r"[ \t]*[;；|/][ \t]*|[ \t]+(?:and|or|und|et|y|و)[ \t]+|(?<=[^\x00-\x7f])[和与及](?=[^\x00-\x7f])"
)
_DURATION = lazy_pattern(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)s")
_NUMBER = lazy_pattern(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_BLANKS = lazy_pattern(r"[ \t]+")


@dataclass(slots=True)
class Builder:
    """Builds the statement of one header. Mistakes that the grammar cannot see are collected in `found`."""

    source: Source
    span: Span
    body: BodyParts
    found: list[Diagnostic] = field(default_factory=list)

    def build(self, tree: Node) -> tuple[Statement, GrammarToken | None]:
        """Return the statement, and the comment after its header."""
        make: Callable[..., Statement] = getattr(self, f"_{tree.rule}")
        if tree.rule in ("let", "param"):
            return make(*tree.children), None
        *parts, comment = tree.children
        return make(*parts), comment

    def _edition(self, number: GrammarToken) -> EditionDecl:
        return EditionDecl(self.span, self._number(number))

    def _story(self, title: GrammarToken, promise: GrammarToken | None) -> StoryDecl:
        return StoryDecl(self.span, self._plain(title), self._promise(promise), self._settings_and_text())

    def _import(self, path: GrammarToken, alias: GrammarToken | None) -> ImportDecl:
        return ImportDecl(self.span, self._plain(path), None if alias is None else self._name(alias))

    def _let(self, name: GrammarToken, value: GrammarToken | None) -> LetDecl:
        text = self.body if value is None and isinstance(self.body, Text) else self._text(value)
        return LetDecl(self.span, self._name(name), text, is_param=False)

    def _param(self, name: GrammarToken, value: GrammarToken | None) -> LetDecl:
        return LetDecl(self.span, self._name(name), self._text(value), is_param=True)

    def _choice(self, name: GrammarToken, values: Node) -> LetDecl:
        items = tuple(self._loop_value(token) for token in values.children)
        self.found.extend(_ranges(items))
        return LetDecl(self.span, self._name(name), self._text_of(items[0]), is_param=True, choices=items)

    def _text_of(self, value: LoopValue) -> Text:
        """Return a value of a list as the text that it stands for."""
        if isinstance(value, StringValue):
            return value.text
        written = value.words if isinstance(value, WordsValue) else value.span.text
        return Text(self.source, written, (value.span.start,))

    def _phrase(self, name: GrammarToken, parameters: Node) -> PhraseDecl:
        text = self.body if isinstance(self.body, Text) else self._text(None)
        return PhraseDecl(self.span, self._name(name), self._parameters(parameters), text)

    def _template(self, name: GrammarToken, parameters: Node) -> TemplateDecl:
        return TemplateDecl(self.span, self._name(name), self._parameters(parameters), self._statements())

    def _use(self, template: GrammarToken, arguments: Node, label: GrammarToken | None) -> UseDecl:
        given = tuple(self._given(*child.children) for child in arguments.children)
        return UseDecl(self.span, self._dotted(template), given, None if label is None else self._address(label))

    def _for(self, variable: GrammarToken, values: Node) -> ForDecl:
        items = tuple(self._loop_value(token) for token in values.children)
        self.found.extend(_odd_values(items) or _runs_once(items))
        return ForDecl(self.span, self._name(variable), items, self._statements())

    def _scene(self, name: GrammarToken, title: GrammarToken | None, promise: GrammarToken | None) -> SceneDecl:
        plain = None if title is None else self._plain(title)
        return SceneDecl(self.span, self._address(name), plain, self._promise(promise), self._settings_and_text())

    def _shot(self, name: GrammarToken, length: GrammarToken) -> ShotDecl:
        lasts = self._duration(length) if length.kind == "DURATION" else NameValue(self._dotted(length))
        return ShotDecl(self.span, self._address(name), lasts, self._settings_and_text())

    def _split(self) -> SplitDecl:
        return SplitDecl(self.span)

    def _settings_and_text(self) -> Body:
        return self.body if isinstance(self.body, Body) else Body()

    def _statements(self) -> tuple[RunStatement, ...]:
        return () if self.body is None or isinstance(self.body, Body | Text) else self.body

    def _parameters(self, tree: Node) -> tuple[Parameter, ...]:
        return tuple(self._parameter(*child.children) for child in tree.children)

    def _parameter(self, name: GrammarToken, default: GrammarToken | None = None) -> Parameter:
        return Parameter(self._name(name), None if default is None else self._argument(default))

    def _given(self, name: GrammarToken | None, token: GrammarToken) -> Given:
        value = self._argument(token)
        if name is None:
            return Given(None, value, value.span)
        return Given(self._name(name), value, Span(self.source, name.start, value.span.end))

    def _argument(self, token: GrammarToken) -> Argument:
        match token.kind:
            case "STRING":
                return self._string(token)
            case "NUMBER":
                return self._number(token)
            case "DURATION":
                return self._duration(token)
            case _:
                return NameValue(self._dotted(token))

    def _loop_value(self, token: GrammarToken) -> LoopValue:
        if token.kind == "STRING":
            return self._plain(token)
        span = self._at(token)
        if match := _DURATION.fullmatch(token.text):
            return DurationValue(Decimal(match[1]), token.text, span)
        if _NUMBER.fullmatch(token.text):
            return NumberValue(Decimal(token.text), token.text, span)
        if match := _RANGE.fullmatch(token.text):
            return RangeValue(int(match[1]), int(match[2]), span)
        return WordsValue(_nfc(_BLANKS.sub(" ", token.text)), span)

    def _promise(self, token: GrammarToken | None) -> DurationValue | None:
        return None if token is None else self._duration(token)

    def _duration(self, token: GrammarToken) -> DurationValue:
        return DurationValue(_seconds(token.text), token.text, self._at(token))

    def _number(self, token: GrammarToken) -> NumberValue:
        return NumberValue(Decimal(token.text), token.text, self._at(token))

    def _text(self, token: GrammarToken | None) -> Text:
        if token is None:
            return Text(self.source, "", (self.span.end,))
        return Text(self.source, token.text, (token.start,))

    def _plain(self, token: GrammarToken) -> StringValue:
        """Return a string in which `{{ }}` is not allowed."""
        self._refuse_filling(self._at(token))
        return self._string(token)

    def _refuse_filling(self, span: Span) -> None:
        written = span.text
        place = min((at for at in (written.find("{{"), written.find("{%")) if at >= 0), default=None)
        if place is not None:
            start = span.start + place
            self.found.append(
                reading.FILLED_HEADER.at(
                    Span(self.source, start, start + 2),
                    "`{{ }}` is not allowed in a header",
                    help="write the words themselves; `{{ }}` works in text, settings and the strings of `use`",
                )
            )

    def _string(self, token: GrammarToken) -> StringValue:
        start = token.start
        inner = token.text[1:-1]
        value = _ESCAPE.sub(lambda match: self._escape(match, start + 1), inner) if "\\" in inner else inner
        return StringValue(value, Text(self.source, value, (start + 1,)), self._at(token))

    def _escape(self, match: re.Match[str], base: int) -> str:
        character = _character(int(match[2], 16)) if match[2] else _SIMPLE_ESCAPES.get(match[1])
        if character is None:
            self.found.append(_unknown_escape(Span(self.source, base + match.start(), base + match.end())))
        return character or ""

    def _name(self, token: GrammarToken) -> Name:
        """Return a name that may be used inside `{{ }}`."""
        return self._judge(token, token.text)

    def _address(self, token: GrammarToken) -> Name:
        """Return the name of a scene, shot or label: `-` may stand in it, and it may begin with a digit."""
        shape = token.text.replace("-", "_")
        is_numbered = shape[:1].isdecimal() and not _DURATION.fullmatch(in_ascii_digits(token.text))
        return self._judge(token, f"_{shape}" if is_numbered else shape)

    def _dotted(self, token: GrammarToken) -> Name:
        """Return a name, or a name of an import."""
        first, dot, second = token.text.partition(".")
        if dot and second in RESERVED:
            return self._judge(token, second)
        return self._judge(token, first + "_" + second if dot and second.isidentifier() else token.text)

    def _judge(self, token: GrammarToken, shape: str) -> Name:
        name = Name(_nfc(token.text), self._at(token))
        if shape in RESERVED:
            self.found.append(_reserved(name, shape))
        elif not shape.isidentifier() and not _nfc(shape).isidentifier():
            self.found.append(_ill_formed(name))
        return name

    def _at(self, token: GrammarToken) -> Span:
        return Span(self.source, token.start, token.end)


def plain_shot(source: Source, start: int, end: int) -> tuple[Name, DurationValue] | None:
    """Name and length of a header that is a plain `shot name 5s` with nothing wrong; None for all else."""
    parts = quick_shot(source.text, start, end)
    if parts is None:
        return None
    shape = parts.name.replace("-", "_")
    if shape in RESERVED or not shape.isidentifier():
        return None
    name = Name(_nfc(parts.name), Span(source, parts.name_start, parts.name_start + len(parts.name)))
    at = Span(source, parts.length_start, parts.length_start + len(parts.length))
    return name, DurationValue(_seconds(parts.length), parts.length, at)


@lru_cache(maxsize=1000)
def _seconds(written: str) -> Decimal:
    return Decimal(written[:-1])


def _nfc(text: str) -> str:
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)


def _character(number: int) -> str | None:
    """Return a character by its number; none for characters that a file cannot contain."""
    if number < 0x20 and number not in (0x9, 0xA):
        return None
    if 0x7F <= number < 0xA0 or 0xD800 <= number < 0xE000 or number > 0x10FFFF:
        return None
    return chr(number)


def _unknown_escape(span: Span) -> Diagnostic:
    return reading.STRING_ESCAPE.at(
        span,
        f"`{span.text}` is not an escape that strings have",
        help='write `\\\\` for a backslash; the other escapes are `\\"`, `\\n` and `\\u{…}`',
    )


def _reserved(name: Name, word: str) -> Diagnostic:
    return reading.NAME_RESERVED.at(
        name.span,
        f"`{word}` is a reserved word and cannot be a name",
        help="choose another name",
    )


def _ill_formed(name: Name) -> Diagnostic:
    text = name.text
    from storyboard.syntax.odd_lengths import odd_length, written

    ascii_digits = in_ascii_digits(text)
    odd = odd_length(f"x {ascii_digits}")
    right = ascii_digits if _DURATION.fullmatch(ascii_digits) else written(odd.seconds) if odd and odd.seconds else text
    if right != text:
        return reading.FULL_WIDTH.at(
            name.span,
            f"{quoted(text)} is another way to write the duration `{right}`",
            help=f"write `{right}`",
            fix=Fix(f"write `{right}`", (Edit(name.span, right),), safe=True),
        )
    narrowed = narrow(text)
    if narrowed != text and _DURATION.fullmatch(narrowed):
        return reading.FULL_WIDTH.at(
            name.span,
            f"{quoted(text)} is written in full-width characters",
            help=f"write `{narrowed}`",
            fix=Fix(f"write `{narrowed}`", (Edit(name.span, narrowed),), safe=True),
        )
    bare = text.rstrip(".,;:)")
    if bare != text and bare.replace("-", "_").replace("0", "_").isidentifier() | bare.isdecimal():
        fix = Fix(f"write `{bare}`", (Edit(name.span, bare),), safe=True)
        return reading.NAME_FORM.at(name.span, f"{quoted(text)} cannot be a name", help=f"write `{bare}`", fix=fix)
    way_out = "a name is a letter or `_`, then letters, digits and `_`"
    if "-" in text and text.replace("-", "_").isidentifier():
        way_out = f"write {quoted(text.replace('-', '_'))}; only names of scenes, shots and labels can contain `-`"
    elif "." in text:
        way_out = "a dot is allowed only between the name of an import and a name in it"
    return reading.NAME_FORM.at(name.span, f"{quoted(text)} cannot be a name", help=way_out)


def _runs_once(values: tuple[LoopValue, ...]) -> list[Diagnostic]:
    """Report the only value of a loop if it was certainly meant as several."""
    value = values[0]
    words = value.words if isinstance(value, WordsValue) and len(values) == 1 else ""
    if found := _COUNTED.fullmatch(words):
        right = f"{found[1]}..{found[2]}"
        way_out, fix = f"write `{right}`; both ends are included", Fix(f"write `{right}`", (Edit(value.span, right),))
    elif found := _IN_CODE.match(words):
        way_out, fix = f"write `1..{found[1] or 3}`; both ends are included", None
    elif _OTHER_COMMA.search(words):
        right = ", ".join(each for each in _OTHER_COMMA.split(words) if each)
        way_out, fix = f"write `{right}`", Fix(f"write `{right}`", (Edit(value.span, right),))
    elif " " in words or "(" in words:
        way_out, fix = "put commas between the values; a value of several words needs quotes", None
    else:
        return []
    return [reading.FOR_FORM.at(value.span, f"this loop would run once, with {quoted(words)}", help=way_out, fix=fix)]


def _ranges(values: tuple[LoopValue, ...]) -> list[Diagnostic]:
    """Report ranges among the allowed values of a `param`."""
    return [
        reading.HEADER_FORM.at(
            value.span,
            "a `param` takes single values, not a range",
            help="write each value, such as `param count in 1, 2, 3`",
        )
        for value in values
        if isinstance(value, RangeValue)
    ]


def _odd_values(values: tuple[LoopValue, ...]) -> list[Diagnostic]:
    """Report values of a loop that were certainly meant as a range, or as code."""
    found = []
    for value in values:
        words = value.words if isinstance(value, WordsValue) else ""
        if words.count("(") != words.count(")"):
            found.append(
                reading.FOR_FORM.at(
                    value.span,
                    f"{quoted(words)} has an unmatched parenthesis",
                    help="separate the values with commas, or write a range `1..3`; put values with special "
                    "characters in quotes",
                )
            )
        elif dots := _ODD_RANGE.fullmatch(words):
            right = f"{dots[1]}..{dots[2]}"
            fix = Fix(f"write `{right}`", (Edit(value.span, right),), safe=True)
            found.append(
                reading.FOR_FORM.at(
                    value.span,
                    "a range is written with two dots",
                    help=f"write `{right}`; both ends are included",
                    fix=fix,
                )
            )
    return found
