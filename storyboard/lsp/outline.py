"""The structure of a file: its statements as blocks, for symbols, folding and growing selections."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from lsprotocol import types

from storyboard.fast_dataclasses import dataclass, field
from storyboard.lsp.positions import PositionCodec
from storyboard.source import Source, Span
from storyboard.syntax.tree import (
    EditionDecl,
    ForDecl,
    ImportDecl,
    LetDecl,
    Name,
    PhraseDecl,
    SceneDecl,
    ShotDecl,
    SplitDecl,
    Statement,
    StoryDecl,
    StoryFile,
    TemplateDecl,
    UseDecl,
)

_KINDS: dict[type, types.SymbolKind] = {
    StoryDecl: types.SymbolKind.File,
    SceneDecl: types.SymbolKind.Namespace,
    ShotDecl: types.SymbolKind.Field,
    UseDecl: types.SymbolKind.Event,
    ForDecl: types.SymbolKind.Array,
    LetDecl: types.SymbolKind.Variable,
    PhraseDecl: types.SymbolKind.Function,
    TemplateDecl: types.SymbolKind.Class,
    ImportDecl: types.SymbolKind.Module,
}


@dataclass
class OutlineBlock:
    """A statement with everything indented under it; a scene includes its shots. `end` is after its last non-blank
    line."""

    statement: Statement
    start: int
    end: int
    inside: list[OutlineBlock] = field(default_factory=list)


def blocks_of(file: StoryFile) -> list[OutlineBlock]:
    """Return the blocks of a file in order, nested."""
    top = _blocks(file.statements, file.source, len(file.source.text))
    nested: list[OutlineBlock] = []
    scene: OutlineBlock | None = None
    for block in top:
        if isinstance(block.statement, SceneDecl):
            scene = block
            nested.append(block)
        elif scene is not None and isinstance(block.statement, ShotDecl | UseDecl | ForDecl | SplitDecl):
            scene.inside.append(block)
            scene.end = block.end
        else:
            nested.append(block)
    return nested


def all_blocks(file: StoryFile) -> Iterator[OutlineBlock]:
    """Return every block of a file, including nested ones."""
    todo = blocks_of(file)
    while todo:
        block = todo.pop()
        yield block
        todo.extend(block.inside)


def blocks_around(file: StoryFile, offset: int) -> list[OutlineBlock]:
    """Return the blocks around an offset, the innermost first."""
    around: list[OutlineBlock] = []
    here = blocks_of(file)
    while True:
        found = next((block for block in here if block.start <= offset <= block.end), None)
        if found is None:
            return around[::-1]
        around.append(found)
        here = found.inside


def _blocks(statements: Sequence[Statement], source: Source, end: int) -> list[OutlineBlock]:
    blocks: list[OutlineBlock] = []
    behinds = [*(statement.span.start for statement in statements[1:]), end]
    for statement, behind in zip(statements, behinds, strict=False):
        last = _last_line(source, statement.span, behind)
        inside = statement.statements if isinstance(statement, TemplateDecl | ForDecl) else ()
        blocks.append(OutlineBlock(statement, statement.span.start, last, _blocks(inside, source, last)))
    return blocks


def _last_line(source: Source, header: Span, behind: int) -> int:
    """Return the end of the last line before `behind` that belongs to a statement: indented deeper than its header."""
    starts = source.line_starts
    line = bisect_right(starts, header.start) - 1
    depth = header.start - starts[line]
    end = header.end
    for at in range(line + 1, len(starts)):
        if starts[at] >= behind:
            break
        content = source.text[starts[at] : min(starts[at + 1] if at + 1 < len(starts) else behind, behind)]
        shown = content.strip()
        if shown and len(content) - len(content.lstrip(" \t")) > depth:
            end = starts[at] + len(content.rstrip())
        elif shown:
            break
    return end


def name_of(statement: Statement) -> Name | None:
    """Return the name that a statement declares."""
    match statement:
        case SceneDecl() | ShotDecl() | LetDecl() | PhraseDecl() | TemplateDecl():
            return statement.name
        case UseDecl():
            return statement.label
        case ImportDecl():
            return statement.alias
        case ForDecl():
            return statement.variable
        case _:
            return None


def _title(statement: Statement) -> tuple[str, str]:
    """Return a statement's title in the outline, and its detail."""
    match statement:
        case StoryDecl():
            return statement.title.value or "story", "story"
        case SceneDecl():
            return statement.name.text, statement.title.value if statement.title else "scene"
        case ShotDecl():
            return statement.name.text, statement.length.span.text
        case UseDecl():
            label = f" as {statement.label.text}" if statement.label else ""
            return f"use {statement.template.text}{label}", ""
        case ForDecl():
            return f"for {statement.variable.text}", ""
        case LetDecl():
            return statement.name.text, "param" if statement.is_param else "let"
        case PhraseDecl() | TemplateDecl():
            kind = "phrase" if isinstance(statement, PhraseDecl) else "template"
            return statement.name.text, f"{kind}({', '.join(each.name.text for each in statement.parameters)})"
        case ImportDecl():
            return statement.path.value or "import", "import"
        case _:
            return statement.span.text, ""


