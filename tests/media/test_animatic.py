"""Animatics are real films: what was promised is decoded again and looked at."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storyboard.errors import StoryboardError
from storyboard.media.animatic import _bar, _clock, _piece, picture_size, render_animatic
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import length_of

SMALL = RenderOptions(longer_side=320, fps=12)
TINY = RenderOptions(longer_side=96, fps=4)


def cards(*shots: tuple[str, str]) -> list[Card]:
    return [Card(prompt, Decimal(seconds)) for prompt, seconds in shots]


def frames(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as film:
        return list(film.decode(video=0))


def test_animatic_is_h264_and_aac_of_exactly_the_promised_length(tmp_path: Path) -> None:
    target = tmp_path / "job.mp4"
    report = render_animatic(cards(("A street at dusk.", "2"), ("Her face, close.", "1")), "16:9", target, SMALL)
    with av.open(str(target)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate, video.frames) == (320, 180, Fraction(12), 36)
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        assert length_of(video) == 3
        assert length_of(audio) == 3
    assert (report.frames, report.seconds, report.warnings) == (36, Decimal(3), ())


def test_sound_of_the_animatic_is_silent(tmp_path: Path) -> None:
    render_animatic(cards(("Rain.", "1")), "16:9", tmp_path / "a.mp4", SMALL)
    with av.open(str(tmp_path / "a.mp4")) as film:
        assert all(not any(bytes(plane)) for frame in film.decode(audio=0) for plane in frame.planes)


def test_index_comes_before_the_pictures_for_fast_start(tmp_path: Path) -> None:
    render_animatic(cards(("Rain.", "1")), "16:9", tmp_path / "a.mp4", SMALL)
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("ratio", "size"), [("16:9", (320, 180)), ("9:16", (180, 320)), ("1:1", (320, 320))])
def test_the_picture_has_the_aspect_of_the_job(tmp_path: Path, ratio: str, size: tuple[int, int]) -> None:
    render_animatic(cards(("Rain.", "1")), ratio, tmp_path / "a.mp4", SMALL)
    frame = frames(tmp_path / "a.mp4")[0]
    assert (frame.width, frame.height) == size


def test_sizes_are_even_at_every_ratio() -> None:
    assert picture_size("16:9", 1280) == (1280, 720)
    assert picture_size("21:9", 1279) == (1280, 548)
    assert picture_size("1000:1", 320) == (320, 16)


def mean_difference(one: av.VideoFrame, other: av.VideoFrame) -> float:
    a, b = bytes(one.planes[0]), bytes(other.planes[0])
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)


def test_a_shot_ends_and_the_next_begins_at_the_promised_frame(tmp_path: Path) -> None:
    render_animatic(
        cards(("One. " * 40, "1"), ("Another picture altogether. " * 20, "2")), "16:9", tmp_path / "a.mp4", SMALL
    )
    pictures = frames(tmp_path / "a.mp4")
    steps = [mean_difference(a, b) for a, b in pairwise(pictures)]
    assert steps.index(max(steps)) == 11
    assert [frame.key_frame for frame in pictures].index(True, 1) == 12


def test_card_shows_the_running_time(tmp_path: Path) -> None:
    render_animatic(cards(("Rain.", "2")), "16:9", tmp_path / "a.mp4", SMALL)
    pictures = frames(tmp_path / "a.mp4")
    foot = slice(130 * pictures[0].planes[0].line_size, None)
    assert len({bytes(frame.planes[0])[foot] for frame in pictures}) == 24


def test_the_same_cards_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        render_animatic(cards(("灯笼街，雨停了。Rain. مرحبا", "2")), "9:16", tmp_path / name, SMALL)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


SPECS: tuple[tuple[str, str, RenderOptions, tuple[tuple[str, str], ...]], ...] = (
    ("one", "16:9", SMALL, (("A boat.", "2"),)),
    ("two", "16:9", SMALL, (("A boat.", "1"), ("A bridge.", "1"))),
    ("other cuts", "16:9", SMALL, (("A boat.", "0.5"), ("A bridge.", "1.5"))),
    ("longer", "16:9", SMALL, (("A boat.", "2.5"),)),
    ("tall", "9:16", SMALL, (("A boat.", "2"),)),
    ("tiny", "16:9", TINY, (("A boat.", "2"),)),
    ("without fonts", "16:9", RenderOptions(320, 12, fonts=()), (("A boat.", "2"),)),
)


NAMES = [spec[0] for spec in SPECS]


def drawn_anew() -> None:
    """Forget what was kept of other jobs."""
    for kept in (_bar, _clock, _piece):
        kept.cache_clear()


def render(folder: Path, spec: tuple[str, str, RenderOptions, tuple[tuple[str, str], ...]]) -> bytes:
    name, ratio, look, shots = spec
    render_animatic(cards(*shots), ratio, folder / f"{name}.mp4", look)
    return (folder / f"{name}.mp4").read_bytes()


def test_rendering_does_not_depend_on_other_jobs(tmp_path: Path) -> None:
    alone = []
    for spec in SPECS:
        drawn_anew()
        alone.append(render(tmp_path, spec))
    drawn_anew()
    for order in (SPECS, SPECS[::-1]):
        assert {spec[0]: render(tmp_path, spec) for spec in order} == dict(zip(NAMES, alone, strict=True))
    drawn_anew()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda spec: render(tmp_path, spec), SPECS)) == alone


def test_fractions_of_a_second_end_on_the_nearest_frame(tmp_path: Path) -> None:
    report = render_animatic(cards(("a", "0.3"), ("b", "0.3"), ("c", "0.01")), "1:1", tmp_path / "a.mp4", SMALL)
    assert report.frames == len(frames(tmp_path / "a.mp4")) == 8


def test_a_machine_without_fonts_still_shows_something_and_says_so(tmp_path: Path) -> None:
    bare = RenderOptions(320, 12, fonts=())
    report = render_animatic(cards(("Rain over 灯笼街.", "1")), "16:9", tmp_path / "a.mp4", bare)
    assert report.font_warnings == (
        "no font on this machine: shown in a plain built-in one",
        "no font for Chinese script: shown as boxes",
    )
    luma = bytes(frames(tmp_path / "a.mp4")[0].planes[0])
    assert sum(value > 150 for value in luma) > 300


def test_script_without_a_font_is_shown_as_boxes_and_reported_once(tmp_path: Path) -> None:
    bare = RenderOptions(320, 12, fonts=())
    both = cards(("ภาษาไทย", "1"), ("ไทย 🎬", "1"))
    report = render_animatic(both, "16:9", tmp_path / "a.mp4", bare)
    assert report.font_warnings[1:] == ("no font for Thai script: shown as boxes", "no font for emoji: shown as discs")


def test_longest_prompt_is_shown_whole_and_a_longer_one_is_marked_as_cut(tmp_path: Path) -> None:
    whole = render_animatic(cards(("word " * 500, "1")), "16:9", tmp_path / "a.mp4", SMALL)
    cut = render_animatic(cards(("word " * 20_000, "1")), "16:9", tmp_path / "a.mp4", SMALL)
    assert whole.warnings == ()
    assert cut.warnings == ("a prompt is too long for its card: its end is not shown",)


def test_full_disk_leaves_no_partial_file(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(StoryboardError, match="cannot be written: Is a directory"):
        render_animatic(cards(("Rain.", "1")), "16:9", tmp_path / "a.mp4", TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=120), st.sampled_from(["16:9", "9:16"]))
def test_any_text_can_be_rendered(tmp_path: Path, prompt: str, ratio: str) -> None:
    report = render_animatic(cards((prompt, "0.5")), ratio, tmp_path / "a.mp4", TINY)
    assert report.frames == 2


@pytest.mark.parametrize(
    "prompt",
    [
        "\0\x01\x1b[31m",
        "\u202eabc\u2066",
        "e" + "\u0301" * 500,
        "\u200d\u200d\ufe0f",
        "\ud800",
        "x" * 300_000,
        "\n" * 900,
        "",
    ],
    ids=["controls", "overrides", "tower", "joiners", "surrogate", "huge", "breaks", "nothing"],
)
def test_hostile_text_can_be_rendered(tmp_path: Path, prompt: str) -> None:
    assert render_animatic(cards((prompt, "1")), "16:9", tmp_path / "a.mp4", TINY).frames == 4
