"""`storyboard notes`: what a reviewer saved, at the author's own lines."""

from __future__ import annotations

import json

from tests.support.cli import Cli

STORY = 'story "T"\n  .model kirin_v3_t2v\n\nscene quay\nshot wide 3s\n  A boat.\n\nshot near 3s\n  A rope.\n'
NOTES = {
    "version": 1,
    "story": "t.story",
    "notes": [
        {"shot": "quay.near", "take": 1, "second": 1.5, "text": "The rope is \x1b[31mred", "author": "Ana"},
        {"shot": "quay.far", "take": 1, "second": 0, "text": "Lovely", "author": "Bo"},
    ],
}


def test_each_note_is_shown_at_the_line_of_its_shot(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("t.notes.json", json.dumps(NOTES))
    done = cli("notes", "t.notes.json")
    assert done.code == 0
    assert "hint[SB500]: Ana, at 1.5 s: The rope is" in done.out
    assert "t.story:8:1" in done.out
    assert "SB501" in done.out
    assert "`quay.far` is no longer in this story; Bo, at 0 s: Lovely" in done.out
    assert "2 notes" in done.out
    assert "\x1b" not in done.out


def test_json_has_the_same_findings(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("t.notes.json", json.dumps(NOTES))
    found = cli("notes", "t.notes.json", "--json").json["diagnostics"]
    assert [(each["code"], each["line"]) for each in found] == [("SB500", 8), ("SB501", 1)]


def test_notes_choose_their_story_among_several(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("other.story", STORY)
    cli.write("t.notes.json", json.dumps(NOTES))
    assert "t.story:8:1" in cli("notes", "t.notes.json").out
    cli.write("t.notes.json", json.dumps({**NOTES, "story": ""}))
    done = cli("notes", "t.notes.json")
    assert (done.code, "name the story too" in done.err) == (2, True)
    assert "other.story:8:1" in cli("notes", "t.notes.json", "other.story").out


def test_a_story_with_an_error_still_shows_its_notes(cli: Cli) -> None:
    cli.write("t.story", STORY + "shot far 99s\n  Far.\n")
    cli.write("t.notes.json", json.dumps(NOTES))
    assert "Ana, at 1.5 s" in cli("notes", "t.notes.json").out


def test_exported_list_carries_the_notes(cli: Cli) -> None:
    cli.write("t.story", STORY)
    cli.write("t.notes.json", json.dumps(NOTES))
    for form in ("otio", "edl", "fcpxml", "fcp7xml", "mlt", "md", "csv"):
        done = cli("export", form, "--notes", "t.notes.json", "--out", "-")
        assert done.code == 0
        assert "Ana, at 1.5 s: The rope is" in done.out, form
