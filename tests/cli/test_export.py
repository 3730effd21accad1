"""`storyboard export`."""

from __future__ import annotations

import json
import os
import stat
import subprocess

import pytest

from storyboard.film.export import BUNDLES, FORMATS, SUFFIXES
from tests.support.cli import Cli

STORY = (
    'edition 1\n\nstory "Night"\n  .model kirin_v3_t2v\n\nscene a\n\nshot one 3s\n  Rain.\n\nshot two 4s\n  Lanterns.\n'
)


def test_subtitles_go_to_standard_output(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "srt", "--prompts", "night.story", "--out", "-")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "1\n00:00:00,000 --> 00:00:03,000\na.one\nRain.\n\n2\n00:00:03,000 --> 00:00:07,000\na.two\nLanterns.\n"
    )


def test_subtitles_contain_the_spoken_words(cli: Cli) -> None:
    cli.write("night.story", STORY.replace("  Rain.", "  .say Mei: We are late.\n  .caption 1999\n  Rain."))
    done = cli("export", "srt", "night.story", "--out", "-")
    assert done.err == ""
    assert [line for line in done.out.splitlines() if line[:1].isalpha() or line == "1999"] == [
        "1999",
        "Mei: We are late.",
    ]


def test_subtitles_without_words_are_empty_and_mention_the_prompts_option(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "srt", "night.story", "--out", "-")
    assert (done.code, done.out) == (0, "")
    assert "--prompts" in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_goes_to_a_file(cli: Cli, form: str) -> None:
    cli.write("night.story", STORY)
    done = cli("export", form, "night.story", "--prompts", "--out", f"film.{form}")
    assert (done.code, done.out) == (0, "")
    written = (cli.folder / f"film.{form}").read_bytes()
    assert written.startswith(b"PK") if form in BUNDLES else b"a.two" in written


def test_one_story_at_a_time(cli: Cli) -> None:
    for name in ("a", "b"):
        cli.write(f"{name}.story", STORY)
    done = cli("export", "srt")
    assert done.code == 2
    assert "there are 2 stories here" in done.err


def test_a_story_with_a_mistake_is_not_exported(cli: Cli) -> None:
    cli.write("night.story", STORY.replace("3s", "30s"))
    done = cli("export", "srt", "--prompts", "night.story")
    assert (done.code, done.out) == (1, "")
    assert "SB2" in done.err


def test_an_unknown_format_is_wrong_use(cli: Cli) -> None:
    assert cli("export", "mov", "night.story").code == 2


def test_without_out_the_list_goes_beside_the_clips_and_its_path_is_printed(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "otio", "night.story")
    assert (done.code, done.out.strip()) == (0, "build/night/night.otio")
    assert (cli.folder / "build/night/night.otio").is_file()
    assert (cli.folder / "build/.gitignore").read_text() == "*\n"


def test_all_writes_every_format(cli: Cli) -> None:
    cli.write("night.story", STORY)
    assert cli("export", "all", "night.story", "--prompts").code == 0
    names = {f"night{suffix}" for suffix in SUFFIXES.values()}
    assert {file.name for file in (cli.folder / "build/night").iterdir()} == names | {".exports.json"}
    assert cli("export", "all", "night.story", "--prompts", "--out", "lists/here").code == 0
    assert {file.name for file in (cli.folder / "lists/here").iterdir()} == names


def test_all_writes_what_it_can_and_names_what_it_cannot(cli: Cli) -> None:
    shots = "\n".join(f"shot s{number} 3s\n  A lamp.\n" for number in range(1000))
    cli.write("night.story", STORY.split("shot one", maxsplit=1)[0] + shots)
    edited = cli.folder / "build/night/night.mlt"
    edited.parent.mkdir(parents=True)
    edited.write_text("mine")
    done = cli("export", "all", "night.story")
    assert done.code == 3
    assert "edl: an EDL holds at most 999 events" in done.err
    assert "mlt: " in done.err
    assert "no subtitles are written" in done.err
    assert edited.read_text() == "mine"
    left_out = {"edl", "mlt", "srt", "vtt"}
    assert done.out.split() == [f"build/night/night{SUFFIXES[form]}" for form in FORMATS if form not in left_out]


