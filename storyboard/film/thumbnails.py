"""One picture for each shot of the contact sheet; pictures that the last sheet shows already are taken from there."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from storyboard.files.disk import read_file
from storyboard.film.sheet_page import escaped
from storyboard.film.takes import Takes, others, take_key
from storyboard.film.timeline import CutJob, CutShot, Timeline

_MANY = 120
_SHOWN = re.compile(rb'data-still="([0-9a-f]{64}@[0-9]+/[0-9]+)" src="data:image/jpeg;base64,([A-Za-z0-9+/=]+)"')


def still_key(job: CutJob, shot: CutShot) -> str:
    """Return what a poster is a picture of: a clip's hash and a time in it."""
    middle = shot.middle
    return f"{job.result.sha256}@{middle.numerator}/{middle.denominator}"


def posters(cut: Timeline, last_sheet: Path, takes: Takes) -> Mapping[str, str]:
    """JPEGs in base64 by `still_key`, of every shot whose clip is there, and by `take_key` of the other takes. Small
    ones where there are many."""
    side = 480 if len(cut.shots) <= _MANY else 320
    known = _shown(last_sheet)
    wanted = {still_key(job, shot): (job.clip, shot) for job in cut.jobs if job.clip for shot in job.shots}
    wanted |= {take_key(job, t): (t.clip, job.shots[0]) for job in cut.jobs for t in others(job, takes) if job.shots}
    missing: dict[Path, list[tuple[str, CutShot]]] = {}
    for key, (clip, shot) in wanted.items():
        if key not in known:
            missing.setdefault(clip, []).append((key, shot))
    found = {key: known[key] for key in wanted if key in known}
    return {**found, **_taken(missing, side)} if missing else found


def picture_of(sheet: Path, address: str) -> str | None:
    """Return the JPEG, in base64, that a contact sheet shows of a shot; None if it shows none, or there is no sheet."""
    try:
        content = read_file(sheet)
    except OSError:
        return None
    mark = f'data-address="{escaped(address)}"'.encode()
    start = content.find(mark)
    found = _SHOWN.search(content, start, content.find(b"</article>", start)) if start >= 0 else None
    return found[2].decode() if found else None


def _taken(missing: Mapping[Path, Sequence[tuple[str, CutShot]]], side: int) -> dict[str, str]:
    from storyboard.media.frame_grab import StillRequest, stills  # brings the decoder: only where a picture is new

    requests = [StillRequest(clip, tuple(shot.middle for _, shot in each)) for clip, each in missing.items()]
    keys = [key for each in missing.values() for key, _ in each]
    jpegs = chain.from_iterable(stills(requests, side))
    return {key: base64.b64encode(jpeg).decode() for key, jpeg in zip(keys, jpegs, strict=True)}


def _shown(sheet: Path) -> dict[str, str]:
    try:
        content = read_file(sheet)
    except OSError:
        return {}
    return {key.decode(): picture.decode() for key, picture in _SHOWN.findall(content)}
