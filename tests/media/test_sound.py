"""A sound track: the same packets however its silence is cut, and every sound at its place in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import pytest

from storyboard.media.sound import BLOCK, RATE, SoundTrack


def tone(samples: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="stereo", samples=samples)
    for plane in frame.planes:
        plane.update(b"\0\0\0\x3f" * (plane.buffer_size // 4))
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    return frame


def track(stretches: Sequence[tuple[Fraction, Fraction | None]]) -> bytes:
    """A film of sound: each stretch lasts so many seconds, and a tone begins at one of them, where there is any."""
    film = io.BytesIO()
    with av.open(film, "w", format="mp4") as container:
        sound = SoundTrack(container)
        end = Fraction(0)
        for lasts, begins in stretches:
            end += lasts
            if begins is not None:
                sound.hear(tone(4800), -begins)
            sound.cut(end)
        sound.finish()
    return film.getvalue()


@pytest.mark.parametrize("parts", [1, 2, 24, 48 * 5])
def test_silence_does_not_depend_on_how_it_is_split(parts: int) -> None:
    assert track([(Fraction(5, parts), None)] * parts) == track([(Fraction(1, 10), None), (Fraction(49, 10), None)])


@pytest.mark.parametrize("silent", [Fraction(1, 100), Fraction(1, 8), Fraction(2), Fraction(10 * BLOCK, RATE)])
def test_sound_after_silence_starts_at_its_time(silent: Fraction) -> None:
    at_once = track([(silent + 3, silent)])
    assert track([(silent, None), (Fraction(1), Fraction(0)), (Fraction(2), None)]) == at_once
    assert track([(silent / 2, None), (silent / 2 + 3, silent / 2)]) == at_once != track([(silent + 3, None)])
