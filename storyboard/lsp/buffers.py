"""The texts that are open in the editor, saved or not."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from lsprotocol import types

from storyboard.fast_dataclasses import dataclass
from storyboard.files.disk import real
from storyboard.lsp.positions import PositionCodec


@dataclass
class Buffer:
    """An open text. `uri` is the client's name for it; `version` counts its changes."""

    uri: str
    path: Path
    text: str
    version: int = 0

    @property
    def content(self) -> bytes:
        """The bytes that would be saved. Half a surrogate pair, which no file can contain, gives invalid UTF-8."""
        return self.text.encode("utf-8", "surrogatepass")


def _path_of(parts: SplitResult) -> Path:
    """Return the path in a `file:` URI: `file:///c%3A/films/a.story`, `file://server/share/a.story` on Windows."""
    path = unquote(parts.path) or "/"
    if sys.platform == "win32":
        return Path(f"//{parts.netloc}{path}" if parts.netloc else path[1:] if path[2:3] == ":" else path)
    return Path(path)


class Buffers:
    """All open texts by the paths of their files."""

    def __init__(self, root: Path) -> None:
        """`root` is the assumed folder of texts without a file."""
        self.root = root
        self.codec = PositionCodec()
        self.by_path: dict[Path, Buffer] = {}
        self._uris: dict[Path, str] = {}

    def path_of(self, uri: str) -> Path:
        """Return the file of a client's URI, links resolved."""
        parts = urlsplit(uri)
        if parts.scheme == "file":
            return real(_path_of(parts))
        return real(self.root / (PurePosixPath(unquote(parts.path)).name or "untitled"))

    def uri_of(self, path: Path) -> str:
        """Return the client's URI of a file."""
        return self._uris.get(path) or path.as_uri()

    def open(self, uri: str, text: str, version: int) -> Path:
        """Add a text that was opened."""
        path = self.path_of(uri)
        self._uris[path] = uri
        self.by_path[path] = Buffer(uri, path, text, version)
        return path

    def change(self, uri: str, version: int, changes: Iterable[types.TextDocumentContentChangeEvent]) -> Path:
        """Apply changes in order."""
        path = self.path_of(uri)
        buffer = self.by_path.get(path)
        if buffer is None:
            buffer = self.by_path[path] = Buffer(uri, path, "")
            self._uris[path] = uri
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self.codec.offset(buffer.text, change.range.start)
                end = max(start, self.codec.offset(buffer.text, change.range.end))
                buffer.text = buffer.text[:start] + change.text + buffer.text[end:]
            else:
                buffer.text = change.text
        buffer.version = version
        return path

    def close(self, uri: str) -> Path:
        """Forget a closed text: its file counts again."""
        path = self.path_of(uri)
        self.by_path.pop(path, None)
        return path

    @property
    def contents(self) -> dict[Path, bytes]:
        """Return the contents to lay over the disk."""
        return {path: buffer.content for path, buffer in self.by_path.items()}
