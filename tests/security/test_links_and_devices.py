"""A project's files are read where they are regular files inside the project, and within a size; or refused in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.cli import SMALL_ANIMATIC, Cli, Done
from tests.support.shop import STORY

SECRET = "hunter2-the-password"
COMMANDS = [
    ("lint",),
    ("lint", "--fix"),
    ("fmt",),
    ("fmt", "--diff"),
    ("compile", "--json"),
    ("plan",),
    ("build",),
    ("build", "--locked"),
    ("status",),
    ("costs",),
    ("lock", "prune"),
    ("export", "csv"),
]


@pytest.fixture
def secret(cli: Cli) -> Path:
    """A file of the person's, outside the project."""
    file = cli.home / "private" / "secret.story"
    file.parent.mkdir()
    file.write_text(f'db.example:5432:prod:admin:{SECRET}\nbase = "{SECRET}"\n')
    return file


def outside(cli: Cli) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (cli.home / "private").rglob("*") if path.is_file()}


def ended_in_words(done: Done, *codes: int) -> None:
    assert done.code in (codes or (0, 1, 2, 3, 4, 5)), done
    assert "Traceback" not in done.out + done.err
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize(
    "name",
    [
        "a.story",
        "below/a.story",
        "storyboard.toml",
        "cards/a.toml",
        "a.story.lock",
        ".gitignore",
        ".gitattributes",
        "cards",
        "house.story",
    ],
)
@pytest.mark.parametrize("how", ["absolute", "relative", "through another link"])
def test_link_out_of_the_project_is_neither_read_nor_written(cli: Cli, secret: Path, name: str, how: str) -> None:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("a.story", 'import "house.story"\n' + STORY if name == "house.story" else STORY)
    link = cli.folder / name
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    target = secret.parent if name == "cards" else secret
    if name == "cards":
        (secret.parent / "a.toml").write_text(f'{SECRET} = "{SECRET}"\n')
    if how == "relative":
        target = Path(os.path.relpath(target, link.parent))
    if how == "through another link":
        (cli.folder / "hop").symlink_to(target)
        target = Path(os.path.relpath(cli.folder / "hop", link.parent))
    link.symlink_to(target)
    before = outside(cli)
    for command in COMMANDS:
        ended_in_words(cli(*command))
        assert outside(cli) == before, command
        assert not (cli.home / "private" / "build").exists()
    if name.endswith(".story"):
        ended_in_words(cli("lint", name), 1, 2)


def test_a_story_that_is_a_link_inside_its_project_is_a_story(cli: Cli) -> None:
    cli.write("storyboard.toml", "")
    cli.write("shared/a.story", STORY)
    (cli.folder / "b.story").symlink_to("shared/a.story")
    assert cli("lint", "b.story").code == 0


def test_a_project_that_is_reached_through_a_link_is_a_project(cli: Cli) -> None:
    cli.write("real/storyboard.toml", "")
    cli.write("real/a.story", STORY)
    (cli.folder / "link").symlink_to("real")
    assert cli("lint", "link/a.story").code == 0
    assert cli("lint", "link").code == 0


PLACES = ["a.story", "storyboard.toml", "cards/a.toml", "a.story.lock", ".gitignore", "house.story", ".gitattributes"]


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("kind", ["pipe", "device", "zero", "folder", "huge", "socket", "loop"])
def test_special_or_huge_file_is_refused_quickly(cli: Cli, name: str, kind: str) -> None:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("a.story", 'import "house.story"\n' + STORY if name == "house.story" else STORY)
    place = cli.folder / name
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "device":
            place.symlink_to("/dev/tty")
        case "zero":
            place.symlink_to("/dev/zero")
        case "folder":
            place.mkdir()
        case "huge":
            place.touch()
            os.truncate(place, 3_000_000_000)
        case "socket":
            import socket

            with socket.socket(socket.AF_UNIX) as server:
                back = Path.cwd()
                os.chdir(place.parent)
                server.bind(place.name)
                os.chdir(back)
        case _:
            place.symlink_to(place.name)
    for command in COMMANDS:
        ended_in_words(cli(*command))
