"""Whatever is typed, in any order and at any place: the server has the editor's text, and answers every request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from storyboard.lsp import server as features
from storyboard.lsp.positions import PositionCodec
from storyboard.lsp.server import StoryServer

STORY = """story "夜 🏮"
  .model kirin_v3_t2v
  .suffix Soft light.

let mei = Mei, 30, red coat

phrase look(who, lens = "50mm")
  {{ who }}, {{ lens }}

template turn(who)
  shot turn 4s
    {{ look(who) }} turns.

scene river "The river"

shot wide 5s
  灯 on the boat with {{ mei }}.\r
  .say "👩‍👩‍👧 hello"

use turn(mei) as one

for side in north, south
  shot bank 4s
    The {{ side }} bank.
"""
PIECES = [
    *'\n\r\t "#{}%|().,=:~灯🏮\ufeff\x00',
    *("\r\n", "\n  ", "\n    ", "{{ ", " }}", "{% if ", "{% endif %}", "é\u0301", "\u2028"),
    *(
        "shot",
        "scene",
        "use turn(",
        "for x in ",
        "import ",
        "let ",
        "split",
        "5s",
        "mei",
        "  .negative ",
        "# ok SB140: x",
    ),
]
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
ENCODINGS = st.sampled_from(sorted(CODECS))
FRACTIONS = st.floats(0, 1)
EDITS = st.lists(st.tuples(FRACTIONS, st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=12)


def seen_by_an_editor(text: str, offset: int, encoding: str) -> types.Position:
    """An offset as an editor counts it, in plain steps."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    if text[:offset].endswith("\r") and text[offset:].startswith("\n"):
        before = before[:-1]
    line = before[before.rfind("\n") + 1 :]
    return types.Position(before.count("\n"), len(line.encode(CODECS[encoding])) // WIDTHS[encoding])


def ask_everything(server: StoryServer, uri: str, start: types.Position, end: types.Position) -> None:
    """Every request that an editor can make of a place."""
    document, stretch = types.TextDocumentIdentifier(uri), types.Range(start, end)
    features.hover(server, types.HoverParams(document, end))
    features.complete(server, types.CompletionParams(document, end))
    features.definition(server, types.DefinitionParams(document, end))
    features.references(server, types.ReferenceParams(types.ReferenceContext(True), document, end))
    features.highlights(server, types.DocumentHighlightParams(document, end))
    features.code_actions(server, types.CodeActionParams(document, stretch, types.CodeActionContext([])))
    features.document_symbols(server, types.DocumentSymbolParams(document))
    features.workspace_symbols(server, types.WorkspaceSymbolParams("m"))
    features.folding(server, types.FoldingRangeParams(document))
    features.selection(server, types.SelectionRangeParams(document, [start, end]))
    features.range_formatting(
        server, types.DocumentRangeFormattingParams(document, stretch, types.FormattingOptions(2, True))
    )
    features.hints(server, types.InlayHintParams(document, stretch))
    features.code_lenses(server, types.CodeLensParams(document))
    features.prepare_rename(server, types.PrepareRenameParams(document, end))
    try:
        features.rename_symbol(server, types.RenameParams(document, end, "lin"))
    except JsonRpcInvalidParams as refused:
        assert str(refused)


@given(EDITS, ENCODINGS)
@settings(max_examples=60)
def test_any_edits_leave_the_same_text_and_an_answer_to_every_request(
    edits: list[tuple[float, int, str]], encoding: str
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(edit_and_ask(Path(folder), edits, encoding))


async def edit_and_ask(folder: Path, edits: list[tuple[float, int, str]], encoding: str) -> None:
    server = StoryServer()
    server.protocol.client_capabilities = types.ClientCapabilities()
    server.buffers.root = folder
    server.buffers.codec = PositionCodec(encoding)
    (folder / "storyboard.toml").write_text("")
    uri, text = (folder / "a.story").as_uri(), STORY
    path = server.buffers.open(uri, text, 0)
    for version, (fraction, length, piece) in enumerate(edits, 1):
        start = int(fraction * len(text))
        end = min(len(text), start + length)
        if "\r\n" in (text[start - 1 : start + 1], text[end - 1 : end + 1]):
            continue  # no cursor stands between the two
        stretch = types.Range(seen_by_an_editor(text, start, encoding), seen_by_an_editor(text, end, encoding))
        change = types.TextDocumentContentChangePartial(stretch, piece)
        text = text[:start] + piece + text[end:]
        server.checks.changed(server.buffers.change(uri, version, [change]))
        assert server.buffers.by_path[path].text == text
        after = seen_by_an_editor(text, start + len(piece), encoding)
        ask_everything(server, uri, stretch.start, after)
    assert server.checks.report(path).trouble == ""
    assert server.checks.report(path).file is not None or server.checks.report(path).found
