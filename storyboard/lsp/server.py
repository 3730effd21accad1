"""`storyboard lsp`: the language server over standard input and output."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from storyboard import __version__
from storyboard.lsp.buffers import Buffers
from storyboard.lsp.completion import Proposal, proposals
from storyboard.lsp.findings import shown_finding, shown_trouble
from storyboard.lsp.fixes import actions_at, fix_all, silencing_at, wants
from storyboard.lsp.hints import inlay_hints, lenses, price_of
from storyboard.lsp.hover import hover_text
from storyboard.lsp.live_check import LiveChecks, LiveReport
from storyboard.lsp.names import NamePlace, RenameRefused, Renaming, imported_file, place_at, places_of, rename
from storyboard.lsp.outline import folds, found_symbols, selections, symbols
from storyboard.lsp.positions import PositionCodec
from storyboard.lsp.text_edits import edits_between, workspace_edit
from storyboard.money import dollars
from storyboard.report.style import counted
from storyboard.source import Source
from storyboard.syntax import format_source

PAUSE = 0.005
"""Seconds to wait for the next keystroke before a text is checked."""
_WATCHED = ("**/*.story", "**/*.story.lock", "**/storyboard.toml", "**/*.toml")


class StoryServer(LanguageServer):
    """The server, with its state of the open files."""

    def __init__(self) -> None:
        super().__init__("storyboard", __version__, types.TextDocumentSyncKind.Incremental)
        self.buffers = Buffers(Path.cwd())
        self.checks = LiveChecks(self.buffers)
        self.published: dict[str, list[types.Diagnostic]] = {}
        self.checking: asyncio.Task[None] | None = None

    @property
    def codec(self) -> PositionCodec:
        """Converts the client's positions."""
        return self.buffers.codec

    def check_soon(self) -> None:
        """Check the changed files as soon as there is nothing else to do."""
        if self.checking is None or self.checking.done():
            self.checking = asyncio.get_running_loop().create_task(self._check_all())

    async def _check_all(self) -> None:
        await asyncio.sleep(PAUSE)
        self.publish()  # a file that was closed shows nothing any more
        while self.checks.stale:
            path = next(iter(self.checks.stale))
            self.checks.report(path)
            self.publish(path)
            await asyncio.sleep(0)  # what was typed meanwhile comes first

    def publish(self, checked: Path | None = None) -> None:
        """Send the findings of the checked file, and of others if they differ from what the client has. The checked
        file comes last, so that a client that sees its new version has everything.
        """
        shown = {
            self.buffers.uri_of(path): [shown_finding(each, self.buffers) for each in found]
            for path, found in self.checks.findings().items()
        }
        for path, report in self.checks.reports.items():
            found = shown.setdefault(self.buffers.uri_of(path), [])
            if report.trouble:
                found.append(shown_trouble(report.trouble))
        just_checked = checked and self.buffers.uri_of(checked)
        for uri in sorted({*shown, *self.published}, key=lambda uri: uri == just_checked):
            found = shown.get(uri, [])
            if uri == just_checked or found != self.published.get(uri, []):
                buffer = self.buffers.by_path.get(self.buffers.path_of(uri))
                self.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(uri, found, buffer.version if buffer else None)
                )
        self.published = shown

    def report_at(self, document: types.TextDocumentIdentifier) -> LiveReport:
        """Return the current findings in a file."""
        return self.checks.report(self.buffers.path_of(document.uri))

    def text_of(self, report: LiveReport) -> str:
        """Return a file's text as the client has it."""
        buffer = self.buffers.by_path.get(report.path)
        text = buffer.text if buffer else report.file.source.text if report.file else ""
        return text.removeprefix("\ufeff")

    def located(self, place: NamePlace) -> types.Location:
        """Return the location of a name."""
        return types.Location(self.buffers.uri_of(place.span.source.path), self.codec.range(place.span))

    def has_snippets(self) -> bool:
        """Whether the client supports snippets."""
        text = self.client_capabilities.text_document
        item = text.completion.completion_item if text and text.completion else None
        return bool(item and item.snippet_support)

    def can_confirm(self) -> bool:
        """Whether the client can show changes before it applies them."""
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.change_annotation_support)


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Whether pygls logs something else than a request that was refused: the editor shows that answer itself."""
    return not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))


logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_no_refusal)

server = StoryServer()


@server.feature(types.INITIALIZED)
async def on_initialized(ls: StoryServer, _: types.InitializedParams) -> None:
    """Agree on how positions are counted; ask to be told when files change on the disk."""
    encoding = ls.server_capabilities.position_encoding or types.PositionEncodingKind.Utf16
    ls.buffers.codec = PositionCodec(encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding)
    root = ls.workspace.root_uri
    if root and root.startswith("file:"):
        ls.buffers.root = ls.buffers.path_of(root)
    workspace = ls.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        await ls.client_register_capability_async(
            types.RegistrationParams([types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)])
        )


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
async def on_open(ls: StoryServer, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    ls.checks.changed(ls.buffers.open(document.uri, document.text, document.version))
    ls.check_soon()


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def on_change(ls: StoryServer, params: types.DidChangeTextDocumentParams) -> None:
    document = params.text_document
    ls.checks.changed(ls.buffers.change(document.uri, document.version, params.content_changes))
    ls.check_soon()


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
async def on_close(ls: StoryServer, params: types.DidCloseTextDocumentParams) -> None:
    ls.checks.close(ls.buffers.close(params.text_document.uri))
    ls.check_soon()


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
async def on_save(ls: StoryServer, _: types.DidSaveTextDocumentParams) -> None:
    ls.checks.expect_anything()
    ls.check_soon()


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
async def on_files_changed(ls: StoryServer, _: types.DidChangeWatchedFilesParams) -> None:
    ls.checks.expect_anything()
    ls.check_soon()


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]),
)
def code_actions(ls: StoryServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    report, only = ls.report_at(params.text_document), params.context.only
    text = ls.text_of(report)
    actions: list[types.CodeAction] = []
    if wants(None if only is None else list(only), types.CodeActionKind.QuickFix):
        start, end = ls.codec.offset(text, params.range.start), ls.codec.offset(text, params.range.end)
        actions += actions_at(ls.checks, report, start, end)
        actions += silencing_at(ls.checks, report, start, end)
    if wants(None if only is None else list(only), types.CodeActionKind.SourceFixAll):
        together = fix_all(ls.checks, report)
        actions += [together] if together else []
    return actions


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(ls: StoryServer, params: types.HoverParams) -> types.Hover | None:
    report = ls.report_at(params.text_document)
    found = hover_text(report, ls.codec.offset(ls.text_of(report), params.position))
    if found is None:
        return None
    text, span = found
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), ls.codec.range(span))


@server.feature(
    types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", "{", "|", '"', "/", "(", " "])
)
def complete(ls: StoryServer, params: types.CompletionParams) -> types.CompletionList:
    report = ls.report_at(params.text_document)
    text = ls.text_of(report)
    offset = ls.codec.offset(text, params.position)
    snippets = ls.has_snippets()
    items = [_item(each, text, offset, ls.codec, snippets) for each in proposals(report, text, offset)]
    return types.CompletionList(is_incomplete=False, items=items)


def _item(proposal: Proposal, text: str, offset: int, codec: PositionCodec, snippets: bool) -> types.CompletionItem:
    snippet = proposal.snippet if snippets else ""
    return types.CompletionItem(
        label=proposal.label,
        kind=proposal.kind,
        detail=proposal.detail or None,
        filter_text=proposal.label,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(codec.range_in(text, offset - proposal.typed, offset), snippet or proposal.label),
    )


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
def definition(ls: StoryServer, params: types.DefinitionParams) -> types.Location | None:
    report = ls.report_at(params.text_document)
    offset = ls.codec.offset(ls.text_of(report), params.position)
    imported = imported_file(report, offset)
    if imported is not None:
        start = types.Position(0, 0)
        return types.Location(ls.buffers.uri_of(imported), types.Range(start, start))
    place = place_at(report.unit, offset) if report.unit else None
    return ls.located(NamePlace(place.declared, place.declared)) if place else None


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
def references(ls: StoryServer, params: types.ReferenceParams) -> list[types.Location]:
    places = _places(ls, params.text_document, params.position)
    with_declaration = params.context.include_declaration
    return [ls.located(each) for each in places if with_declaration or each.span != each.declared]


def _places(ls: StoryServer, document: types.TextDocumentIdentifier, position: types.Position) -> list[NamePlace]:
    report = ls.report_at(document)
    place = place_at(report.unit, ls.codec.offset(ls.text_of(report), position)) if report.unit else None
    return places_of(ls.checks, report.path, place.declared) if place else []


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def highlights(ls: StoryServer, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    path = ls.buffers.path_of(params.text_document.uri)
    here = (each for each in _places(ls, params.text_document, params.position) if each.span.source.path == path)
    write, read = types.DocumentHighlightKind.Write, types.DocumentHighlightKind.Read
    return [
        types.DocumentHighlight(ls.codec.range(each.span), write if each.span == each.declared else read)
        for each in here
    ]


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: StoryServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    report = ls.report_at(params.text_document)
    place = place_at(report.unit, ls.codec.offset(ls.text_of(report), params.position)) if report.unit else None
    return types.PrepareRenamePlaceholder(ls.codec.range(place.span), place.span.text) if place else None


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def rename_symbol(ls: StoryServer, params: types.RenameParams) -> types.WorkspaceEdit:
    report = ls.report_at(params.text_document)
    offset = ls.codec.offset(ls.text_of(report), params.position)
    try:
        renaming = rename(ls.checks, report, offset, params.new_name)
    except RenameRefused as refused:
        raise JsonRpcInvalidParams(str(refused)) from None
    bill = _bill(report, renaming)
    if bill and not ls.can_confirm():
        ls.window_show_message(types.ShowMessageParams(types.MessageType.Warning, bill))
    annotation = types.ChangeAnnotation(bill, needs_confirmation=True) if bill and ls.can_confirm() else None
    return workspace_edit(renaming.edits, ls.buffers, annotation=annotation)


def _bill(report: LiveReport, renaming: Renaming) -> str:
    """Return what a renaming would buy again; "" if it changes no prompt."""
    jobs = renaming.changed_jobs
    if not jobs or report.project is None:
        return ""
    price = price_of(jobs, report.project.catalog)
    cost = f", about {dollars(price)}" if price is not None else ""
    return f"this changes prompts: {counted(len(jobs), 'job')} would be bought again{cost}"


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def document_symbols(ls: StoryServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    file = ls.report_at(params.text_document).file
    return symbols(file, ls.codec) if file else []


@server.feature(types.WORKSPACE_SYMBOL)
def workspace_symbols(ls: StoryServer, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
    near = next(iter(ls.buffers.by_path), ls.buffers.root / "any.story")
    return [
        symbol
        for unit in ls.checks.units(near)
        for symbol in found_symbols(unit.file, params.query, ls.buffers.uri_of(unit.file.source.path), ls.codec)
    ]


@server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(ls: StoryServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    file = ls.report_at(params.text_document).file
    return list(folds(file)) if file else []


@server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
def selection(ls: StoryServer, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    report = ls.report_at(params.text_document)
    text = ls.text_of(report)
    if report.file is None:
        return [types.SelectionRange(types.Range(each, each)) for each in params.positions]
    return [selections(report.file, ls.codec.offset(text, each), ls.codec) for each in params.positions]


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
def formatting(ls: StoryServer, params: types.DocumentFormattingParams) -> list[types.TextEdit]:
    return _formatted(ls, params.text_document)


@server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
def range_formatting(ls: StoryServer, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    first, last = params.range.start.line, params.range.end.line
    edits = _formatted(ls, params.text_document)
    return [edit for edit in edits if edit.range.start.line <= last and first <= edit.range.end.line]


def _formatted(ls: StoryServer, document: types.TextDocumentIdentifier) -> list[types.TextEdit]:
    report = ls.report_at(document)
    before = ls.text_of(report)
    if report.file is None:
        return []
    after = format_source(Source(report.path, before))
    if "\r\n" in before:
        after = after.replace("\n", "\r\n")
    return edits_between(before, after, ls.codec)


@server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
def hints(ls: StoryServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    report = ls.report_at(params.text_document)
    text = ls.text_of(report)
    start, end = ls.codec.offset(text, params.range.start), ls.codec.offset(text, params.range.end)
    return list(inlay_hints(report, start, end, ls.codec))


@server.feature(types.TEXT_DOCUMENT_CODE_LENS)
def code_lenses(ls: StoryServer, params: types.CodeLensParams) -> list[types.CodeLens]:
    return list(lenses(ls.report_at(params.text_document), ls.codec))
