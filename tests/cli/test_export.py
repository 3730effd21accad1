"""`storyboard export`."""

from __future__ import annotations

import pytest

from storyboard.film.export import FORMATS
from tests.support.cli import Cli

STORY = (
    'edition 1\n\nstory "Night"\n  .model kirin_v3_t2v\n\nscene a\n\nshot one 3s\n  Rain.\n\nshot two 4s\n  Lanterns.\n'
)


def test_subtitles_go_to_standard_output(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "srt", "--prompts", "night.story")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "1\n00:00:00,000 --> 00:00:03,000\na.one\nRain.\n\n2\n00:00:03,000 --> 00:00:07,000\na.two\nLanterns.\n"
    )


def test_subtitles_hold_what_is_said(cli: Cli) -> None:
    cli.write("night.story", STORY.replace("  Rain.", "  .say Mei: We are late.\n  .caption 1999\n  Rain."))
    done = cli("export", "srt", "night.story")
    assert [line for line in done.out.splitlines() if line[:1].isalpha() or line == "1999"] == [
        "1999",
        "Mei: We are late.",
    ]


def test_subtitles_of_a_story_without_words_are_empty_and_say_how_to_get_the_prompts(cli: Cli) -> None:
    cli.write("night.story", STORY)
    done = cli("export", "srt", "night.story")
    assert (done.code, done.out) == (0, "")
    assert "--prompts" in done.err


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_goes_to_a_file(cli: Cli, form: str) -> None:
    cli.write("night.story", STORY)
    done = cli("export", form, "night.story", "--prompts", "--out", f"film.{form}")
    assert (done.code, done.out) == (0, "")
    assert "a.two" in (cli.folder / f"film.{form}").read_text()


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
