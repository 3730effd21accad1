"""Subtitle files, as other programs read them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
from av.subtitles.subtitle import AssSubtitle

from storyboard.film.captions import to_srt, to_vtt
from storyboard.film.timeline import Timeline, make_cut
from storyboard.story.story import Spoken, WordsBeside
from tests.support.films import run_of
from tests.support.shots import run, shot, story


def cut_of(tmp_path: Path, prompt: str = "Rain.\n\nLanterns.") -> Timeline:
    made = story([shot("a", 3, prompt, scene="s"), *run(4, scene="t")])
    return make_cut(made, run_of(made, tmp_path / "store", failed=["s#1", "t#1"]).jobs)


def spoken(tmp_path: Path) -> Timeline:
    beside = WordsBeside((Spoken("Mei", "We <are> late."), Spoken("", "I --> know.")), ("1999",), ("dolly in",))
    made = story([shot("a", 4, beside=beside), *run(4, scene="t")])
    return make_cut(made, run_of(made, tmp_path / "store", failed=["s#1", "t#1"]).jobs)


def test_ffmpeg_shows_words_that_look_like_a_tag(tmp_path: Path) -> None:
    written = "A <i>sign</I> says <FONT size=4>, <3 and a < b."
    file = tmp_path / "night.srt"
    file.write_text(to_srt(cut_of(tmp_path, written), prompts=True), encoding="utf-8")
    with av.open(file) as subtitles:
        [first, *_] = [each for packet in subtitles.demux() for each in packet.decode()]
    shown = cast("AssSubtitle", first).dialogue.decode()
    assert shown.replace("\u2060", "") == f"s.a\n{written}"
    assert "<3 and a < b" in shown


def test_subrip_holds_captions_and_spoken_words_in_order_and_no_prompt(tmp_path: Path) -> None:
    assert to_srt(spoken(tmp_path)) == (
        "1\n00:00:00,000 --> 00:00:01,263\n1999\n"
        "\n"
        "2\n00:00:01,263 --> 00:00:02,737\nMei: We <are> late.\n"
        "\n"
        "3\n00:00:02,737 --> 00:00:04,000\nI → know.\n"
    )


def test_webvtt_names_who_speaks(tmp_path: Path) -> None:
    assert to_vtt(spoken(tmp_path)) == (
        "WEBVTT\n"
        "\n"
        "00:00:00.000 --> 00:00:01.263\n1999\n"
        "\n"
        "00:00:01.263 --> 00:00:02.737\n<v Mei>We &lt;are&gt; late.\n"
        "\n"
        "00:00:02.737 --> 00:00:04.000\nI → know.\n"
    )


def test_subrip_with_prompts(tmp_path: Path) -> None:
    assert to_srt(cut_of(tmp_path), prompts=True) == (
        "1\n00:00:00,000 --> 00:00:03,000\ns.a\nRain.\nLanterns.\n"
        "\n"
        "2\n00:00:03,000 --> 00:00:07,000\nt.a\nPrompt of a.\n"
    )


def test_webvtt_with_prompts_escapes_what_would_be_markup(tmp_path: Path) -> None:
    assert to_vtt(cut_of(tmp_path, "A <b> --> & c"), prompts=True) == (
        "WEBVTT\n"
        "\n"
        "s.a\n00:00:00.000 --> 00:00:03.000\ns.a\nA &lt;b&gt; → &amp; c\n"
        "\n"
        "t.a\n00:00:03.000 --> 00:00:07.000\nt.a\nPrompt of a.\n"
    )
