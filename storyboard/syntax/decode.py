"""From bytes to a source: UTF-8 and nothing else."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Outcome
from storyboard.diagnostics.rules import reading
from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.source import Source, Span

_UNWANTED = lazy_pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "save the file as UTF-8"


def decode(path: Path, data: bytes) -> Outcome[Source]:
    """Decode a file. Anything but plain UTF-8 is one error, and the text then only serves to show its place."""
    if data.startswith(_UTF_16):
        return _refused(path, data.decode("utf-16", "replace"), 0, "this file is UTF-16, not UTF-8", _SAVE_AS)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as trouble:
        offset = len(data[: trouble.start].decode("utf-8"))
        message = f"the byte 0x{data[trouble.start]:02X} is not valid in UTF-8{_guess(data)}"
        return _refused(path, data.decode("utf-8", "replace"), offset, message, _SAVE_AS)
    unwanted = _UNWANTED.search(text)
    if unwanted is not None:
        return _refused(path, text, unwanted.start(), *_explain(unwanted[0], text))
    return Outcome(Source(path, text))


def _refused(path: Path, text: str, offset: int, message: str, help_line: str) -> Outcome[Source]:
    source = Source(path, text)
    found: Diagnostic = reading.NOT_PLAIN_TEXT.at(Span(source, offset, offset + 1), message, help=help_line)
    return Outcome(source, (found,))


def _guess(data: bytes) -> str:
    """Guess the real encoding; files of Chinese authors are often GBK."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; the file looks like GBK" if re.search("[\u4e00-\u9fff]{2}", text) else ""


def _explain(character: str, text: str) -> tuple[str, str]:
    if character == "\r":
        return "a carriage return without a line feed", "save the file with LF or CRLF line endings"
    if character == "\x00":
        several = text.count("\x00") > len(text) // 4
        return "unexpected NUL character", f"{_SAVE_AS}; it looks like UTF-16" if several else "delete it"
    return f"unexpected control character (U+{ord(character):04X})", "delete it"
