"""Reading through the door: what is refused, what is recorded, and texts that are not saved yet."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storyboard.files import disk
from storyboard.files.environment import environ
from storyboard.files.plain_transcript import still_holds
from storyboard.files.transcript import (
    Transcript,
    begin_run,
    current_run,
    joined,
    recording,
    recording_for_run,
)
from storyboard.project import Run

if TYPE_CHECKING:
    from storyboard.files.plain_transcript import PlainTranscript

LATER = time.time_ns() + 10**13
"""A run that began long after the files were written."""


def kept(found: Transcript) -> PlainTranscript:
    plain = found.plain(LATER)
    assert plain is not None
    return plain


NO_PIPES = pytest.mark.posix("it has no pipes or sockets among its files")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(str(path))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(make_pipe, "it is a pipe, not a regular file", marks=NO_PIPES),
        (Path.mkdir, "it is a folder"),
        pytest.param(make_socket, "it is a socket, not a regular file", marks=NO_PIPES),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, not a regular file"),
        (lambda path: path.write_bytes(b"x" * 11), "it is larger than 10 bytes"),
        (lambda path: path.symlink_to("/etc/passwd"), "it is a link to a place outside its project"),
    ],
)
def test_only_regular_files_of_a_sensible_size_inside_their_root_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("a"))
    with pytest.raises(OSError, match=why):
        disk.read_file(Path("a"), 10, inside=tmp_path if "link" in why else None)


def resolve_link(path: Path) -> None:
    path.with_name("link").symlink_to("a")
    disk.real(path.with_name("link"))


def relink(path: Path) -> None:
    path.with_name("other").touch()
    path.with_name("link").unlink()
    path.with_name("link").symlink_to("other")


def folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "b").touch()


ASKED: list[tuple[str, Callable[[Path], object], Callable[[Path], object]]] = [
    ("read, then edited", disk.read_file, lambda path: path.write_text("new")),
    ("read, then removed", disk.read_file, Path.unlink),
    ("looked at, then longer", disk.look, lambda path: path.write_text("longer")),
    ("a clip, then longer", disk.look_at_sealed, lambda path: path.write_text("longer")),
    ("a clip, then removed", disk.look_at_sealed, Path.unlink),
    ("there, then removed", disk.exists, Path.unlink),
    (
        "missing, then there",
        lambda path: disk.exists(path / "b"),
        folder_in_its_place,
    ),
    (
        "a missing clip, then there",
        lambda path: disk.look_at_sealed(path.with_name("c")),
        lambda path: path.with_name("c").touch(),
    ),
    (
        "a folder listed, then one more",
        lambda path: disk.list_folder(path.parent),
        lambda path: path.with_name("c").touch(),
    ),
    ("a link, then another", resolve_link, relink),
    (
        "empty, then written",
        lambda path: disk.record_empty(path.with_name("c")),
        lambda path: path.with_name("c").write_text("x"),
    ),
]


@pytest.mark.parametrize(("what", "ask", "change"), ASKED, ids=[what for what, _, _ in ASKED])
def test_changed_file_is_noticed(
    tmp_path: Path, what: str, ask: Callable[[Path], object], change: Callable[[Path], object]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_text("old")
    with recording() as found:
        ask(folder / "a")
    plain = kept(found)
    assert still_holds(plain)
    assert still_holds(joined([plain, plain]))
    change(folder / "a")
    assert not still_holds(plain)


def test_missing_file_is_recorded(tmp_path: Path) -> None:
    with recording() as found, pytest.raises(FileNotFoundError):
        disk.read_file(tmp_path / "a")
    assert still_holds(kept(found))
    (tmp_path / "a").touch()
    assert not still_holds(kept(found))


def test_changed_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYBOARD_STORE", "a")
    monkeypatch.delenv("STORYBOARD_PROVIDER", raising=False)
    with recording() as found:
        assert environ.get("STORYBOARD_STORE") == "a"
        assert environ.get("STORYBOARD_PROVIDER") is None
    assert still_holds(kept(found))
    monkeypatch.setenv("STORYBOARD_PROVIDER", "kirin")
    assert not still_holds(kept(found))


def test_only_the_presence_of_the_key_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYBOARD_API_KEY", "secret")
    with recording() as found:
        assert environ["STORYBOARD_API_KEY"] == "secret"
    assert "secret" not in repr(kept(found))
    monkeypatch.setenv("STORYBOARD_API_KEY", " ")
    assert not still_holds(kept(found))


def test_file_that_changes_between_two_reads_is_not_cached(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with recording() as found:
        disk.read_file(tmp_path / "a")
        (tmp_path / "a").write_text("another")
        disk.read_file(tmp_path / "a")
    assert found.plain(LATER) is None


def test_shared_input_is_recorded_for_the_whole_run(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    begin_run(("lint",), LATER)
    with recording() as one:
        with recording_for_run():
            disk.read_file(tmp_path / "a")
        disk.exists(tmp_path / "b")
    assert str(tmp_path / "a") in current_run().stamps
    assert str(tmp_path / "a") not in one.stamps
    assert str(tmp_path / "b") in one.there


def test_unsaved_text_replaces_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    story = tmp_path / "a.story"
    story.write_text('import "house.story"\nstory "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A {{ boat }}.\n')
    (tmp_path / "house.story").write_text("let boat = boat\n")
    assert [found.code for found in Run(["a.story"]).lint().diagnostics] == []
    unsaved = {
        tmp_path / "house.story": b'import "new.story"\n',
        tmp_path / "new.story": b"let ship = ship\n",
    }
    begin_run(("lint",), LATER)
    with disk.overlaid(unsaved):
        over_disk = [(each.code, each.span.source.path.name) for each in Run(["a.story"]).lint().diagnostics]
        assert current_run().plain(LATER) is None
    for path, content in unsaved.items():
        path.write_bytes(content)
    saved = [(each.code, each.span.source.path.name) for each in Run(["a.story"]).lint().diagnostics]
    assert over_disk == saved
    assert any(path == "a.story" for _, path in saved)


def test_name_missing_from_a_listed_folder_is_not_looked_up_again(tmp_path: Path) -> None:
    with recording() as found:
        disk.list_folder(tmp_path)
        disk.look(tmp_path / "a")
        disk.look(tmp_path / "below" / "b")
    plain = joined([kept(found)])
    assert plain[1] == ((str(tmp_path / "below" / "b"), False),)
    assert still_holds(plain)
    (tmp_path / "a").touch()
    assert not still_holds(plain)


@pytest.fixture
def linked_clip(tmp_path: Path) -> tuple[Path, Path]:
    """A clip in a store, and its name in the folder of a film; both unchanged for years."""
    stored, named = tmp_path / "store" / "clip", tmp_path / "film" / "clip"
    for path in (stored, named):
        path.parent.mkdir()
    stored.write_text("a clip")
    named.hardlink_to(stored)
    _age(stored, named.parent)
    return stored, named


def _age(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def _names(found: PlainTranscript) -> list[str]:
    return [name for _, names, _ in found[3] for name in names]


def test_clip_with_two_names_is_looked_at_once_if_the_folder_of_the_other_is_looked_at(
    linked_clip: tuple[Path, Path],
) -> None:
    stored, named = linked_clip
    with recording() as transcript:
        disk.look_at_sealed(named)
        disk.look_at_sealed(stored)
        disk.look(named.parent)
    found = kept(transcript)
    assert _names(found) == ["store/clip"]
    assert still_holds(found)
    named.unlink()
    named.write_text("a clip")
    assert not still_holds(found)


def test_both_names_of_a_clip_are_looked_at_if_nothing_else_tells_of_the_second(
    linked_clip: tuple[Path, Path],
) -> None:
    stored, named = linked_clip
    with recording() as transcript:
        disk.look_at_sealed(named)
        disk.look_at_sealed(stored)
    found = joined([kept(transcript)])
    assert sorted(_names(found)) == ["film/clip", "store/clip"]
    assert still_holds(found)
    named.unlink()
    named.write_text("a clip")
    _age(named)
    assert not still_holds(found)


def test_clips_of_several_results_are_all_looked_at(tmp_path: Path) -> None:
    clips = [tmp_path / "store" / name for name in ("a", "b", "c")]
    clips[0].parent.mkdir()
    results = []
    for clip in clips:
        clip.write_text(clip.name)
        _age(clip)
        with recording() as transcript:
            disk.look_at_sealed(clip)
        results.append(kept(transcript))
    found = joined(results)
    assert still_holds(found)
    for clip in clips:
        clip.write_text(f"longer {clip.name}")
        assert not still_holds(found)
        clip.write_text(clip.name)
        _age(clip)
        assert still_holds(found)


def test_a_file_at_the_root_is_recorded_too() -> None:
    with recording() as found:
        disk.look(Path("/"))
        disk.look(Path("/etc"))
    assert still_holds(joined([kept(found)]))


def test_complete_overlay_hides_files_of_its_kinds(tmp_path: Path) -> None:
    for name in ("a.story", "clip.mp4", "cards/old.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("disk")
    texts = {tmp_path / "b.story": b"", tmp_path / "cards/new.toml": b"new", tmp_path / "gone/c.toml": b"c"}
    with disk.overlaid(texts, whole=tmp_path, kinds=(".story", ".toml")):
        assert not disk.exists(tmp_path / "a.story") and not disk.is_file(tmp_path / "a.story")
        with pytest.raises(FileNotFoundError):
            disk.read_file(tmp_path / "a.story")
        assert disk.read_file(tmp_path / "b.story") == b"", "an empty file is a file"
        assert disk.read_file(tmp_path / "clip.mp4") == b"disk"
        assert disk.names_in(tmp_path / "cards") == ["new.toml"]
        assert disk.names_in(tmp_path / "gone") == ["c.toml"]
        with pytest.raises(FileNotFoundError):
            disk.names_in(tmp_path / "nowhere")
    assert disk.names_in(tmp_path / "cards") == ["old.toml"]
