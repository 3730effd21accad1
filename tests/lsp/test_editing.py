"""Fixes, formatting and renaming: what they change, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from storyboard.lsp.positions import PositionCodec
from storyboard.lsp.text_edits import edits_between
from tests.lsp.test_corpus import as_lint_says
from tests.support.cli import Cli
from tests.support.editor import Editor, place, position
from tests.support.work import LINEAR, growth

Start: TypeAlias = Callable[..., AbstractAsyncContextManager[Editor]]

HEAD = 'story "T"\n  .model kirin_v3_t2v\n\n'
GOOD = f"{HEAD}shot s 5s\n  A boat.\n"
WHOLE = place((0, 0), (9999, 0))
OPTIONS = types.FormattingOptions(tab_size=2, insert_spaces=True)


def applied(text: str, edits: Sequence[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]) -> str:
    """A text with edits whose columns are code points."""
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]

    def offset(at: types.Position) -> int:
        return min(starts[min(at.line, len(lines))] + at.character, len(text))

    for edit in sorted(edits, key=lambda each: offset(each.range.start), reverse=True):
        assert isinstance(edit, types.TextEdit | types.AnnotatedTextEdit)
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def edits_of(edit: types.WorkspaceEdit | None, uri: str) -> list[types.TextEdit | types.AnnotatedTextEdit]:
    assert edit is not None
    found = []
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        if change.text_document.uri == uri:
            found += [each for each in change.edits if not isinstance(each, types.SnippetTextEdit)]
    return found


async def actions(
    editor: Editor, name: str, at: types.Range, only: list[types.CodeActionKind] | None = None
) -> list[types.CodeAction]:
    context = types.CodeActionContext(diagnostics=[], only=list(only) if only else None)
    found = await editor.text_document_code_action_async(types.CodeActionParams(editor.document(name), at, context))
    return [each for each in found or () if isinstance(each, types.CodeAction)]


async def test_fix_is_offered_at_its_finding_and_removes_it(cli: Cli, start: Start) -> None:
    text = GOOD.replace("shot", "shto")
    async with start([types.PositionEncodingKind.Utf32]) as editor:
        (found,) = await editor.open("a.story", text)
        (fix,) = await actions(editor, "a.story", found.range, [types.CodeActionKind.QuickFix])
        assert (fix.title, fix.is_preferred, list(fix.diagnostics or ())) == ("write `shot`", True, [found])
        assert await actions(editor, "a.story", place((0, 0), (0, 0)), [types.CodeActionKind.QuickFix]) == []
        assert applied(text, edits_of(fix.edit, editor.uri("a.story"))) == GOOD
        assert await editor.type("a.story", GOOD) == []


async def test_a_warning_can_be_silenced_above_its_statement(cli: Cli, start: Start) -> None:
    text = GOOD.replace("\nshot", "\nlet spare = a lamp\n\nshot")
    async with start() as editor:
        (found,) = await editor.open("a.story", text)
        (silence,) = [
            each for each in await actions(editor, "a.story", found.range) if each.title.startswith("silence SB140")
        ]
        silenced = applied(text, edits_of(silence.edit, editor.uri("a.story")))
        assert "\n# ok SB140: \nlet spare" in silenced
        assert {each.code for each in await editor.type("a.story", silenced)} == {"SB140", "SB359"}
        assert await editor.type("a.story", silenced.replace("SB140: ", "SB140: for later")) == []


async def test_all_safe_fixes_together_do_what_lint_fix_does(cli: Cli, start: Start) -> None:
    text = f"{HEAD}shto a 5s\n  灯 A boat.\nscnee b\nshto c 5s\n  A 🏮 lamp.\n"
    cli.write("a.story", text)
    async with start([types.PositionEncodingKind.Utf32]) as editor:
        await editor.open("a.story")
        (together,) = await actions(editor, "a.story", WHOLE, [types.CodeActionKind.SourceFixAll])
        mended = applied(text, edits_of(together.edit, editor.uri("a.story")))
    cli("lint", "--fix", "a.story")
    assert mended == (cli.folder / "a.story").read_text()
    assert mended != text


async def test_formatting_is_what_fmt_writes(cli: Cli, start: Start) -> None:
    text = f"{HEAD}shot   s    5s\n  A boat.\n\n\n\nshot t   5s\n    灯 A lamp.\n"
    cli.write("a.story", text)
    async with start([types.PositionEncodingKind.Utf32]) as editor:
        await editor.open("a.story")
        edits = await editor.text_document_formatting_async(
            types.DocumentFormattingParams(editor.document("a.story"), OPTIONS)
        )
        formatted = applied(text, list(edits or ()))
        some = await editor.text_document_range_formatting_async(
            types.DocumentRangeFormattingParams(editor.document("a.story"), place((3, 0), (3, 4)), OPTIONS)
        )
        assert applied(text, list(some or ())) == text.replace("shot   s    5s", "shot s 5s")
    cli("fmt", "a.story")
    assert formatted == (cli.folder / "a.story").read_text()


async def test_formatting_keeps_the_line_ends_of_the_file(cli: Cli, start: Start) -> None:
    text = f"{HEAD}shot   s 5s\n  A boat.\n".replace("\n", "\r\n")
    async with start() as editor:
        await editor.open("a.story", text)
        edits = await editor.text_document_formatting_async(
            types.DocumentFormattingParams(editor.document("a.story"), OPTIONS)
        )
        (edit,) = edits or ()
        assert (edit.range, edit.new_text) == (place((3, 0), (4, 0)), "shot s 5s\r\n")


HOUSE = 'let clean = a clean\n\nphrase seen(who, lens = "50mm")\n  {{ who }} at {{ lens }}, {{ clean }} look.\n'
FILM = (
    f'{HEAD}import "house.story" as house\n\nlet mei = Mei\n\ntemplate turn(who, hold = 4s)\n  shot turn hold\n'
    '    {{ house.seen(who, lens = "35mm") }}\n\nuse turn(mei) as first\nuse turn(who = mei, hold = 5s) as second\n'
)


async def renamed(editor: Editor, name: str, at: types.Position, new: str) -> types.WorkspaceEdit | None:
    return await editor.text_document_rename_async(types.RenameParams(editor.document(name), at, new))


async def test_a_rename_reaches_every_file_and_changes_no_prompt(cli: Cli, start: Start) -> None:
    cli.write("storyboard.toml", "")
    files = {"house.story": HOUSE, "film.story": FILM}
    for name, text in files.items():
        cli.write(name, text)
    before = cli("compile", "film.story", "--json").json["stories"]
    lines = {name: text.split("\n") for name, text in files.items()}

    def at(name: str, line: str, word: str) -> types.Position:
        number = next(each for each, found in enumerate(lines[name]) if found.startswith(line))
        return position(number, lines[name][number].index(word))

    spots = [
        ("house.story", "let", "clean", {"house.story": 2}),
        ("house.story", "phrase", "seen", {"house.story": 1, "film.story": 1}),
        ("house.story", "phrase", "lens", {"house.story": 2, "film.story": 1}),
        ("film.story", "import", "house\n".strip(), None),
        ("film.story", "use turn(mei)", "turn", {"film.story": 3}),
        ("film.story", "use turn(who", "who", {"film.story": 3}),
        ("film.story", "  shot", "hold", {"film.story": 3}),
        ("film.story", "let", "mei", {"film.story": 3}),
        ("film.story", "use turn(mei)", "first", {"film.story": 1}),
    ]
    async with start([types.PositionEncodingKind.Utf32]) as editor:
        for name in files:
            await editor.open(name)
        for name, line, word, counts in spots:
            where = at(name, line, word)
            if counts is None:
                where = position(where.line, lines[name][where.line].rindex("house"))
                counts = {"film.story": 2}
            edit = await renamed(editor, name, where, "renamed")
            assert edit is not None
            assert edit.change_annotations is None, word
            found = {each: edits_of(edit, editor.uri(each)) for each in files}
            assert {each: len(edits) for each, edits in found.items() if edits} == counts, word
            for each, text in files.items():
                cli.write(each, applied(text, found[each]))
            done = cli("compile", "film.story", "--json")
            assert done.code == 0, done.err
            for old, new in zip(before[0]["jobs"], done.json["stories"][0]["jobs"], strict=True):
                assert old["key"] == new["key"], word
            for each, text in files.items():
                cli.write(each, text)


async def test_a_rename_that_would_break_something_is_refused(cli: Cli, start: Start) -> None:
    cli.write("storyboard.toml", "")
    async with start() as editor:
        await editor.open(
            "film.story",
            FILM.replace('import "house.story" as house\n\n', "").replace(
                '{{ house.seen(who, lens = "35mm") }}', "{{ who }} and {{ mei }}"
            ),
        )
        mei = position(3, 4)
        for name, reason in (("turn", "`turn`"), ("two words", "one word"), ("", "one word"), ("shot", "`shot`")):
            with pytest.raises(JsonRpcException, match=reason):
                await renamed(editor, "film.story", mei, name)
        with pytest.raises(JsonRpcException, match="no name here"):
            await renamed(editor, "film.story", position(1, 3), "other")


async def test_rename_that_changes_prompts_says_how_many_jobs_are_bought_again(cli: Cli, start: Start) -> None:
    text = GOOD.replace("A boat", "A boat in {{ scene.name }}").replace("shot s", "scene river\n\nshot s")
    async with start() as editor:
        await editor.open("a.story", text)
        edit = await renamed(editor, "a.story", position(3, 7), "canal")
        assert edit is not None
        (annotation,) = (edit.change_annotations or {}).values()
        assert annotation.label.startswith("this changes prompts: 1 job would be bought again, about $")
        assert annotation.needs_confirmation
    async with start(confirms=False) as editor:
        await editor.open("a.story", text)
        edit = await renamed(editor, "a.story", position(3, 7), "canal")
        assert edit is not None
        assert edit.change_annotations is None
        assert editor.messages[0].startswith("this changes prompts")


def test_compared_fields_are_all_fields_of_the_document() -> None:
    assert as_lint_says(types.Diagnostic(place((0, 0), (0, 1)), "m", types.DiagnosticSeverity.Error))["column"] == 1


def test_formatting_a_long_file_sends_only_the_lines_that_change() -> None:
    shots = "".join(f"\nshot a{number} 5s\n  A boat passes house {number}.\n" for number in range(2000))
    before = shots.replace("\nshot", "\n\nshot ")
    edits = edits_between(before, shots, PositionCodec())
    assert len(edits) == 2000
    lines = before.splitlines(keepends=True)
    for edit in reversed(edits):
        lines[edit.range.start.line : edit.range.end.line] = [edit.new_text]
    assert "".join(lines) == shots


@given(st.text("ab\n"), st.text("ab\n"))
def test_differences_lead_from_any_text_to_any_other(before: str, after: str) -> None:
    text, codec = before, PositionCodec()
    for edit in reversed(edits_between(before, after, codec)):
        start, end = codec.offset(before, edit.range.start), codec.offset(before, edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    assert text == after


def test_work_of_comparing_texts_grows_only_with_their_lines() -> None:
    def compare(shots: int) -> None:
        after = "".join(f"\nshot a{number} 5s\n  A boat passes house {number}.\n" for number in range(shots))
        edits_between(after.replace("\nshot", "\n\nshot "), after, PositionCodec())

    assert growth(compare, 500) < LINEAR
