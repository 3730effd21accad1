"""A CMX3600 edit decision list: what every cutting program reads."""

from __future__ import annotations

from storyboard.film.timecode import timecode
from storyboard.film.timeline import Timeline


def to_edl(cut: Timeline) -> str:
    """One event a shot. A reel has eight characters there, so it is the job's number; the clip's name is a comment."""
    lines = [f"TITLE: {_line(cut.story.title)}", "FCM: NON-DROP FRAME"]
    number = 0
    for reel, job in enumerate(cut.jobs, 1):
        for shot in job.shots:
            number += 1
            times = " ".join(map(timecode, (shot.enters, shot.leaves, shot.start, shot.end)))
            lines += ["", f"{number:03}  J{reel:<7}  V     C        {times}"]
            lines += [f"* FROM CLIP NAME: {_line(shot.shot.address)}", f"* SOURCE FILE: {job.file}"]
    return "\n".join([*lines, ""])


def _line(text: str) -> str:
    return " ".join(text.split())
