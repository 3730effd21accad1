"""Transitions and music from the command line: what they cost is said before and after, and nothing is bought again."""

from __future__ import annotations

from tests.support.cli import Cli
from tests.support.sounds import save_tone

STORY = """story "Night"
  .model kirin_v3_t2v
{head}
shot a 4s
  A lamp.

shot b 4s
{line}  A street in the rain.
"""


def written(cli: Cli, line: str = "", head: str = "") -> None:
    cli.write("storyboard.toml", "[animatic]\nwidth = 160\n")
    cli.write("t.story", STORY.format(line=line, head=head))


def test_plan_and_build_say_by_how_much_dissolves_shorten_the_film(cli: Cli) -> None:
    written(cli, "  .transition dissolve 0.5s\n")
    plan = cli("plan", "t.story")
    assert "7.5 s of film" in plan.out
    assert "transitions: 1 dissolve; the film is 0.5 s shorter, 12 frames at 24 a second" in plan.out
    built = cli("build", "t.story")
    assert built.code == 0
    assert "7.5 s" in built.out
    assert "dissolves make the film 12 frames shorter" in built.out
    written(cli, "  .transition fade 0.5s\n")
    assert "transitions: 1 fade; the film is as long as without them" in cli("plan", "t.story").out


def test_a_new_transition_or_music_renders_no_job_again(cli: Cli) -> None:
    written(cli)
    cli("build", "t.story")
    save_tone(cli.folder / "theme.wav", 9)
    for line, head in [("  .transition dissolve 1s\n", ""), ("", "  .music theme.wav -12dB\n")]:
        written(cli, line, head)
        done = cli("build", "t.story", "--json").json
        assert [job["state"] for job in done["stories"][0]["jobs"]] == ["cached"]


def test_contact_sheet_follows_transitions_and_music(cli: Cli) -> None:
    save_tone(cli.folder / "theme.wav", 9)
    sheet = cli.folder / "build" / "t" / "index.html"
    written(cli)
    cli("build", "t.story")
    plain = sheet.read_text()
    written(cli, "  .transition dissolve 0.5s\n", "  .music theme.wav from 0:02 -12dB\n")
    cli("build", "t.story")
    shown = sheet.read_text()
    assert "begins with" not in plain
    assert "begins with: dissolve 0.5s" in shown
    assert "music: theme.wav from 2 s, -12 dB" in shown


def test_music_that_changed_is_noticed_by_the_next_build(cli: Cli) -> None:
    music = save_tone(cli.folder / "theme.wav", 9)
    written(cli, head="  .music theme.wav\n")
    cli("build", "t.story")
    film = cli.folder / "build" / "t" / "t.mp4"
    first = film.read_bytes()
    cli("build", "t.story")
    assert film.read_bytes() == first
    save_tone(music, 8, pitch=300)
    cli("build", "t.story")
    assert film.read_bytes() != first
    music.unlink()
    done = cli("build", "t.story")
    assert done.code != 0
    assert "there is no file `theme.wav`" in done.out + done.err
    assert film.exists()
