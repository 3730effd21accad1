from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.errors import UsageError
from storyboard.project.discovery import find_targets


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")


def found(folder: Path, *names: str) -> list[str]:
    return [str(target.path.relative_to(folder)) for target in find_targets(names or ["."], folder)]


def test_folder_selects_every_story_below_it(tmp_path: Path) -> None:
    make(tmp_path, "b.story", "a.story", "notes.txt", "sub/deep/c.story", "sub/c.story.lock", "x.story/d.story")
    assert found(tmp_path) == ["a.story", "b.story", "sub/deep/c.story", "x.story/d.story"]


def test_what_is_hidden_ignored_or_built_is_skipped(tmp_path: Path) -> None:
    make(tmp_path, "a.story", ".hidden.story", ".cache/b.story", "build/a/c.story", "old/d.story", "drafts/e.story")
    make(tmp_path, "drafts/keep.story", "sub/f.story", "sub/g.story")
    (tmp_path / ".gitignore").write_text("old/\ndrafts/*\n!drafts/keep.story\n/f.story\n")
    (tmp_path / "sub" / ".gitignore").write_text("g.story\n")
    assert found(tmp_path) == ["a.story", "drafts/keep.story", "sub/f.story"]


def test_ignore_rules_of_parent_folders_apply(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("draft*\nold/\n")
    make(tmp_path, "sub/a.story", "sub/draft1.story", "old/b.story")
    assert found(tmp_path, "sub") == ["sub/a.story"]
    assert found(tmp_path, "old") == ["old/b.story"], "a folder that was asked for by name is looked into"


def test_named_file_is_selected_once_even_if_ignored(tmp_path: Path) -> None:
    make(tmp_path, "a.story", "b.story")
    targets = find_targets([".", "b.story", "./a.story"], tmp_path)
    assert [(target.path.name, target.named) for target in targets] == [("a.story", True), ("b.story", True)]


def test_a_link_to_a_story_is_that_story_and_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "real/a.story")
    (tmp_path / "real" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.story").symlink_to(tmp_path / "real" / "a.story")
    assert found(tmp_path) == ["real/a.story"]


@pytest.mark.parametrize(
    ("name", "message", "help_"),
    [
        ("lantren.story", "there is no file or folder `lantren.story`", "did you mean `lantern.story`?"),
        ("lantern", "there is no file or folder `lantern`", "there is `lantern.story`"),
        (
            "empty",
            "there is no story below `empty`",
            "names of stories end in .story; `storyboard new NAME` creates one",
        ),
        ("lantern.story/x", "`lantern.story/x` cannot be read: Not a directory", None),
        ("x" * 5000, "cannot be read: File name too long", None),
    ],
)
def test_missing_path_is_reported(tmp_path: Path, name: str, message: str, help_: str | None) -> None:
    make(tmp_path, "lantern.story", "empty/notes.txt")
    with pytest.raises(UsageError) as caught:
        find_targets([name], tmp_path)
    assert message in caught.value.message
    assert caught.value.help == help_
