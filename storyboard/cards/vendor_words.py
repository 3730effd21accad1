"""Parameters in vendors' manuals that have another name in a story."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from storyboard.files.disk import read_all_packaged
from storyboard.files.toml import parse_toml

FOLDER = Path(__file__).with_name("data") / "vendors"


def written_by_storyboard() -> Mapping[str, str]:
    """Parameters that storyboard writes itself: what to write in a story instead, by the vendor's name."""
    return _words("written_by_storyboard")


def settings_by_other_names() -> Mapping[str, str]:
    """Parameters that a story sets: the setting, by the vendor's name."""
    return _words("settings")


@cache
def _words(table: str) -> dict[str, str]:
    words: dict[str, str] = {}
    for text in read_all_packaged(FOLDER, ".toml"):
        words |= parse_toml(text)[table]
    return words
