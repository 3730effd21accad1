"""Finding Content Credentials in an mp4 file without any library."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.media.mp4 import carries_credentials

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
FTYP = b"\0\0\0\x10ftypisom\0\0\0\0"
MOOV = b"\0\0\0\x08moov"


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def long_box(kind: bytes, content: bytes) -> bytes:
    return b"\0\0\0\x01" + kind + (16 + len(content)).to_bytes(8, "big") + content


@pytest.mark.parametrize(
    "content",
    [
        FTYP + box(b"uuid", C2PA + b"manifest") + MOOV,
        FTYP + MOOV + box(b"mdat", b"x" * 100) + box(b"uuid", C2PA),
        FTYP + long_box(b"mdat", b"x" * 100) + long_box(b"uuid", C2PA),
        FTYP + b"\0\0\0\0uuid" + C2PA,
    ],
)
def test_credentials_are_found_at_any_position(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(content)
    assert carries_credentials(file)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an mp4 file",
        FTYP + MOOV,
        FTYP + box(b"uuid", b"0" * 16) + MOOV,
        FTYP + box(b"free", box(b"uuid", C2PA)),
        FTYP + b"\0\0\0\0mdat" + box(b"uuid", C2PA),
        FTYP + b"\0\0\0\x04uuid" + C2PA[:3],
        FTYP + b"\0\0\0\x01uuid\0\0\0",
    ],
)
def test_files_without_credentials_have_none(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(content)
    assert not carries_credentials(file)
