"""The fonts of this machine, in the order in which cards try them. None is ever copied into the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import ImageFont, features

from storyboard.fast_dataclasses import dataclass
from storyboard.files.environment import environ
from storyboard.media.glyph_coverage import Coverage, read_coverage

_PREFERRED = (
    "notosanscjk-regular",
    "sourcehansans-regular",
    "notosanscjksc-regular",
    "notosans-regular",
    "notosanssc-regular",
    "inter-regular",
    "sfns",
    "helveticaneue",
    "pingfang",
    "hiragino sans gb",
    "opensans-regular",
    "roboto-regular",
    "dejavusans",
    "liberationsans-regular",
    "arial unicode",
    "arial",
)
"""File names (without ending, lower case) that are tried first."""

_OTHER_STYLES = (
    "bold",
    "italic",
    "oblique",
    "black",
    "thin",
    "light",
    "medium",
    "condensed",
    "narrow",
    "mono",
    "serif",
)
_ENDINGS = {".ttf", ".otf", ".ttc", ".otc"}
_MOST_FILES = 4000
_feature: Callable[[str], bool | None] = features.check
_truetype: Callable[..., ImageFont.FreeTypeFont] = ImageFont.truetype  # sizes are fractions of a pixel too
_load_default: Callable[..., object] = ImageFont.load_default
_SHAPING = bool(_feature("raqm"))
_BUILT_IN = Coverage((0x20,), (0x7E,))


@dataclass(frozen=True, eq=False)
class Face:
    """A font file. `path` is None for the plain built-in face, which knows printable ASCII only."""

    path: Path | None

    @cached_property
    def coverage(self) -> Coverage:
        """The characters it has."""
        return _BUILT_IN if self.path is None else read_coverage(self.path)

    @lru_cache(maxsize=64)  # noqa: B019  (faces live as long as the process)
    def at(self, size: float, language: str = "SC") -> ImageFont.FreeTypeFont:
        """Return the face at a size in pixels; from a pan-CJK collection, the one for `language`."""
        if self.path is None:
            font = _load_default(size)
            assert isinstance(font, ImageFont.FreeTypeFont)
            return font
        return _truetype(self.path, size, index=self._indexes.get(language, 0))

    @cached_property
    def usable(self) -> bool:
        """Whether the file can be opened as a font."""
        try:
            self.at(16.0)
        except OSError:
            return False
        return True

    @cached_property
    def _indexes(self) -> dict[str, int]:
        if self.path is None or self.path.suffix.lower() != ".ttc" or "cjk" not in self.path.stem.lower():
            return {}
        indexes: dict[str, int] = {}
        for index in range(5):
            try:
                family = _truetype(self.path, 16, index=index).getname()[0] or ""
            except OSError:
                break
            indexes.setdefault(family.rsplit(" ", 1)[-1], index)
        return indexes


BUILT_IN = Face(None)


@dataclass(frozen=True)
class FontSet:
    """Faces for text in the order to try, and one for figures. `shaping`: whether joined scripts work."""

    text: tuple[Face, ...]
    strong: Face
    shaping: bool = _SHAPING

    @property
    def empty(self) -> bool:
        """Whether the machine has no font at all."""
        return not self.text


def font_set(paths: Iterable[Path]) -> FontSet:
    """Return a set of only these files, if they are fonts, best first."""
    files = sorted(paths, key=_rank)
    text = tuple(Face(path) for path in files)
    strong = next((face for face in map(Face, _bold_first(files)) if 0x30 in face.coverage and face.usable), BUILT_IN)
    return FontSet(text, strong)


@lru_cache(maxsize=1)
def system_fonts() -> FontSet:
    """Return the fonts of this machine, searched once per process."""
    return font_set(set(_in_folders()) or set(_by_fontconfig()))


def _rank(path: Path) -> tuple[int, int, str, str]:
    stem = path.stem.lower()
    preference = _PREFERRED.index(stem) if stem in _PREFERRED else len(_PREFERRED)
    return preference, sum(style in stem for style in _OTHER_STYLES), stem, str(path)


def _bold_first(files: list[Path]) -> list[Path]:
    bold = [name.removesuffix("-regular") + "-bold" for name in _PREFERRED]
    wanted = [path for name in bold for path in files if path.stem.lower() == name]
    return [*wanted, *files]


def _in_folders() -> Iterator[Path]:
    found = 0
    for folder in _folders():
        for root, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                if Path(name).suffix.lower() in _ENDINGS and found < _MOST_FILES:
                    found += 1
                    yield Path(root, name)


def _folders() -> list[Path]:
    home = Path.home() if "HOME" in environ else None
    if sys.platform == "win32":
        own_fonts = Path(environ.get("LOCALAPPDATA", "C:/"), "Microsoft", "Windows", "Fonts")
        return [Path(environ.get("SYSTEMROOT", "C:/Windows"), "Fonts"), own_fonts]
    if sys.platform == "darwin":
        shared = ["/System/Library/Fonts", "/Library/Fonts"]
        own = ["Library/Fonts"]
    else:
        shared = [f"{base}/fonts" for base in environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")]
        own = [".fonts", ".local/share/fonts"]
    return [Path(folder) for folder in shared] + ([home / folder for folder in own] if home else [])


def _by_fontconfig() -> Iterator[Path]:
    command = shutil.which("fc-list")
    if command is None:
        return
    try:
        listing = subprocess.run([command, "--format", "%{file}\n"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    paths = (Path(line) for line in os.fsdecode(listing.stdout).splitlines())
    yield from (path for path in paths if path.suffix.lower() in _ENDINGS)
