"""`storyboard check-clips`: bought clips against what was ordered."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.simulator import SimulatorConfig, serve
from storyboard.simulator.faults import FaultRule
from tests.support.cli import Cli
from tests.support.shop import Shop

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nshot s 3s\n  A boat.\n'


def test_differences_are_shown_at_the_lines_of_their_shots(shop: Shop) -> None:
    assert shop("build", "--yes").code == 0
    done = shop("check-clips")
    assert done.code == 0
    assert "looking at 2 clips" in done.err
    assert "hint[SB517]: no cut can be seen near 3 s of the clip of `street#1`" in done.out  # simulated: one shot
    assert "lanterns.story:8:1" in done.out
    again = shop("check-clips")
    assert again.out == done.out
    assert "looking" not in again.err


def test_json_has_the_same_findings(shop: Shop) -> None:
    shop("build", "--yes")
    found = shop("check-clips", "--json")
    assert found.err == ""
    assert {each["code"] for each in found.json["diagnostics"]} == {"SB517"}


@pytest.mark.posix("nothing is bought there yet")
def test_build_says_in_one_line_that_clips_differ_from_the_order(cli: Cli) -> None:
    short = FaultRule("short-clip", options={"length": 1})
    with serve(SimulatorConfig(take=0.05, faults=(short,))) as gateway:
        shop = Shop(cli, gateway)
        cli.write("lanterns.story", STORY)
        assert "  1 difference from what was ordered: storyboard check-clips" in shop("build", "--yes").out
        assert "warning[SB510]: the clip of `main#1` has 1 s where 3 s were ordered" in shop("check-clips").out


def test_silence_is_reported_if_sound_was_ordered(shop: Shop) -> None:
    shop.cli.write("lanterns.story", STORY.replace("kirin_v3_t2v", "kirin_v3_t2v\n  .sound on"))
    shop("build", "--yes")
    assert "`main.s` is silent; `.sound on` ordered sound" in shop("check-clips").out


def test_damaged_clip_is_reported(shop: Shop) -> None:
    shop("build", "--yes")
    [clip] = (shop.cli.folder / "build/lanterns/clips").glob("02-*.mp4")
    content = clip.read_bytes()
    clip.unlink()
    clip.write_bytes(content[: len(content) // 2])
    assert "SB519" in shop("check-clips").out


def test_animatic_has_no_findings(cli: Cli, tmp_path: Path) -> None:
    cli.write("t.story", STORY)
    assert "no bought clips here" in cli("check-clips").out
