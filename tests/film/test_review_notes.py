"""A reviewer's notes: read from any file without trouble, shown at the right lines, none of them lost."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from storyboard.cards import load_catalog
from storyboard.errors import UsageError
from storyboard.film.export import export, exported_film
from storyboard.film.review_notes import Review, ReviewNote, by_shot, read_review, review_findings
from storyboard.film.timecode import timecode
from storyboard.jobs.compile import compile_story
from tests.support.shots import run, story

STORY = story([*run(3, 2, scene="arrival"), *run(3, scene="river")])
NOTES = (
    ReviewNote("river.a", 1, 0.5, "too dark", "Ana"),
    ReviewNote("arrival.b", 2, 1.0, "later", ""),
    ReviewNote("arrival.b", 2, 0.25, "sooner", "Bo"),
    ReviewNote("river.gone", 1, 0, "keep this", "Ana"),
)


def write(tmp_path: Path, document: Any) -> Path:
    file = tmp_path / "film.notes.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def test_notes_are_shown_at_the_lines_of_their_shots_in_the_order_of_the_film() -> None:
    found = list(review_findings(Review("night.story", NOTES), STORY, {"arrival.b": 1}))
    assert [each.message for each in found] == [
        "Bo, at 0.2 s: sooner",
        "note, at 1 s: later",
        "Ana, at 0.5 s: too dark",
        "`river.gone` is no longer in this story; Ana, at 0 s: keep this",
    ]
    assert [each.code for each in found] == ["SB500", "SB500", "SB500", "SB501"]
    assert found[0].span == STORY.shots[1].origin.span
    assert found[0].label == "about take 2; the film has take 1"
    assert found[3].span == STORY.span


def test_export_carries_notes_at_their_shots_and_lost_ones_at_the_film() -> None:
    there, noted = by_shot(NOTES, STORY)
    shown = [[note.written for note in there.get(shot.address, ())] for shot in STORY.shots]
    assert shown == [[], ["Bo, at 0.2 s: sooner", "note, at 1 s: later"], ["Ana, at 0.5 s: too dark"]]
    assert noted == replace(STORY, notes=("river.gone: Ana, at 0 s: keep this",))


def test_a_saved_file_is_read(tmp_path: Path) -> None:
    notes = [{"shot": "a.b", "take": 2, "second": 1.5, "text": "x\ny", "author": "Ana"}, {"shot": "a.c", "text": ""}]
    review = read_review(write(tmp_path, {"version": 1, "story": "a.story", "notes": notes}))
    assert review == Review("a.story", (ReviewNote("a.b", 2, 1.5, "x\ny", "Ana"), ReviewNote("a.c", 1, 0.0, "", "")))
    assert review.notes[0].written == "Ana, at 1.5 s: x y"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ([], "it has no list of `notes`"),
        ({"version": 1}, "it has no list of `notes`"),
        ({"version": 2, "notes": []}, "its version is 2"),
        ({"version": 1, "notes": ["x"]}, "note 1 has no `shot`"),
        ({"version": 1, "notes": [{"shot": "a"}]}, "note 1 has no `shot` or no `text`"),
        ({"version": 1, "notes": [{"shot": "a", "text": 1}]}, "are texts"),
        ({"version": 1, "notes": [{"shot": "a", "text": "b", "take": 0}]}, "`take` is a number"),
        ({"version": 1, "notes": [{"shot": "a", "text": "b", "second": -1}]}, "`second` a number"),
        ('{"version": 1, "notes": [{"shot": "a", "text": "b", "second": NaN}]}', "`second` a number"),
        ({"version": 1, "notes": [{"shot": "\ud800", "text": "b"}]}, "are texts"),
    ],
)
def test_wrong_file_is_refused_with_the_reason(tmp_path: Path, document: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why.replace("`", "`")) as refused:
        read_review(write(tmp_path, document))
    assert "Save notes" in str(refused.value.help)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_review(tmp_path / "nothing.json")


@given(
    st.lists(
        st.builds(
            ReviewNote, st.sampled_from(["arrival.a", "river.a", "x"]), st.just(1), st.just(0.0), st.text(), st.text()
        )
    )
)
def test_no_note_is_lost_or_shown_twice(notes: list[ReviewNote]) -> None:
    found = list(review_findings(Review("", tuple(notes)), STORY, {}))
    assert len(found) == len(notes)
    there, noted = by_shot(notes, STORY)
    assert len(noted.notes) + sum(map(len, there.values())) == len(notes)
    assert replace(noted, notes=()) == STORY


def test_each_note_is_a_marker_at_its_second_in_every_list_with_markers(tmp_path: Path) -> None:
    jobs = compile_story(STORY, load_catalog(None)).value
    assert jobs is not None
    there, noted = by_shot(NOTES, STORY)
    film = replace(exported_film(noted, jobs, tmp_path), review=there)
    rate = film.line.rate
    shots = {shot.cut.shot.address: shot for shot in film.line.shots}
    wanted = {note.written: shots[note.shot].start + round(note.second * rate) for note in NOTES if note.shot in shots}
    assert len(wanted) == 3

    timeline = otio.adapters.read_from_string(export("otio", film))
    [pictures] = [track for track in timeline.tracks if track.kind == "Video"]
    seen = {}
    for clip in pictures:
        for marker in clip.markers:
            inside = marker.marked_range.start_time - clip.source_range.start_time
            seen[marker.comment] = (clip.range_in_parent().start_time + inside).value
    assert seen == wanted

    mlt = etree.fromstring(export("mlt", film).encode())
    placed = {
        each.findtext("property[@name='text']"): each.findtext("property[@name='start']")
        for each in mlt.iterfind("tractor/properties[@name='shotcut:markers']/properties")
    }
    edl = export("edl", film)
    final_cut = etree.fromstring(export("fcpxml", film).encode())
    marked = {}
    for clip in final_cut.iter("asset-clip", "gap"):
        for marker in clip.iter("marker"):
            offset = [Fraction(each.removesuffix("s")) for each in (marker.get("start"), clip.get("start"))]
            marked[marker.get("value")] = (
                Fraction(clip.get("offset").removesuffix("s")) + offset[0] - offset[1]
            ) * rate
    for text, frame in wanted.items():
        assert f"* LOC: {timecode(frame, rate)} YELLOW  {text}" in edl
        assert abs(_seconds(placed[text]) - frame / rate) < Fraction(1, 1000)
        assert marked[text] == frame


def _seconds(clock: str) -> Fraction:
    hours, minutes, seconds = clock.split(":")
    return Fraction(hours) * 3600 + Fraction(minutes) * 60 + Fraction(seconds)
