"""An editor: pygls' own client, talking to `storyboard lsp` over real pipes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.support.waiting import PATIENCE


class Editor(LanguageClient):
    """An editor with a folder open. `shown` has the findings of each file as they were last sent."""

    def __init__(self, folder: Path) -> None:
        super().__init__("test-editor", "1")
        self.folder = folder
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.versions: dict[str, int | None] = {}
        self.messages: list[str] = []
        self.received = 0
        """How often findings were sent."""
        self.errors: list[str] = []
        self._news = asyncio.Event()
        self._version: dict[str, int] = {}

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def on_findings(params: types.PublishDiagnosticsParams) -> None:
            self.received += 1
            self.shown[params.uri] = list(params.diagnostics)
            self.versions[params.uri] = params.version
            self._news.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def on_message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
        def on_register(_: types.RegistrationParams) -> None:
            return None

    def report_server_error(self, error: Exception, source: Any) -> None:
        self.errors.append(f"{source}: {error}")

    @property
    def server_process(self) -> asyncio.subprocess.Process | None:
        """The process of the server."""
        return self._server

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri(name))

    async def open(self, name: str, text: str | None = None) -> list[types.Diagnostic]:
        """Open a file, with its saved text unless another is given; its findings."""
        if text is None:
            with (self.folder / name).open(encoding="utf-8", newline="") as file:
                text = file.read()
        self._version[name] = 1
        self.versions.pop(self.uri(name), None)
        self.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), "story", 1, text))
        )
        return await self.findings(name)

    async def type(
        self, name: str, text: str, place: types.Range | None = None, *, wait: bool = True
    ) -> list[types.Diagnostic]:
        """Replace the whole text, or what stands at a place; the findings after it."""
        self._version[name] += 1
        change: types.TextDocumentContentChangeEvent = (
            types.TextDocumentContentChangePartial(place, text)
            if place
            else types.TextDocumentContentChangeWholeDocument(text)
        )
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._version[name], self.uri(name)), [change]
            )
        )
        return await self.findings(name) if wait else []

    def close(self, name: str) -> None:
        self.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    async def findings(self, name: str) -> list[types.Diagnostic]:
        """The findings of a file's newest text."""
        await self.until(lambda: self.versions.get(self.uri(name)) == self._version[name])
        return self.shown[self.uri(name)]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until findings were sent that make something true."""
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                self._news.clear()
                await self._news.wait()

    async def stop_cleanly(self) -> None:
        await asyncio.wait_for(self.shutdown_async(None), PATIENCE)
        self.exit(None)
        await asyncio.wait_for(self.stop(), PATIENCE)  # type: ignore[no-untyped-call]


def position(line: int, character: int) -> types.Position:
    return types.Position(line, character)


def place(start: tuple[int, int], end: tuple[int, int]) -> types.Range:
    return types.Range(types.Position(*start), types.Position(*end))


@asynccontextmanager
async def editor(
    folder: Path,
    environment: Mapping[str, str],
    encodings: Sequence[types.PositionEncodingKind] = (),
    *,
    confirms: bool = True,
) -> AsyncIterator[Editor]:
    """An editor with a server of its own, shut down at the end."""
    ours = Editor(folder)
    await ours.start_io(sys.executable, "-m", "storyboard", "lsp", "--stdio", cwd=folder, env=dict(environment))
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=list(encodings)) if encodings else None,
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(
                document_changes=True,
                change_annotation_support=types.ChangeAnnotationsSupportOptions() if confirms else None,
            )
        ),
        text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(
                completion_item=types.ClientCompletionItemOptions(snippet_support=True)
            )
        ),
    )
    await asyncio.wait_for(
        ours.initialize_async(types.InitializeParams(capabilities=capabilities, root_uri=folder.as_uri())), PATIENCE
    )
    ours.initialized(types.InitializedParams())
    try:
        yield ours
    finally:
        await ours.stop_cleanly()
    assert ours.errors == []
