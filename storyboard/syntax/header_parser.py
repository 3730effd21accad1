"""Parse one header: its keyword, its tree, and, if the grammar refuses it, what was certainly meant."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from storyboard.diagnostics import Diagnostic, Edit, Fix
from storyboard.diagnostics.limits import LONGEST_HEADER
from storyboard.fast_named_tuples import NamedTuple
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span
from storyboard.syntax import layout_errors
from storyboard.syntax.applied_fix import Repair, repair
from storyboard.syntax.builder import BodyParts, Builder
from storyboard.syntax.grammar import mended_header, parse_header
from storyboard.syntax.keywords import FORMS, NESTED, form_of
from storyboard.syntax.lalr import GrammarToken, Node
from storyboard.syntax.layout import Line
from storyboard.syntax.statement_signs import is_surely_statement
from storyboard.syntax.tree import Statement

LONGEST_SHOWN = 60
"""A longer line is not quoted in its fixed form; its fix shows it."""

MOST_MISTAKES_MENDED = 4
"""Mistakes of one header that its fix mends together."""

LONGEST_MISSPELT = 4
"""Most words of a line that can be a header with more than one mistake; a longer one is a sentence."""
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "۔", "؟", "।")

_CALL = lazy_pattern(r"\w+\(")
"""A name with its arguments; no sentence begins like that."""
_KEYWORD = lazy_pattern(r"\w+(?:[-.]\w+)*")


class Header(NamedTuple):
    """A header as understood. `keyword` may be only guessed, or None; `tree` is None if it was not understood, and that
    of the fixed line if `mistake` has a fix."""

    keyword: str | None
    tree: Node | None
    mistake: Diagnostic | None = None
    guess: str | None = None
    """The line with the fix of an unknown keyword applied; "" if there is none."""


class _MendedHeader(NamedTuple):
    """A header with several mistakes, mended. What follows a line break in it is the body that stood in the header.

    `certain` if each mistake has only one remedy.
    """

    text: str
    certain: bool


def keyword_of(text: str, header: Line) -> str:
    """Return the word that a header begins with."""
    return _first_word(text, header.start, header.end)


def is_misspelt_statement(source: Source, line: Line, *, nested: bool) -> bool:
    """Whether a line without a keyword is close to a statement, and not a sentence of a text."""
    if _CALL.match(source.text, line.start, line.end):
        return True
    mistake = layout_errors.unknown_keyword(source, line, keyword_of(source.text, line), nested=nested)
    if mistake.fix is None:
        return False
    words = source.text[line.start : line.end].split()
    is_sentence = len(words) > LONGEST_MISSPELT or words[-1].endswith(_SENTENCE_ENDS)
    return not is_sentence or _tree(_repaired(source, line, mistake.fix)) is not None


def understand(source: Source, header: Line, lines: Sequence[Line], *, nested: bool) -> Header:
    """Parse a header by the grammar; `lines` are those under it.

    A misspelt keyword is only guessed; the rest of its line is not used.
    """
    keyword = keyword_of(source.text, header)
    if keyword not in (NESTED if nested else FORMS):
        mistake = layout_errors.unknown_keyword(source, header, keyword, nested=nested)
        repaired = _repaired(source, header, mistake.fix)
        guess = repaired.text if repaired else ""
        meant = _first_word(guess)
        if repaired is not None and mistake.fix is not None:
            fits = _tree(repaired) is not None
            sure = fits and is_surely_statement(source.text, header, meant, lines)
            whole = None if fits else _mended_throughout(source, repaired)
            fix = mistake.fix._replace(safe=mistake.fix.safe and sure)
            if whole is not None:
                is_safe = mistake.fix.safe and is_surely_statement(source.text, header, meant, lines)
                fix = _written(source, header, whole, safe=is_safe)
            mistake = mistake._replace(fix=fix)
        return Header(meant or None, None, mistake, guess)
    tree = _parse(source.text, header, keyword)
    if isinstance(tree, Node):
        return Header(keyword, tree)
    if tree is None:
        return Header(keyword, None, layout_errors.too_long(_word(source, header, keyword), LONGEST_HEADER))
    from storyboard.syntax.mistakes import explain

    mistake, certain, like_prose = explain(source, header, keyword, tree)
    right = _repaired(source, header, mistake.fix)
    mended = _tree(right)
    if right is not None and mended is None and (whole := _mended_throughout(source, right)) is not None:
        first = whole.text.partition("\n")[0]
        is_safe = certain and not like_prose and is_surely_statement(source.text, header, keyword, lines)
        fix = _written(source, header, whole, safe=is_safe)
        way_out = (
            f"write `{first}`" if mistake.help == form_of(keyword) and len(first) <= LONGEST_SHOWN else mistake.help
        )
        return Header(keyword, None, mistake._replace(fix=fix, help=way_out))
    if right is None or mended is None or mistake.fix is None or not _builds(source, header, mended):
        return Header(keyword, None, mistake._replace(fix=None))
    safe = certain and is_surely_statement(source.text, header, keyword, lines)
    if like_prose:
        safe = safe and (keyword == "shot" or _begins_with_setting(source.text, lines))
    fix = mistake.fix._replace(safe=safe)
    if mistake.help == form_of(keyword) and len(right.text) <= LONGEST_SHOWN:
        way_out = f"write `{right.text}`"
        return Header(
            keyword, mended if certain else None, mistake._replace(help=way_out, fix=fix._replace(title=way_out))
        )
    return Header(keyword, mended if certain else None, mistake._replace(fix=fix))


def _mended_throughout(source: Source, begun: Repair) -> _MendedHeader | None:
    """Mend each of several mistakes of a header in turn; None if that does not lead to a right one."""
    from storyboard.syntax.mistakes import explain

    text, certain = begun.text, True
    for _ in range(MOST_MISTAKES_MENDED):
        first = text.partition("\n")[0]
        draft = Source(source.path, first)
        line = Line(0, 0, len(first))
        keyword = keyword_of(first, line)
        tree = _parse(first, line, keyword) if keyword in FORMS else None
        if isinstance(tree, Node):
            return _MendedHeader(text, certain)
        if tree is None:
            return None
        why = explain(draft, line, keyword, tree)
        certain = certain and why.certain
        again = _repaired(draft, line, why.mistake.fix)
        if again is None or again.text == first:
            return None
        text = again.text + text[len(first) :]
    return None


def _written(source: Source, header: Line, whole: _MendedHeader, *, safe: bool) -> Fix:
    """Return the fix that writes all of a header again."""
    first, *body = whole.text.split("\n")
    lines = [first, *(" " * header.indent + line for line in body)]
    edit = Edit(Span(source, header.start, header.end), "\n".join(lines))
    return Fix(f"write `{first}`", (edit,), safe=safe and whole.certain and not body)


def build(
    source: Source, header: Line, tree: Node, body: BodyParts
) -> tuple[Statement | None, GrammarToken | None, Diagnostic | None]:
    """Return the statement, the comment after its header, and mistakes that the grammar cannot see, fixed if
    possible."""
    span = _without_comment(source, header, tree)
    builder = Builder(source, span, body)
    statement, comment = builder.build(tree)
    if not builder.found:
        return statement, comment, None
    mistake = builder.found[0]
    mended = _tree(_repaired(source, header, mistake.fix))
    if mended is not None:
        again = Builder(source, span, body)
        statement, comment = again.build(mended)
        if not again.found:
            return statement, comment, mistake
    return None, None, mistake


def _parse(text: str, header: Line, keyword: str) -> Node | int | None:
    """Return the header's tree, or where it goes wrong; None if it is too long to check."""
    start, end = header.start, header.end
    if end - start > LONGEST_HEADER:
        if keyword not in ("let", "param"):
            return None
        beginning = parse_header(text, start, start + LONGEST_HEADER)
        if isinstance(beginning, int):
            return beginning
    return parse_header(text, start, end)


