"""Files of sound, made by hand."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path


def save_tone(path: Path, seconds: float, *, pitch: int = 440, level: float = 0.5) -> Path:
    """A WAV file with a tone, in stereo."""
    rate = 48_000
    samples = array("h", (round(32_000 * level * math.sin(at * pitch * math.tau / rate)) for at in range(rate)))
    stereo = array("h", (each for sample in samples for each in (sample, sample)))
    frames = round(seconds * rate)
    whole = (stereo * (frames // rate + 1))[: frames * 2]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(whole.tobytes())
    return path
