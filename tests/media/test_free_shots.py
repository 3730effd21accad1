"""Footage, pictures and titles fitted to a film's frame."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from storyboard.media.animatic import render_animatic
from storyboard.media.caption import ClipRange
from storyboard.media.clip import ClipTrouble, opened
from storyboard.media.fitting import FilmFrame
from storyboard.media.free_shots import (
    check_length,
    check_picture,
    read_footage_length,
    read_frame,
    render_footage,
    render_still,
    render_title,
)
from storyboard.media.join import join
from storyboard.media.probe import ClipInfo, probe
from storyboard.media.render_options import Card, RenderOptions
from tests.support.footage import shoot
from tests.support.pictures import save_picture

FRAME = FilmFrame(160, 90, Fraction(12))
TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def measures(path: Path) -> tuple[Decimal, int, int, Fraction]:
    info: ClipInfo = probe(path)
    return info.seconds, info.width, info.height, info.fps


def colour(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """The red, green and blue at a place."""
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def pictures(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as film:
        return [frame.to_image() for frame in film.decode(video=0)]  # type: ignore[no-untyped-call]


def turned(path: Path, degrees: int) -> Path:
    """The same clip, to be shown turned clockwise, as a phone writes it."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    for place, value in zip((0, 4, 12, 16), TURNS[degrees], strict=True):
        data[matrix + place : matrix + place + 4] = (value * 0x10000).to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    return path


def shoot_picture(path: Path, still: Path, seconds: int = 1) -> Path:
    """A clip of one picture in its own size."""
    picture = Image.open(still).convert("RGB")
    render_still(still, Decimal(seconds), FilmFrame(*picture.size, Fraction(12)), path, drawn=False)
    return path


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize(
    ("size", "fps", "sound"), [((320, 240), 30, 44_100), ((90, 160), 25, None), ((64, 64), 12, 48_000)]
)
def test_footage_of_any_kind_has_the_size_rate_and_length_of_the_film(
    tmp_path: Path, size: tuple[int, int], fps: int, sound: int | None, drawn: bool
) -> None:
    clip = shoot(tmp_path / "clip.mp4", 4, size=size, fps=fps, sound=sound)
    render_footage(clip, Decimal("1.5"), Decimal("1.25"), FRAME, tmp_path / "shot.mp4", drawn=drawn)
    assert measures(tmp_path / "shot.mp4") == (Decimal("1.25"), 160, 90, Fraction(12))


def test_footage_starts_at_its_offset_with_its_sound(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 6, fps=12, flash=40, options={"g": "24", "bf": "2"})
    render_footage(clip, Decimal(3), Decimal(2), FRAME, tmp_path / "shot.mp4", drawn=False)
    bright = [
        number for number, picture in enumerate(pictures(tmp_path / "shot.mp4")) if min(colour(picture, 80, 45)) > 200
    ]
    assert bright == [4]
    with av.open(str(tmp_path / "shot.mp4")) as film:
        loud = [frame.time for frame in film.decode(audio=0) if max(memoryview(frame.planes[0]).cast("f")) > 0.4]
    assert loud and abs((loud[0] or 0) - 4 / 12) < 0.05


