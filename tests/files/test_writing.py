"""Writing through the door: whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from storyboard.files import writing
from storyboard.files.transcript import recording


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path, durable: bool) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "a").chmod(0o640)
    found = writing.replace_file(tmp_path / "a", "new", durable=durable)
    assert (tmp_path / "a").read_text() == "new"
    assert found.st_ino == (tmp_path / "a").stat().st_ino
    if sys.platform != "win32":
        assert found.st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        writing.replace_file(tmp_path / "a", "new")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_link_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("mine")
    (tmp_path / "a").symlink_to("other")
    writing.replace_file(tmp_path / "a", "new")
    assert (tmp_path / "other").read_text() == "mine"
    assert not (tmp_path / "a").is_symlink()


def test_failed_write_leaves_the_old_file_and_no_leftovers(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    def fill_in() -> None:
        with writing.part_of(tmp_path / "a") as part:
            part.write_text("half")
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        fill_in()
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        writing.create_file(tmp_path / "a", "new")


def test_run_that_wrote_something_is_not_cached(tmp_path: Path) -> None:
    with recording() as found:
        writing.replace_file(tmp_path / "a", "new")
    assert found.plain(2**62) is None
