"""Subtitles for other programs: the words beside the picture, or every shot's prompt, at their times in the film."""

from __future__ import annotations

import html
from collections.abc import Iterator
from fractions import Fraction

from storyboard.files.lazy_pattern import lazy_pattern
from storyboard.film.timeline import CutShot, Timeline
from storyboard.film.words import cues_of
from storyboard.plain_text import one_line

_ARROW = lazy_pattern("-->")
_TAG = lazy_pattern(r"<(?=/?(?i:[bius]|font)\b)")
_PLAIN_SIGN = "<\u2060"
"""A sign that begins no tag, because an invisible word joiner follows it. SubRip has no way to escape one."""


def to_srt(cut: Timeline, *, prompts: bool = False) -> str:
    """Return SubRip subtitles of speech and captions; with `prompts`, every shot's address and prompt instead."""
    parts = [
        f"{number}\n{_time(start, ',')} --> {_time(end, ',')}\n{_TAG.sub(_PLAIN_SIGN, text)}\n"
        for number, (text, start, end) in enumerate(_cues(cut, prompts=prompts), 1)
    ]
    return "\n".join(parts)


def to_vtt(cut: Timeline, *, prompts: bool = False) -> str:
    """Return WebVTT with a voice for each speaker; with `prompts`, every shot's prompt, named by its address."""
    parts = ["WEBVTT\n"]
    if prompts:
        parts += [
            _vtt(each.start, each.end, html.escape(_lines(each), quote=False), _cue_name(each)) for each in cut.shots
        ]
        return "\n".join(parts)
    for shot in cut.shots:
        for cue in cues_of(shot):
            voice = html.escape(_one_line(cue.speaker), quote=False)
            text = html.escape(_one_line(cue.text), quote=False)
            parts.append(_vtt(cue.start, cue.end, f"<v {voice}>{text}" if voice else text))
    return "\n".join(parts)


def _vtt(start: Fraction, end: Fraction, text: str, name: str = "") -> str:
    return f"{name}{chr(10) if name else ''}{_time(start, '.')} --> {_time(end, '.')}\n{text}\n"


def _cues(cut: Timeline, *, prompts: bool) -> Iterator[tuple[str, Fraction, Fraction]]:
    for shot in cut.shots:
        if prompts:
            yield _lines(shot), shot.start, shot.end
        else:
            for cue in cues_of(shot):
                yield _one_line(cue.written), cue.start, cue.end


def _one_line(text: str) -> str:
    return _ARROW.sub("\u2192", one_line(text))


def _lines(shot: CutShot) -> str:
    """Return address and prompt without empty lines, which would end the cue."""
    lines = [shot.shot.address, *(line for line in shot.shot.prompt.splitlines() if line.strip())]
    return _ARROW.sub("\u2192", "\n".join(map(one_line, lines)))


def _cue_name(shot: CutShot) -> str:
    return _one_line(shot.shot.address)


def _time(seconds: Fraction, point: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{point}{milliseconds % 1000:03}"
