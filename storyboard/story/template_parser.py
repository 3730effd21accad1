"""Cut a text into literal parts and tags: `{{ }}`, `{% if %}`. Jinja is loaded only for tags that are not plain."""

from __future__ import annotations

import re
from functools import lru_cache

from storyboard.diagnostics import Rule
from storyboard.diagnostics.limits import DEEPEST_IF
from storyboard.diagnostics.rules.text import OFF_THE_LIST, TOO_DEEP, UNBALANCED_IF, UNREADABLE
from storyboard.fast_dataclasses import dataclass, field
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.story.expression import Branch, Conditional, Expression, Parsed, Part, Printed, TagProblem
from storyboard.story.quick_expression import read_plain

MOST_PROBLEMS = 100
"""Most problems that are reported for one text; the rest of it is not read."""

_OPENING = lazy_pattern(r"\{[{%]")
_STRINGS = r'"(?>(?:[^"\\]|\\.)*)"' + r"|'(?>(?:[^'\\]|\\.)*)'"
# Atomic groups, not `(?:…)*+`: Python before 3.11.5 matches a possessive group wrongly.
_PRINT = rf"\{{\{{((?>(?:{_STRINGS}|[^\"'{{}}]++|\{{(?![{{%])|\}}(?!\}}))*))\}}\}}"
_BLOCK = rf"\{{%((?>(?:{_STRINGS}|[^\"'{{%]++|\{{(?![{{%])|%(?!\}}))*))%\}}"
_TAG = lazy_pattern(rf"{_PRINT}|{_BLOCK}|{_OPENING.pattern}", re.DOTALL)
_SIGNS = ("-", "+")
_FIRST_WORD = lazy_pattern(r"\s*(\w*)")


def has_tags(raw: str) -> bool:
    """Whether a text contains tags."""
    return "{{" in raw or "{%" in raw


@lru_cache(maxsize=20_000)
def read_inside(inside: str) -> Expression | TagProblem:
    """Return the expression inside a tag, or why there is none; offsets count from the start of `inside`."""
    plain = read_plain(inside)
    if plain is not None:
        return plain
    from storyboard.story.expression_parser import parse_inside

    return parse_inside(inside)


def parse_text(raw: str) -> Parsed:
    """Cut a text with tags into its parts; each wrong tag is a problem of its own."""
    return _Cutter(raw).parse()


@dataclass(slots=True)
class _OpenIf:
    """An `{% if %}` whose `{% endif %}` has not come yet."""

    start: int
    outer: list[Part]
    branches: list[Branch] = field(default_factory=list)
    base: int = 0
    condition: Expression | None = None
    in_else: bool = False


