"""What an editor shows beside a text: prompts, prices, names, the outline, what may be typed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, TypeAlias

from lsprotocol import types

from tests.support.cli import Cli
from tests.support.editor import Editor, editor, place, position

Start: TypeAlias = Callable[..., AbstractAsyncContextManager[Editor]]

FILM = """story "Lantern"
  .model kirin_v3_t2v
  .mode pro
  .suffix Soft light.

import "cast.story" as cast

phrase look(who, lens = "50mm")
  {{ who }}, {{ lens }}

template turn(who)
  shot turn 4s
    {{ look(who) }} turns.

scene river "The river" 17s

shot wide 5s
  Mei on the boat with {{ cast.mei }}.

use turn(cast.mei) as one

for side in north, south
  shot bank 4s
    The {{ side }} bank.
"""
CAST = "let mei = Mei, 30, red coat\nlet bo = Bo\n"


def write(cli: Cli) -> None:
    cli.write("storyboard.toml", "")
    cli.write("film.story", FILM)
    cli.write("cast.story", CAST)


def line_of(start: str) -> int:
    return next(number for number, line in enumerate(FILM.split("\n")) if line.startswith(start))


def at(start: str, word: str) -> types.Position:
    number = line_of(start)
    return position(number, FILM.split("\n")[number].index(word))


async def shown_at(ours: Editor, where: types.Position) -> str:
    found = await ours.text_document_hover_async(types.HoverParams(ours.document("film.story"), where))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value


async def test_a_model_shows_its_limits_and_prices(cli: Cli, start: Start) -> None:
    write(cli)
    page = cli("models", "kirin_v3_t2v").out.strip()
    async with start() as ours:
        await ours.open("film.story")
        assert await shown_at(ours, at("  .model", "kirin")) == f"```text\n{page}\n```"


async def test_a_shot_shows_its_whole_prompt_its_length_and_its_price(cli: Cli, start: Start) -> None:
    write(cli)
    compiled = cli("compile", "film.story", "--json").json["stories"][0]["jobs"]
    async with start() as ours:
        await ours.open("film.story")
        text = await shown_at(ours, at("shot wide", "shot"))
        assert "Mei on the boat with Mei, 30, red coat. Soft light." in text
        assert "of 512 characters (kirin_v3_t2v)" in text
        assert "`{{ cast.mei }}`" in text
        assert "`.suffix`" in text
        assert f"job {compiled[0]['id']}" in text
        assert "$" in text
        assert "to buy" in text
        looped = await shown_at(ours, at("  shot bank", "shot"))
        assert "The north bank." in looped
        assert "The south bank." in looped


async def test_a_shot_that_was_built_shows_its_picture(cli: Cli, start: Start) -> None:
    write(cli)
    assert cli.process("build", "film.story").code == 0
    async with start() as ours:
        await ours.open("film.story")
        wide, bank = await shown_at(ours, at("shot wide", "shot")), await shown_at(ours, at("  shot bank", "shot"))
    assert wide.count("data:image/jpeg;base64,/9j/") == 1
    assert len(set(re.findall(r"base64,(\S+)\)", bank))) == 2


async def test_names_settings_and_keywords_are_explained(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")
        assert "let mei = Mei, 30, red coat" in await shown_at(ours, at("  Mei on", "mei }}"))
        assert "cast.story:1" in await shown_at(ours, at("  Mei on", "mei }}"))
        assert "template turn(who)" in await shown_at(ours, at("use turn", "turn"))
        assert "`.mode` takes" in await shown_at(ours, at("  .mode pro", ".mode"))
        assert 'scene name "Title" 12s' in await shown_at(ours, at("scene", "scene"))


async def test_a_definition_and_its_uses_are_found_in_every_file(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")
        document, where = ours.document("film.story"), at("  Mei on", "mei }}")
        found = await ours.text_document_definition_async(types.DefinitionParams(document, where))
        assert found == types.Location(ours.uri("cast.story"), place((0, 4), (0, 7)))
        imported = await ours.text_document_definition_async(types.DefinitionParams(document, at("import", "cast.")))
        assert isinstance(imported, types.Location)
        assert imported.uri == ours.uri("cast.story")
        context = types.ReferenceContext(include_declaration=True)
        uses = await ours.text_document_references_async(types.ReferenceParams(context, document, where))
        assert [(each.uri.rsplit("/", 1)[1], each.range.start.line) for each in uses or ()] == [
            ("cast.story", 0),
            ("film.story", line_of("  Mei on")),
            ("film.story", line_of("use turn")),
        ]
        marked = await ours.text_document_document_highlight_async(
            types.DocumentHighlightParams(document, at("template", "who"))
        )
        assert [each.range.start.line for each in marked or ()] == [line_of("template"), line_of("    {{ look")]


async def test_the_outline_holds_scenes_with_their_shots(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")
        document = ours.document("film.story")
        found = await ours.text_document_document_symbol_async(types.DocumentSymbolParams(document))
        assert [each.name for each in found or ()] == ["Lantern", "cast.story", "look", "turn", "river"]
        (river,) = [each for each in found or () if isinstance(each, types.DocumentSymbol) and each.name == "river"]
        assert [each.name for each in river.children or ()] == ["wide", "use turn as one", "for side"]
        folds = await ours.text_document_folding_range_async(types.FoldingRangeParams(document))
        assert line_of("scene river") in {each.start_line for each in folds or ()}
        everywhere = await ours.workspace_symbol_async(types.WorkspaceSymbolParams("mei"))
        assert [each.name for each in everywhere or ()] == ["mei"]
        ranges = await ours.text_document_selection_range_async(
            types.SelectionRangeParams(document, [at("  Mei on", "mei }}")])
        )
        assert ranges is not None and len(ranges) == 1
        chosen: types.SelectionRange | None = ranges[0]
        widths = []
        while chosen is not None:
            widths.append((chosen.range.start.line, chosen.range.end.line))
            chosen = chosen.parent
        assert widths[-1] == (0, FILM.count("\n"))
        assert len(widths) >= 5


async def test_lengths_jobs_and_prices_are_shown_beside_the_lines(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")
        document = ours.document("film.story")
        everything = place((0, 0), (99, 0))
        hints = await ours.text_document_inlay_hint_async(types.InlayHintParams(document, everything))
        labels = {each.position.line: str(each.label) for each in hints or ()}
        assert labels[line_of("shot wide")].startswith("51/512 · ")
        assert " s · job river#1" in labels[line_of("shot wide")]
        assert labels[line_of("  shot bank")].endswith("2 shots")
        lenses = await ours.text_document_code_lens_async(types.CodeLensParams(document))
        titles = {each.range.start.line: each.command.title for each in lenses or () if each.command}
        assert titles[line_of("scene")].startswith("4 shots · 17 s · ")
        assert "$" in titles[line_of("story")]
        assert "to buy" in titles[line_of("story")]


async def labels(ours: Editor, text: str) -> list[str]:
    """What may be typed at the mark `|` in the film's last lines."""
    whole = f"{FILM}\n{text}"
    before = whole[: whole.rindex("|")]
    await ours.type("film.story", whole.replace("|", "") if text.count("|") == 1 else whole)
    where = position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    found = await ours.text_document_completion_async(types.CompletionParams(ours.document("film.story"), where))
    return [each.label for each in (found.items if isinstance(found, types.CompletionList) else found or ())]


