"""Serve the folder of a film on this machine, for browsers that play no video from disk, and to watch a build."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO, ClassVar
from urllib.parse import unquote, urlsplit

from storyboard.errors import StoryboardError
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.film.delivery import CLIPS, SHEET
from storyboard.film.folder import is_own_file
from storyboard.film.takes import TAKES
from storyboard.local_server import QuietHandler, serving

_HOST = "127.0.0.1"
_TYPES = {".html": "text/html; charset=utf-8", ".mp4": "video/mp4", ".json": "application/json"}
_RANGE = lazy_pattern(r"bytes=(\d*)-(\d*)", re.ASCII)
_PIECE = 1 << 16


@contextmanager
def served(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve the contact sheet in `folder`, its films and its clips, and nothing else; yield the address.

    Port 0 picks a free one. Only requests to this machine under its own name are answered: a foreign host name that
    resolves to it gets nothing. Raises `StoryboardError` if the port is taken.
    """

    class FolderHandler(_Handler):
        """Answers for this folder."""

    FolderHandler.folder = folder
    try:
        server = ThreadingHTTPServer((_HOST, port), FolderHandler)
    except OSError as error:
        raise StoryboardError(
            f"port {port} cannot be used: {error.strerror}", help="--port 0 picks a free one"
        ) from error
    FolderHandler.port = server.server_port
    with serving(server):
        yield f"http://{_HOST}:{server.server_port}/"


class _Handler(QuietHandler):
    """Answers for the files of a build, whole or a range."""

    folder: ClassVar[Path]
    port: ClassVar[int]

    def answer(self, *, with_body: bool) -> None:
        """Send the file, or say that there is none."""
        file = self._file() if self._is_for_us() else None
        try:
            if file is None:
                raise FileNotFoundError
            with file.open("rb") as content:
                self._send(file, content, with_body=with_body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _is_for_us(self) -> bool:
        return self.headers.get("Host") in (f"{_HOST}:{self.port}", f"localhost:{self.port}")

    def _file(self) -> Path | None:
        """Return the requested file, if it is one that builds write."""
        names = unquote(urlsplit(self.path).path).lstrip("/").split("/")
        if names == [""]:
            names = [SHEET]
        if names[:-1] not in ([], [CLIPS], [TAKES]) or names[-1].startswith(".") or "\0" in names[-1]:
            return None
        file = self.folder.joinpath(*names)
        wanted = names == [SHEET] or file.suffix == ".mp4"
        return file if wanted and is_own_file(file) else None

    def _send(self, file: Path, content: BinaryIO, *, with_body: bool) -> None:
        size = content.seek(0, 2)
        modified = file.stat().st_mtime_ns
        first, last = self._wanted(size)
        if first > last:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        is_part = last - first + 1 < size
        self.send_response(HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK)
        self.send_header("Content-Type", _TYPES.get(file.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{modified:x}-{size:x}"')
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.end_headers()
        if with_body:
            content.seek(first)
            _copy(content, self.wfile, last - first + 1)

    def _wanted(self, size: int) -> tuple[int, int]:
        """Return the first and last requested byte; the last is before the first if the range is empty."""
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        if found is None or found[1] == found[2] == "":
            return 0, max(size - 1, 0)
        if not found[1]:
            return max(0, size - int(found[2])), size - 1
        first = int(found[1])
        last = min(int(found[2]), size - 1) if found[2] else size - 1
        return (first, last) if first < size else (1, 0)


def _copy(source: BinaryIO, target: BufferedIOBase, length: int) -> None:
    while length > 0:
        piece = source.read(min(_PIECE, length))
        if not piece:
            return
        target.write(piece)
        length -= len(piece)
