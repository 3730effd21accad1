"""Subtitle files, as other programs read them."""

from __future__ import annotations

from pathlib import Path

from storyboard.film.captions import to_srt, to_vtt
from storyboard.film.timeline import Cut, make_cut
from tests.support.films import run_of
from tests.support.shots import run, shot, story


def cut_of(tmp_path: Path, prompt: str = "Rain.\n\nLanterns.") -> Cut:
    made = story([shot("a", 3, prompt, scene="s"), *run(4, scene="t")])
    return make_cut(made, run_of(made, tmp_path / "store", failed=["s#1", "t#1"]))


def test_subrip(tmp_path: Path) -> None:
    assert to_srt(cut_of(tmp_path)) == (
        "1\n00:00:00,000 --> 00:00:03,000\ns.a\nRain.\nLanterns.\n"
        "\n"
        "2\n00:00:03,000 --> 00:00:07,000\nt.a\nPrompt of a.\n"
    )


def test_webvtt_escapes_what_would_be_markup(tmp_path: Path) -> None:
    assert to_vtt(cut_of(tmp_path, "A <b> --> & c")) == (
        "WEBVTT\n"
        "\n"
        "s.a\n00:00:00.000 --> 00:00:03.000\ns.a\nA &lt;b&gt; → &amp; c\n"
        "\n"
        "t.a\n00:00:03.000 --> 00:00:07.000\nt.a\nPrompt of a.\n"
    )
