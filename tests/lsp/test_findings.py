"""The editor shows what `storyboard lint` says, while the text is typed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from tests.support.cli import Cli
from tests.support.editor import Editor, place, position

Start: TypeAlias = Callable[..., AbstractAsyncContextManager[Editor]]

HEAD = 'story "T"\n  .model kirin_v3_t2v\n\n'
GOOD = f"{HEAD}shot s 5s\n  A boat.\n"


def line_at(address: str) -> str:
    """The line that a `file:` address names."""
    file, _, number = address.partition("#L")
    return Path(unquote(urlsplit(file).path)).read_text(encoding="utf-8").splitlines()[int(number) - 1]


async def test_mistake_appears_while_typing_and_disappears_when_fixed(cli: Cli, start: Start) -> None:
    cli.write("a.story", GOOD)
    async with start() as editor:
        assert await editor.open("a.story") == []
        (found,) = await editor.type("a.story", "shto", place((3, 0), (3, 4)))
        assert (found.code, found.severity) == ("SB003", types.DiagnosticSeverity.Error)
        assert found.range == place((3, 0), (3, 4))
        assert await editor.type("a.story", "shot", place((3, 0), (3, 4))) == []


async def test_a_finding_links_to_the_section_of_its_code(cli: Cli, start: Start) -> None:
    async with start() as editor:
        (found,) = await editor.open("a.story", GOOD.replace("shot", "shto"))
        assert found.code_description is not None
        assert line_at(found.code_description.href).startswith("### SB003 ")


async def test_a_file_that_was_never_saved_is_checked_with_its_imports(cli: Cli, start: Start) -> None:
    cli.write("house.story", "let clean = a clean\n")
    text = f'{HEAD}import "house.story"\n\nshot s 5s\n  {{{{ clean }}}} boat.\n'
    async with start() as editor:
        assert await editor.open("new.story", text) == []
        (found,) = await editor.open("sub/other.story", text)
        assert found.code == "SB030"


async def test_positions_use_the_negotiated_encoding(cli: Cli, start: Start) -> None:
    text = f"{HEAD}shot s 5s\r\n  灯 🏮 {{{{ nobody }}}} A river.\r\n"
    columns = {
        types.PositionEncodingKind.Utf8: 14,
        types.PositionEncodingKind.Utf16: 10,
        types.PositionEncodingKind.Utf32: 9,
    }
    for encoding, column in columns.items():
        async with start([encoding]) as editor:
            (found,) = await editor.open("a.story", text)
            assert (found.code, found.range) == ("SB110", place((4, column), (4, column + 6)))
            assert await editor.type("a.story", "", place((4, column - 3), (4, column + 9))) == []
            await editor.type("a.story", "🏮🏮", place((4, 2), (4, 2)))
            (found,) = await editor.type("a.story", "shto", place((3, 0), (3, 4)))
            assert found.range == place((3, 0), (3, 4))


async def test_a_change_in_an_import_is_seen_in_every_open_file(cli: Cli, start: Start) -> None:
    cli.write("house.story", "let clean = a clean\n")
    for name in ("a.story", "b.story"):
        cli.write(name, f'{HEAD}import "house.story"\n\nshot s 5s\n  {{{{ clean }}}} boat.\n')
    async with start() as editor:
        for name in ("a.story", "b.story", "house.story"):
            assert await editor.open(name) == []
        await editor.type("house.story", "let tidy = a clean\n")
        await editor.until(lambda: all(editor.shown[editor.uri(name)] for name in ("a.story", "b.story")))
        for name in ("a.story", "b.story"):
            assert "SB110" in {found.code for found in editor.shown[editor.uri(name)]}
        editor.close("house.story")
        await editor.until(lambda: not any(editor.shown.values()))


async def test_a_file_saved_elsewhere_is_read_again(cli: Cli, start: Start) -> None:
    cli.write("a.story", f'{HEAD}import "house.story"\n\nshot s 5s\n  {{{{ clean }}}} boat.\n')
    async with start() as editor:
        assert [found.code for found in await editor.open("a.story")] == ["SB030"]
        path = cli.write("house.story", "let clean = a clean\n")
        event = types.FileEvent(path.as_uri(), types.FileChangeType.Created)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await editor.until(lambda: editor.shown[editor.uri("a.story")] == [])


async def test_a_project_with_wrong_settings_says_so_in_the_editor(cli: Cli, start: Start) -> None:
    cli.write("storyboard.toml", "concurency = 3\n")
    async with start() as editor:
        (found,) = await editor.open("a.story", GOOD)
        assert "there is no setting `concurency`" in found.message
        cli.write("storyboard.toml", "concurrency = 3\n")
        assert await editor.type("a.story", GOOD + "\n") == []


async def test_findings_that_a_project_ignores_are_not_shown(cli: Cli, start: Start) -> None:
    spare = GOOD.replace("\nshot", "\nlet spare = a lamp\n\nshot")
    async with start() as editor:
        (found,) = await editor.open("a.story", spare)
        assert (found.code, found.severity) == ("SB140", types.DiagnosticSeverity.Warning)
        assert list(found.tags or ()) == [types.DiagnosticTag.Unnecessary]
        cli.write("storyboard.toml", '[lint]\nignore = ["SB140"]\n')
        assert await editor.type("a.story", spare + "\n") == []


async def test_odd_texts_and_positions_do_no_harm(cli: Cli, start: Start) -> None:
    async with start() as editor:
        await editor.open("a.story", GOOD)
        for text in (
            "",
            "\ufeff" + GOOD,
            GOOD.replace("\n", "\r"),
            "\x00",
            "shot \u2028 \x0b x",
            "{{" * 500,
            "=" * 9000,
        ):
            await editor.type("a.story", text)
            far = types.HoverParams(editor.document("a.story"), position(90_000, 90_000))
            await editor.text_document_hover_async(far)
            await editor.type("a.story", "x", place((7, 7), (3, 3)))
        untitled = types.TextDocumentItem("untitled:Untitled-1", "story", 1, GOOD.replace("shot", "shto"))
        editor.text_document_did_open(types.DidOpenTextDocumentParams(untitled))
        await editor.until(lambda: bool(editor.shown.get("untitled:Untitled-1")))
        unopened = types.DocumentSymbolParams(editor.document("nowhere.story"))
        assert not await editor.text_document_document_symbol_async(unopened)


async def test_a_server_that_was_killed_starts_again_with_the_same_findings(cli: Cli, start: Start) -> None:
    cli.write("a.story", GOOD.replace("shot", "shto"))
    seen = []
    for _ in range(2):
        async with start() as editor:
            seen.append(await editor.open("a.story"))
    assert seen[0] == seen[1] != []