def test_footage_that_ends_early_holds_its_last_picture(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 2)
    render_footage(clip, Decimal(1), Decimal(3), FRAME, tmp_path / "shot.mp4", drawn=False)
    assert probe(tmp_path / "shot.mp4").seconds == 3


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_footage_of_a_turned_camera_is_upright(tmp_path: Path, degrees: int) -> None:
    upright = save_picture(tmp_path / "up.png", (40, 70))
    lying = Image.open(upright).rotate(degrees, expand=True)  # counterclockwise: to be undone by turning clockwise
    lying.save(tmp_path / "lying.png")
    clip = turned(shoot_picture(tmp_path / "clip.mp4", tmp_path / "lying.png"), degrees)
    render_footage(clip, Decimal(0), Decimal(1), FilmFrame(40, 70, Fraction(12)), tmp_path / "shot.mp4", drawn=False)
    shown = pictures(tmp_path / "shot.mp4")[0]
    assert min(colour(shown, 20, 10)) > 200
    assert colour(shown, 20, 60)[2] > colour(shown, 20, 60)[0] + 80


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_picture_is_shown_upright_whole_and_between_bars(tmp_path: Path, orientation: int) -> None:
    angle = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    save_picture(tmp_path / "up.png", (40, 70))
    lying = Image.open(tmp_path / "up.png").rotate(angle, expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying.save(tmp_path / "lying.png", exif=exif)
    render_still(tmp_path / "lying.png", Decimal("1.5"), FRAME, tmp_path / "shot.mp4", drawn=True)
    assert measures(tmp_path / "shot.mp4") == (Decimal("1.5"), 160, 90, Fraction(12))
    shown = pictures(tmp_path / "shot.mp4")[-1]
    assert max(colour(shown, 10, 45)) < 20
    assert min(colour(shown, 80, 20)) > 200
    assert colour(shown, 80, 70)[2] > 120


def test_a_title_is_in_the_middle_and_without_text_all_is_black(tmp_path: Path) -> None:
    render_title("The end", Decimal(1), FRAME, tmp_path / "title.mp4", drawn=True)
    box = pictures(tmp_path / "title.mp4")[0].convert("L").point(lambda value: 255 * (value > 120)).getbbox()
    assert box is not None
    assert abs((box[0] + box[2]) / 2 - 80) < 6 and abs((box[1] + box[3]) / 2 - 45) < 12
    render_title("", Decimal(1), FRAME, tmp_path / "black.mp4", drawn=True)
    assert max(pictures(tmp_path / "black.mp4")[0].tobytes()) <= 20


def test_titles_and_pictures_join_with_an_animatic_as_they_are(tmp_path: Path) -> None:
    render_animatic([Card("Rain.", Decimal(2))], "16:9", tmp_path / "card.mp4", RenderOptions(160, 12))
    frame = read_frame(tmp_path / "card.mp4")
    render_title("Night", Decimal("1.5"), frame, tmp_path / "title.mp4", drawn=True)
    render_still(save_picture(tmp_path / "a.png"), Decimal(1), frame, tmp_path / "still.mp4", drawn=True)
    clips = [ClipRange(tmp_path / f"{name}.mp4") for name in ("title", "card", "still")]
    joined = join(clips, [[], [], []], tmp_path / "film.mp4", drawn=True)
    assert (joined.copied, joined.seconds) == (True, Fraction(9, 2))


def test_a_range_of_a_clip_is_exact_to_the_picture(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 4, flash=18, options={"g": "48", "bf": "2"})
    ranges = [
        ClipRange(clip, Fraction(1), Fraction(2)),
        ClipRange(clip),
        ClipRange(clip, Fraction(3, 2), Fraction(7, 4)),
    ]
    joined = join(ranges, [[], [], []], tmp_path / "film.mp4")
    assert joined.starts == (Fraction(0), Fraction(1), Fraction(5))
    assert joined.seconds == Fraction(21, 4)
    bright = [n for n, picture in enumerate(pictures(tmp_path / "film.mp4")) if min(colour(picture, 80, 45)) > 200]
    assert bright == [6, 12 + 18, 60]


def test_unusable_file_is_an_error(tmp_path: Path) -> None:
    clip = shoot(tmp_path / "clip.mp4", 2)
    check_length(clip, read_footage_length(clip), Fraction(1), Fraction(1))
    with pytest.raises(ClipTrouble, match=r"clip\.mp4 is 2 s long; the shot needs it up to 2\.5 s"):
        check_length(clip, read_footage_length(clip), Fraction(1), Fraction(3, 2))
    content = save_picture(tmp_path / "good.png").read_bytes()
    (tmp_path / "bad.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ClipTrouble, match=r"bad\.png"):
        check_picture(tmp_path / "bad.png")


def test_playlist_file_is_not_followed(tmp_path: Path) -> None:
    shoot(tmp_path / "clip.mp4", 2)
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:2,\nclip.mp4\n#EXT-X-ENDLIST\n")
    (tmp_path / "other.mp4").write_text("ffconcat version 1.0\nfile clip.mp4\n")
    for name in ("list.mp4", "other.mp4"):
        with pytest.raises(ClipTrouble), opened(tmp_path / name):
            pass
