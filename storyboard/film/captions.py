"""Subtitles for other programs: every shot's address and prompt, at its time in the film."""

from __future__ import annotations

import html
import re
from fractions import Fraction

from storyboard.film.timeline import Cut, CutShot

_ARROW = re.compile("-->")


def to_srt(cut: Cut) -> str:
    """The shots as SubRip: a number, the time, the address, the prompt."""
    parts = [
        f"{shot.number}\n{_time(shot.start, ',')} --> {_time(shot.end, ',')}\n{_lines(shot)}\n" for shot in cut.shots
    ]
    return "\n".join(parts)


def to_vtt(cut: Cut) -> str:
    """The shots as WebVTT, each cue named by its shot's address."""
    parts = ["WEBVTT\n"]
    for shot in cut.shots:
        text = html.escape(_lines(shot), quote=False)
        parts.append(f"{_cue_name(shot)}\n{_time(shot.start, '.')} --> {_time(shot.end, '.')}\n{text}\n")
    return "\n".join(parts)


def _lines(shot: CutShot) -> str:
    """Address and prompt; an empty line would end the cue."""
    lines = [shot.shot.address, *(line for line in shot.shot.prompt.splitlines() if line.strip())]
    return _ARROW.sub("\u2192", "\n".join(lines))


def _cue_name(shot: CutShot) -> str:
    return _ARROW.sub("\u2192", " ".join(shot.shot.address.split()))


def _time(seconds: Fraction, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
