"""A build writes through no link, removes only what an earlier build left, and overwrites no foreign file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import SMALL_ANIMATIC, Cli
from tests.support.stranger import snapshot

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nscene a\nshot one 3s\n  A boat.\n'
OURS = "01-a-1.mp4"


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("storyboard.toml", SMALL_ANIMATIC)
    cli.write("t.story", STORY)
    return cli


@pytest.fixture
def videos(cli: Cli) -> Path:
    """The user's own folder, with files that are called like ours."""
    folder = cli.home / "Videos"
    for name in (OURS, "02-b-1.mp4", "index.html", "manifest.json", "t.mp4", "takes/01-a-1.take-2.mp4", ".x.part"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"the user's {name}")
    return folder


@pytest.mark.parametrize(
    ("link", "to"),
    [
        ("build", "Videos"),
        ("build/t", "Videos"),
        ("build/t/clips", "Videos"),
        ("build/t/takes", "Videos/takes"),
        ("build/t/.free", "Videos"),
        ("build/t/t.mp4", "Videos/t.mp4"),
        ("build/t/index.html", "Videos/index.html"),
        ("build/t/manifest.json", "Videos/manifest.json"),
        (f"build/t/clips/{OURS}", f"Videos/{OURS}"),
        ("build/t/t.mp4", "Videos/is-not-there"),
        ("build/t/index.html", "Videos/is-not-there"),
    ],
)
def test_no_link_is_followed(project: Cli, videos: Path, link: str, to: str) -> None:
    place = project.folder / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(project.home / to)
    before = snapshot(videos)
    done = project("build")
    assert snapshot(videos) == before
    assert place.is_symlink()
    assert done.code == 3 or link.endswith("takes"), done
    assert project("export", "csv").code in {0, 1, 2, 3}
    assert snapshot(videos) == before


@pytest.mark.parametrize("name", ["index.html", "t.mp4", "manifest.json", f"clips/{OURS}"])
@pytest.mark.parametrize("forged", [None, "lists everything", "[]", '{"version": 1}'])
def test_foreign_file_is_not_overwritten(project: Cli, name: str, forged: str | None) -> None:
    foreign = project.write(f"build/t/{name}", "the user's own")
    if forged is not None and name != "manifest.json":
        job = {"id": "a#1", "clip": f"clips/{OURS}", "sha256": "c" * 64, "content": "c" * 64}
        film = {"file": "other.mp4", "bytes": 14, "recipe": "c" * 64, "ends": ["3"]}
        listed = {
            "version": 1,
            "film": film,
            "sheet": {"recipe": "c" * 64},
            "jobs": [job] if "clips" not in name else [],
        }
        project.write("build/t/manifest.json", forged if forged[0] in "[{" else json.dumps(listed))
    done = project("build")
    assert done.code == 3, done
    assert "in the way" in done.err and "--out" in done.err
    assert foreign.read_text() == "the user's own"


def test_files_named_like_ours_stay_unless_a_build_wrote_them(project: Cli) -> None:
    for name in ("clips/07-holiday-1.mp4", "takes/01-a-1.take-2.mp4"):
        project.write(f"build/t/{name}", "the user's own")
    assert project("build").code == 0
    assert project("build").code == 0
    for name in ("clips/07-holiday-1.mp4", "takes/01-a-1.take-2.mp4"):
        assert (project.folder / "build/t" / name).read_text() == "the user's own"


def test_a_clip_that_was_edited_since_is_not_removed(project: Cli) -> None:
    assert project("build").code == 0
    clip = project.folder / "build/t/clips" / OURS
    clip.unlink()
    clip.write_text("edited by the user")
    project.write("t.story", STORY.replace("scene a", "scene b"))
    assert project("build").code == 0
    assert clip.read_text() == "edited by the user"
    assert (project.folder / "build/t/clips/01-b-1.mp4").exists()


def test_files_of_an_earlier_build_are_removed(project: Cli) -> None:
    assert project("build").code == 0
    project.write("t.story", STORY.replace("scene a", "scene b"))
    assert project("build").code == 0
    assert [file.name for file in (project.folder / "build/t/clips").iterdir()] == ["01-b-1.mp4"]


@pytest.mark.parametrize("out", ["Videos", "Videos/new"])
def test_a_folder_named_with_out_keeps_its_files(project: Cli, videos: Path, out: str) -> None:
    before = {path: path.read_bytes() for path in videos.rglob("*") if path.is_file() and path.suffix != ".part"}
    done = project("build", "--out", str(project.home / out))
    assert done.code == (3 if out == "Videos" else 0)
    assert {path: path.read_bytes() for path in before} == before


MANIFESTS = [
    '{"version": 1, "film": {"file": "t.mp4", "recipe": "x", "bytes": 1e999, "ends": []}, "sheet": {}, "jobs": []}',
    (
        '{"version": 1, "film": {"file": "t.mp4", "recipe": "RECIPE", "bytes": 1, "ends": ["1e999999999"]}, '
        '"sheet": {"recipe": "RECIPE"}, "jobs": []}'
    ),
    (
        '{"version": 1, "film": {"file": "t.mp4", "recipe": "RECIPE", "bytes": 1, "ends": ["1/0"]}, '
        '"sheet": {"recipe": "RECIPE"}, "jobs": []}'
    ),
    (
        '{"version": 1, "film": null, "sheet": {"recipe": "RECIPE"}, "jobs": [{"clip": "../../../x", "sha256": "../x", '
        '"content": "y"}]}'
    ),
    '{"version": 1, "film": null, "sheet": {"recipe": ["RECIPE"]}, "jobs": [{"clip": 7, "sha256": 7, "content": []}]}',
    '{"version": 1, "film": 7, "sheet": 7, "jobs": 7}',
    '{"version": 1, "film": {"a": ' + "[" * 100_000,
    '{"version": 1' + "0" * 5000 + "}",
]


@pytest.mark.parametrize("text", MANIFESTS, ids=range(len(MANIFESTS)))
def test_forged_manifest_is_ignored(project: Cli, text: str) -> None:
    project.write("build/t/manifest.json", text.replace("RECIPE", "c" * 64))
    done = project("build")
    assert done.code == 0, done
    assert json.loads((project.folder / "build/t/manifest.json").read_text())["complete"]
    for kind in ("csv", "srt", "edl", "otio"):
        assert project("export", kind).code == 0
