"""Render shots that are not bought for their film: footage, a picture, a title."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream
from PIL import Image, ImageOps, UnidentifiedImageError

from storyboard.media.canvas import Canvas
from storyboard.media.caption import ClipRange
from storyboard.media.clip import ClipTrouble, opened
from storyboard.media.encode import CARDS, FOOTAGE, PictureTrack, written
from storyboard.media.fitting import FilmFrame, encode_footage, frame_of
from storyboard.media.fonts import system_fonts
from storyboard.media.slate import Layout, Painter
from storyboard.media.sound import SoundTrack

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_TOLERANCE = Fraction(1, 20)
"""Seconds by which footage may be too short: its last picture is held that much longer."""
_MOST_PIXELS = 120_000_000
_BLACK = (0, 0, 0)


def read_frame(clip: Path) -> FilmFrame:
    """Return the frame of a film that begins with this clip. Raises `ClipTrouble`."""
    with opened(clip) as found:
        return frame_of(found)


def read_footage_length(path: Path) -> Fraction:
    """Return the length of a video in seconds, 0 if unknown. Raises `ClipTrouble` for a file that cannot be shown."""
    with opened(path) as clip:
        for packet in clip.packets(sound=False):
            if isinstance(packet.stream, VideoStream) and packet.size and clip.pictures(packet):
                return clip.seconds
        raise ClipTrouble(f"{path.name} holds no picture that can be shown")


def check_length(path: Path, lasts: Fraction, start: Fraction, seconds: Fraction) -> None:
    """Raise `ClipTrouble` if a video of length `lasts` ends before its range does."""
    ends = start + seconds
    if lasts and lasts + _TOLERANCE < ends:
        message = f"{path.name} is {float(lasts):.6g} s long; the shot needs it up to {float(ends):.6g} s"
        raise ClipTrouble(message, help="make the shot shorter, or begin earlier with `from`")


def check_picture(path: Path) -> None:
    """Raise `ClipTrouble` for a file that is not a displayable picture."""
    _picture(path)


def render_still(path: Path, seconds: Decimal, frame: FilmFrame, target: Path, *, drawn: bool) -> None:
    """Show a picture, fitted to the frame with bars, for a number of seconds, silent.

    `drawn` encodes like the cards of an animatic, so that it joins with them unchanged. Raises `ClipTrouble`.
    """
    picture = ImageOps.contain(_picture(path), (frame.width, frame.height), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (frame.width, frame.height), _BLACK)
    whole.paste(picture, ((frame.width - picture.width) // 2, (frame.height - picture.height) // 2))
    _hold(whole, seconds, frame, target, drawn=drawn)


def render_title(text: str, seconds: Decimal, frame: FilmFrame, target: Path, *, drawn: bool) -> None:
    """Show a text in the middle of a black picture for a number of seconds, silent; without text, black."""
    painter = Painter(Layout(frame.width, frame.height), system_fonts())
    _hold(painter.title(text), seconds, frame, target, drawn=drawn)


def render_footage(
    path: Path, start: Decimal, seconds: Decimal, frame: FilmFrame, target: Path, *, drawn: bool
) -> None:
    """Encode a number of seconds of a video from `start`, fitted to the frame, with its sound. Raises `ClipTrouble`."""
    begins = Fraction(start)
    with opened(path) as clip, written(target) as container:
        track = _track(container, frame, drawn=drawn)
        sound = SoundTrack(container)
        encode_footage(clip, ClipRange(path, begins, begins + Fraction(seconds)), frame, track, sound)
        if not track.seconds:
            raise ClipTrouble(f"{path.name} holds no picture at {start} s")
        track.finish()
        sound.cut(track.seconds)
        sound.finish()


def _hold(image: Image.Image, seconds: Decimal, frame: FilmFrame, target: Path, *, drawn: bool) -> None:
    canvas = Canvas(image)
    with written(target) as container:
        track = _track(container, frame, drawn=drawn)
        sound = SoundTrack(container)
        for number in range(max(1, round(Fraction(seconds) * frame.fps))):
            track.show(canvas.frame, key=number == 0)
        track.finish()
        sound.cut(track.seconds)
        sound.finish()


def _track(container: av.container.OutputContainer, frame: FilmFrame, *, drawn: bool) -> PictureTrack:
    return PictureTrack(container, (frame.width, frame.height), frame.fps, CARDS if drawn else FOOTAGE)


def _picture(path: Path) -> Image.Image:
    """Return the picture upright, with transparent parts black."""
    try:
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as found:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if found.width * found.height > _MOST_PIXELS:
                raise ClipTrouble(f"{path.name} has more than {_MOST_PIXELS // 1_000_000} million pixels")
            upright = ImageOps.exif_transpose(found).convert("RGBA")
    except UnidentifiedImageError as error:
        raise ClipTrouble(
            f"{path.name} is not a picture that can be read: PNG, JPEG, WebP, GIF, BMP or TIFF"
        ) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ClipTrouble(f"{path.name} cannot be read: {error}") from error
    ground = Image.new("RGB", upright.size, _BLACK)
    ground.paste(upright, mask=upright.getchannel("A"))
    return ground