class _Cutter:
    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.parts: list[Part] = []
        self.open: list[_OpenIf] = []
        self.problems: list[TagProblem] = []
        self.refused: set[str] = set()
        self.torn = False

    def parse(self) -> Parsed:
        at = 0
        for match in _TAG.finditer(self.raw):
            if len(self.problems) >= MOST_PROBLEMS:
                break
            if match.start() > at:
                self.parts.append(self.raw[at : match.start()])
            self.tag(match)
            at = match.end()
        if at < len(self.raw):
            self.parts.append(self.raw[at:])
        for unclosed in self.open[:1]:
            self.unbalanced("this `{% if %}` has no `{% endif %}`", unclosed.start, unclosed.start + 2)
        return Parsed(tuple(self.parts), tuple(self.problems))

    def problem(self, rule: Rule, message: str, start: int, end: int, advice: str | None = None) -> None:
        self.problems.append(TagProblem(rule, message, start, end, advice))

    def unbalanced(self, message: str, start: int, end: int) -> None:
        if not self.torn:
            self.problem(UNBALANCED_IF, message, start, end)

    def tag(self, match: re.Match[str]) -> None:
        """Reads a tag, or the opening of one that is not closed."""
        printed, block = match.groups()
        inside = block if printed is None else printed
        if inside is None:
            self.unclosed(match.start())
            return
        base = match.start() + 2
        if inside[:1] in _SIGNS or inside[-1:] in _SIGNS:
            base, inside = self.without_signs(match, inside)
        if printed is None:
            self.block(match.start(), match.end(), base, inside)
        else:
            self.print(base, inside)

    def without_signs(self, match: re.Match[str], inside: str) -> tuple[int, str]:
        """Return the inside of a tag without its white-space control signs, and where it begins."""
        message = "whitespace control with `-` or `+` is not supported"
        help_ = "remove the sign: lines and spaces are joined automatically"
        self.problem(OFF_THE_LIST, message, match.start(), match.end(), help_)
        begins = inside[:1] in _SIGNS
        rest = inside[begins:]
        return match.start() + 2 + begins, rest[:-1] if rest[-1:] in _SIGNS else rest

    def unclosed(self, start: int) -> None:
        opening = self.raw[start : start + 2]
        closing = "}}" if opening == "{{" else "%}"
        self.torn = self.torn or opening == "{%"
        following = _OPENING.search(self.raw, start + 2)
        if self.raw.find(closing, start, following.start() if following else len(self.raw)) >= 0:
            message = f"a quote inside this `{opening}` is not closed"
        else:
            message = f"this `{opening}` is not closed with `{closing}`"
        self.problem(UNREADABLE, message, start, start + 2, f'to write the sign itself: `{{{{ "{opening}" }}}}`')

    def print(self, base: int, inside: str) -> None:
        value = self.expression(base, inside)
        if value is not None:
            self.parts.append(Printed(base, value))

    def expression(self, base: int, inside: str) -> Expression | None:
        found = read_inside(inside)
        if isinstance(found, TagProblem):
            self.problems.append(found._replace(start=found.start + base, end=found.end + base))
            return None
        return found

    def block(self, start: int, end: int, base: int, inside: str) -> None:
        match = _FIRST_WORD.match(inside)
        assert match is not None
        base, rest = base + match.end(), inside[match.end() :]
        match match[1]:
            case "if":
                self.begin(start, base, rest)
            case "elif" | "else" | "endif" if not self.open and self.refused:
                pass  # it belongs to what was refused as `if`
            case "elif" | "else" | "endif" if not self.open:
                self.unbalanced(f"there is no `{{% if %}}` before this `{{% {match[1]} %}}`", start, end)
            case "elif":
                self.branch(start, end, base, rest)
            case "else" | "endif" if rest.strip():
                self.problem(UNREADABLE, f"nothing can follow `{match[1]}` here", base, end - 2)
            case "else":
                self.branch(start, end, base, None)
            case "endif":
                self.close()
            case word if word.removeprefix("end") in self.refused:
                pass
            case word:
                self.refused.add(word)
                message = f"`{{% {word} %}}` is not part of the language"
                self.problem(OFF_THE_LIST, message, start, end, "write `if`, `elif`, `else` or `endif`")

    def begin(self, start: int, base: int, rest: str) -> None:
        if len(self.open) == DEEPEST_IF:
            self.problem(TOO_DEEP, f"`{{% if %}}` is nested more than {DEEPEST_IF} deep", start, start + 2)
        condition = self.expression(base, rest)
        self.open.append(_OpenIf(start, self.parts, base=base, condition=condition))
        self.parts = []

    def branch(self, start: int, end: int, base: int, rest: str | None) -> None:
        current = self.open[-1]
        if current.in_else:
            self.unbalanced("this comes after the `{% else %}` of its `{% if %}`", start, end)
        current.branches.append(Branch(current.base, current.condition, tuple(self.parts)))
        current.base, current.in_else = base, current.in_else or rest is None
        current.condition = None if rest is None else self.expression(base, rest)
        self.parts = []

    def close(self) -> None:
        done = self.open.pop()
        done.branches.append(Branch(done.base, done.condition, tuple(self.parts)))
        self.parts = done.outer
        self.parts.append(Conditional(tuple(done.branches)))