def test_a_bundle_is_not_printed(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "otioz", "night.story", "--out", "-")
    assert done.code == 2
    assert "cannot be printed" in done.err


def test_another_frame_rate_can_be_used(cli: Cli) -> None:
    cli.write("night.story", STORY)
    assert 'frameDuration="1001/30000s"' in cli("export", "fcpxml", "night.story", "--fps", "29.97", "--out", "-").out
    for wrong in ("0", "fast", "-24", "1/0", "1000"):
        done = cli("export", "fcpxml", "night.story", "--fps", wrong, "--out", "-")
        assert done.code == 2
        assert "frames a second" in done.err


def test_edited_file_is_not_overwritten(cli: Cli) -> None:
    cli.write("night.story", STORY)
    assert cli("export", "mlt", "night.story").code == 0
    file = cli.folder / "build/night/night.mlt"
    file.write_text(file.read_text().replace("film", "my film"))
    done = cli("export", "mlt", "night.story")
    assert done.code == 3
    assert "it may hold work of yours" in done.err
    assert "my film" in file.read_text()
    assert cli("export", "mlt", "night.story", "--out", "other.mlt").code == 0


def test_copies_are_made_once_and_their_size_is_shown_first(cli: Cli) -> None:
    cli.write("storyboard.toml", "[animatic]\nwidth = 320\nfps = 4\n")
    cli.write("night.story", STORY)
    early = cli("export", "otio", "--media", "prores", "night.story")
    assert early.code == 0
    assert "there are no clips to copy yet" in early.err
    assert cli("build", "night.story").code == 0
    done = cli("export", "otio", "--media", "prores", "night.story")
    assert done.code == 0
    assert done.err.splitlines()[0].startswith("ProRes 422 HQ: 1 of 1 copies to make, up to about ")
    assert '"media-prores/01-a-1.mov"' in (cli.folder / "build/night/night.otio").read_text()
    again = cli("export", "otio", "--media", "prores", "night.story")
    assert (again.code, again.err) == (0, "")
    assert cli("export", "srt", "--media", "prores", "night.story").code == 2


def test_commit_and_uncommitted_changes_are_named(cli: Cli) -> None:
    text = 'story "Night"\n  .model kirin_v3_t2v\n\nscene a\n\nshot one 3s\n  Rain.\n'
    cli.write("night.story", text)

    def told() -> dict[str, object]:
        found = json.loads(cli("export", "provenance", "night.story", "--out", "-").out)["story"]
        assert isinstance(found, dict)
        return found

    assert told() == {"file": "night.story", "commit": None, "as_committed": None}
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "night.story"], [*identity, "commit", "-q", "-m", "A story"]):
        subprocess.run(["git", *words], cwd=cli.folder, check=True, capture_output=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=cli.folder, check=True, capture_output=True, text=True)
    assert told() == {"file": "night.story", "commit": head.stdout.strip(), "as_committed": True}
    cli.write("night.story", text.replace("Rain", "Snow"))
    assert told()["as_committed"] is False


@pytest.mark.posix("it has no pipes among its files")
def test_device_is_written_to_and_not_replaced(cli: Cli) -> None:
    cli.write("night.story", STORY)
    os.mkfifo(cli.folder / "pipe")
    with subprocess.Popen(["cat", str(cli.folder / "pipe")], stdout=subprocess.PIPE) as reader:
        assert cli("export", "edl", "night.story", "--out", "pipe").code == 0
        assert reader.stdout is not None
        assert reader.stdout.read().startswith(b"TITLE: Night")
    done = cli("export", "otioz", "night.story", "--out", "pipe")
    assert done.code == 3
    assert "is not a file" in done.err
    assert stat.S_ISFIFO((cli.folder / "pipe").lstat().st_mode)


def test_missing_folder_is_created_only_for_all_formats(cli: Cli) -> None:
    cli.write("night.story", STORY)
    for form in ("otio", "otioz"):
        done = cli("export", form, "night.story", "--out", "nowhere/night.otio")
        assert done.code == 3
        assert "nowhere/night.otio cannot be written" in done.err
        assert not (cli.folder / "nowhere").exists()
    in_the_way = cli("export", "all", "night.story", "--out", "night.story")
    assert in_the_way.code == 3
    assert in_the_way.err.count("error") == 1