def symbols(file: StoryFile, codec: PositionCodec) -> list[types.DocumentSymbol]:
    """Return the outline: scenes with their shots, and the declarations."""
    return [_symbol(block, file, codec) for block in blocks_of(file) if not _is_silent(block)]


def _symbol(block: OutlineBlock, file: StoryFile, codec: PositionCodec) -> types.DocumentSymbol:
    text, statement = file.source.text, block.statement
    title, detail = _title(statement)
    name = name_of(statement)
    chosen = name.span if name else statement.span
    return types.DocumentSymbol(
        name=title.strip() or "?",
        detail=detail,
        kind=_KINDS[type(statement)],
        range=codec.range_in(text, block.start, block.end),
        selection_range=codec.range_in(text, chosen.start, min(chosen.end, block.end)),
        children=[_symbol(each, file, codec) for each in block.inside if not _is_silent(each)],
    )


def _is_silent(block: OutlineBlock) -> bool:
    return isinstance(block.statement, SplitDecl | EditionDecl)


def found_symbols(file: StoryFile, query: str, uri: str, codec: PositionCodec) -> Iterator[types.WorkspaceSymbol]:
    """Return the symbols of a file whose names contain the letters of a query in order."""
    for block in all_blocks(file):
        if _is_silent(block) or isinstance(block.statement, UseDecl | ForDecl | ImportDecl):
            continue
        title, _ = _title(block.statement)
        letters = iter(title.casefold())
        if all(letter in letters for letter in query.casefold()):
            name = name_of(block.statement)
            place = types.Location(uri, codec.range(name.span if name else block.statement.span))
            yield types.WorkspaceSymbol(place, title.strip() or "?", _KINDS[type(block.statement)])


def folds(file: StoryFile) -> Iterator[types.FoldingRange]:
    """Return the blocks of more than one line, and comments of several lines in a row."""
    source = file.source
    for block in all_blocks(file):
        first, last = source.position(block.start).line - 1, source.position(block.end).line - 1
        if last > first:
            yield types.FoldingRange(first, last, kind=types.FoldingRangeKind.Region)
    lines = sorted(
        {source.position(each.span.start).line - 1 for each in file.comments if _stands_alone(source, each.span.start)}
    )
    start = previous = -2
    for line in [*lines, -2]:
        if line != previous + 1:
            if previous > start >= 0:
                yield types.FoldingRange(start, previous, kind=types.FoldingRangeKind.Comment)
            start = line
        previous = line


def _stands_alone(source: Source, offset: int) -> bool:
    line = source.line_starts[source.position(offset).line - 1]
    return not source.text[line:offset].strip()


def selections(file: StoryFile, offset: int, codec: PositionCodec) -> types.SelectionRange:
    """Return what to select around a place, from the whole file inwards to a word."""
    text = file.source.text
    stretches = [(0, len(text)), *((block.start, block.end) for block in reversed(blocks_around(file, offset)))]
    line = file.source.position(offset).line
    start = file.source.line_starts[line - 1]
    shown = file.source.line_text(line)
    stretches.append((start + len(shown) - len(shown.lstrip()), start + len(shown.rstrip())))
    opening, closing = text.rfind("{{", start, offset), text.find("}}", offset)
    if opening >= 0 and 0 <= closing < start + len(shown):
        stretches.append((opening, closing + 2))
    stretches.append(word_at(text, offset))
    selection: types.SelectionRange | None = None
    last = (0, len(text))
    for stretch in stretches:
        if last[0] <= stretch[0] <= offset <= stretch[1] <= last[1] and (selection is None or stretch != last):
            selection = types.SelectionRange(codec.range_in(text, *stretch), selection)
            last = stretch
    return selection or types.SelectionRange(codec.range_in(text, offset, offset))


def word_at(text: str, offset: int) -> tuple[int, int]:
    """Return the letters, digits and `_` around a place."""
    start = end = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return start, end