async def test_completion_depends_on_the_position(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")
        assert {"shot", "scene", "use", "import"} <= set(await labels(ours, "sh|"))
        assert {"shot", "use"} <= set(await labels(ours, "template more(x)\n  |"))
        assert "scene" not in await labels(ours, "template more(x)\n  |")
        assert {".model", ".avoid", ".mode", ".say"} <= set(await labels(ours, "shot x 5s\n  .|"))
        assert ".say" not in await labels(ours, "scene x\n  .|")
        assert "kirin_v3_t2v" in await labels(ours, "shot x 5s\n  .model kir|")
        assert {"std", "pro"} & set(await labels(ours, "shot x 5s\n  .mode |"))
        assert {"turn"} == set(await labels(ours, "use tu|"))
        assert {"who = ", "cast.mei"} <= set(await labels(ours, "use turn(|"))
        assert {"look", "cast.mei", "scene.title"} <= set(await labels(ours, "shot x 5s\n  A {{ |"))
        assert "upper" in await labels(ours, "shot x 5s\n  A {{ cast.mei | up|")
        assert {"lens = "} <= set(await labels(ours, "shot x 5s\n  A {{ look(cast.mei, |"))
        assert {"who", "side"} & set(await labels(ours, "template more(who)\n  shot x 5s\n    A {{ |"))
        assert {"cast.story"} == set(await labels(ours, 'import "|'))
        assert {"5s", "10s"} & set(await labels(ours, "shot x |"))
        assert await labels(ours, "shot x 5s\n  A bo|") == []
        assert await labels(ours, 'use turn("a (small) boat") |') == ["as "]
        codes = await labels(ours, "let spare = a lamp\n\n# ok |")
        assert codes[0] == "SB140", "what was found in this file comes first"
        assert "SB003" not in codes, "an error cannot be silenced"


async def test_lines_above_scenes_stay_while_a_word_is_half_typed(cli: Cli, start: Start) -> None:
    write(cli)
    async with start() as ours:
        await ours.open("film.story")

        async def titles() -> list[str]:
            asked = types.CodeLensParams(ours.document("film.story"))
            found = await ours.text_document_code_lens_async(asked) or ()
            return [each.command.title for each in found if each.command]

        assert len(await titles()) == 2
        await ours.type("film.story", f"{FILM}\nshot bad\n")
        assert [title.split(" · ", 1)[0] for title in await titles()] == ["4 shots"] * 2
        assert all(title.endswith(" · no jobs while there are errors") for title in await titles())
        await ours.type("film.story", FILM)
        assert all("$" in title for title in await titles())


class CountingHandler(BaseHTTPRequestHandler):
    """A gateway that only counts."""

    seen: ClassVar[list[str]] = []

    def do_any(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        self.send_response(500)
        self.end_headers()

    do_GET = do_POST = do_PUT = do_any  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_nothing_in_the_server_sends_a_request(cli: Cli) -> None:
    write(cli)
    gateway = ThreadingHTTPServer(("127.0.0.1", 0), CountingHandler)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{gateway.server_port}"
    environment = {**cli.environment, "STORYBOARD_API_KEY": "key", "STORYBOARD_BASE_URL": address}
    async with editor(cli.folder, environment) as ours:
        await ours.open("film.story")
        document, where = ours.document("film.story"), at("  Mei on", "mei }}")
        everything = place((0, 0), (99, 0))
        await ours.text_document_hover_async(types.HoverParams(document, where))
        await ours.text_document_inlay_hint_async(types.InlayHintParams(document, everything))
        await ours.text_document_code_lens_async(types.CodeLensParams(document))
        await ours.text_document_rename_async(types.RenameParams(document, where, "may"))
        await ours.text_document_code_action_async(
            types.CodeActionParams(document, everything, types.CodeActionContext([]))
        )
        ours.text_document_did_save(types.DidSaveTextDocumentParams(document))
        await ours.type("film.story", FILM + "\n")
    gateway.shutdown()
    gateway.server_close()
    assert CountingHandler.seen == []
    assert not (cli.folder / "film.story.lock").exists()
    assert json.dumps(sorted(each.name for each in cli.folder.iterdir())) == json.dumps(
        ["cast.story", "film.story", "storyboard.toml"]
    )