def _repaired(source: Source, header: Line, fix: Fix | None) -> Repair | None:
    return repair(source.text, header.start, header.end, fix.edits) if fix else None


def _tree(repaired: Repair | None) -> Node | None:
    """Return the tree of the fixed header, if the fix makes it valid."""
    tree = None if repaired is None else mended_header(repaired)
    return tree if isinstance(tree, Node) else None


def _builds(source: Source, header: Line, tree: Node) -> bool:
    """Whether nothing is wrong with a statement that the grammar accepts, or nothing that has no safe fix."""
    builder = Builder(source, Span(source, header.start, header.end), None)
    builder.build(tree)
    return all(found.fix is not None and found.fix.safe for found in builder.found)


def _begins_with_setting(text: str, lines: Sequence[Line]) -> bool:
    first = next((line for line in lines if line.start < line.end), None)
    return first is not None and text[first.start] == "."


def _without_comment(source: Source, header: Line, tree: Node) -> Span:
    last = tree.children[-1] if tree.children else None
    end = header.end
    if isinstance(last, GrammarToken) and last.kind == "COMMENT":
        end = header.start + len(source.text[header.start : last.start].rstrip(" \t"))
    return Span(source, header.start, end)


def _first_word(text: str, start: int = 0, end: int = sys.maxsize) -> str:
    word = _KEYWORD.match(text, start, end)
    return word[0] if word else ""


def _word(source: Source, header: Line, keyword: str) -> Span:
    return Span(source, header.start, header.start + len(keyword))
