"""Shots that cost nothing, on the command line."""

from __future__ import annotations

import json

from tests.support.cli import Cli
from tests.support.pictures import save_picture

STORY = """edition 1

story "Night" 7.5s
  .model kirin_v3_t2v

shot title 1.5s
  .card
  Night

shot lamp 2s
  .still lamp.png

shot street 4s
  A street.
"""


def prepared(cli: Cli) -> None:
    cli.write("night.story", STORY)
    save_picture(cli.folder / "lamp.png")


def test_the_plan_counts_them_as_film_and_not_as_purchases(cli: Cli) -> None:
    prepared(cli)
    done = cli("plan", "night.story", "--provider", "kirin")
    assert done.code == 0
    assert "1 job   7.5 s of film" in done.out
    assert "free: main.title 1.5 s, main.lamp 2 s" in done.out
    assert "to buy: 1 job, 4 s" in done.out


def test_second_build_renders_nothing(cli: Cli) -> None:
    prepared(cli)
    first = cli("build", "night.story")
    assert (first.code, "7.5 s   animatic, free" in first.out) == (0, True)
    film = cli.folder / "build" / "night" / "night.mp4"
    before = film.stat().st_mtime_ns
    assert cli("build", "night.story").code == 0
    assert film.stat().st_mtime_ns == before


def test_missing_or_broken_file_is_noticed_by_the_next_check(cli: Cli) -> None:
    prepared(cli)
    assert cli("lint", "night.story").code == 0
    assert cli("lint", "night.story").code == 0
    (cli.folder / "lamp.png").write_text("broken")
    found = json.loads(cli("lint", "night.story", "--json").out)["diagnostics"]
    assert [(each["code"], each["line"]) for each in found] == [("SB161", 11)]
    (cli.folder / "lamp.png").unlink()
    done = cli("build", "night.story")
    assert done.code != 0
    assert "there is no file `lamp.png`" in done.out + done.err


def test_changed_picture_changes_the_film(cli: Cli) -> None:
    prepared(cli)
    cli("build", "night.story")
    film = cli.folder / "build" / "night" / "night.mp4"
    before = film.read_bytes()
    save_picture(cli.folder / "lamp.png", color=(200, 30, 30))
    assert cli("build", "night.story").code == 0
    assert film.read_bytes() != before


def test_address_of_a_free_shot_is_answered_with_a_message(cli: Cli) -> None:
    prepared(cli)
    only = cli("plan", "night.story", "--only", "main.lamp")
    assert (only.code, "`main.lamp` is not bought, so it is not part of a job" in only.err) == (2, True)
    reroll = cli("reroll", "main.lamp", "night.story")
    assert (reroll.code, "`main.lamp` is not bought, so it is not part of a job" in reroll.err) == (2, True)
