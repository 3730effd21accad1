"""Films whose files have names that no one would choose: built, exported for every program, and kept."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import opentimelineio as otio
import pytest

from storyboard.film.export import SUFFIXES
from tests.support.cli import Cli
from tests.support.numbered_films import Reel, make_numbered_clip

SETTINGS = "[animatic]\nwidth = 64\nfps = 12\n"
FOOTAGE = "a -->b <i>&amp; %2e#?'\".mp4"
STORY = f"""edition 1

story "=T --> <x> ]]> & \\"q\\""
  .model kirin_v3_t2v

scene s "=S -->"

shot sea 2s
  .clip {FOOTAGE}

shot boat 3s
  .say Mei: --> We are late.
  A boat.
"""
NAMES = [
    "-rf",
    "=1+1 <b>&\"x' --> $(id) `id` %n #?",
    pytest.param(" blanks ", marks=pytest.mark.posix("no folder ends in a space")),
    "line\nbreak \x1b[2Jred",
    ".灯\u202egnp]]>--><!--",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_film_with_any_name_is_kept_and_exported_with_its_clips(cli: Cli, name: str) -> None:
    cli.write("storyboard.toml", SETTINGS)
    make_numbered_clip(cli.folder / FOOTAGE, 1, Reel(Fraction(12), 24))
    story = f"./{name}.story"
    try:
        cli.write(story, STORY)
    except OSError as error:
        pytest.skip(f"this disk has no such names: {error}")
    built = cli("build", story)
    assert built.code == 0, built.err
    folder = cli.folder / "build" / name
    film = folder / f"{name}.mp4"
    stamp = film.stat().st_mtime_ns
    exported = cli("export", "all", story)
    assert exported.code == 0, exported.err
    assert {file.name for file in folder.iterdir()} >= {f"{name}{suffix}" for suffix in SUFFIXES.values()}
    assert all(each.is_file() for each in linked_by_otio(folder / f"{name}.otio"))
    assert all(each.is_file() for each in linked_by_mlt(folder / f"{name}.mlt"))
    assert "is missing" not in (folder / f"{name}.edl").read_text(encoding="utf-8")
    told = json.loads((folder / f"{name}.provenance.json").read_text(encoding="utf-8"))
    assert told["film"] is not None
    assert all(clip["sha256"] for clip in told["clips"])
    again = cli("build", story)
    assert again.code == 0, again.err
    assert film.stat().st_mtime_ns == stamp, "an unchanged film is not made again"
    assert cli("export", "all", story).code == 0
    for text in (built.out, built.err, exported.out, again.err):
        assert not {"\x1b", "\u202e"} & set(text)


def linked_by_otio(file: Path) -> list[Path]:
    timeline = otio.adapters.read_from_string(file.read_text(encoding="utf-8"))
    links = [clip.media_reference.target_url for clip in timeline.find_clips()]
    assert links
    return [file.parent / unquote(urlsplit(link).path) for link in links]


def linked_by_mlt(file: Path) -> list[Path]:
    document = ElementTree.fromstring(file.read_bytes())
    links = [each.text or "" for each in document.iterfind(".//chain/property[@name='resource']")]
    links += [each.text or "" for each in document.iterfind(".//producer/property[@name='resource']")]
    media = [link for link in links if "mp4" in link]
    assert media
    return [file.parent / link for link in media]
