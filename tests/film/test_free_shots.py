"""A film with shots that are not bought, cuts, and words beside the picture."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import pytest

from storyboard.errors import StoryboardError
from storyboard.film import Film, assemble
from storyboard.film.export import export, exported_film
from storyboard.film.free_shots import FOLDER
from storyboard.media.probe import probe
from storyboard.source import Source, Span
from storyboard.story.story import LocalSource, Shot, Spoken, Story, UsedPart, WordsBeside
from tests.support.films import run_of, without
from tests.support.footage import shoot
from tests.support.pictures import save_picture
from tests.support.shots import shot, span, story


def free(
    folder: Path, name: str, seconds: str, kind: Literal["clip", "still", "card"], file: str = "", **more: Any
) -> Shot:
    place = Span(Source(folder / "night.story", "x\n"), 0, 1)
    source = LocalSource(kind, file, Decimal(more.pop("start", 0)), place)
    return shot(name, Decimal(seconds), more.pop("prompt", ""), local=source, **more)


def night(folder: Path, *, file: str = "lamp.png") -> Story:
    return story(
        [
            free(folder, "title", "1.5", "card", prompt="Night"),
            shot("a", 3, beside=WordsBeside(say=(Spoken("Mei", "We are late."),))),
            shot("b", 4, part=UsedPart(Decimal("0.5"), Decimal(3), span())),
            free(folder, "lamp", "2", "still", file),
            free(folder, "sea", "1.25", "clip", "sea.mp4", start=2),
            shot("c", 3, beside=WordsBeside(captions=("The end",))),
        ]
    )


def built(tmp_path: Path, made: Story) -> Film:
    return assemble(made, run_of(made, tmp_path / "store"), tmp_path / "night", drawn=True)


def prepared(tmp_path: Path) -> Story:
    save_picture(tmp_path / "lamp.png")
    shoot(tmp_path / "sea.mp4", 4, size=(320, 240), fps=25)
    return night(tmp_path)


def kept(tmp_path: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (tmp_path / "night" / FOLDER).iterdir()}


def test_free_shots_and_cuts_give_the_intended_film(tmp_path: Path) -> None:
    film = built(tmp_path, prepared(tmp_path))
    assert film.film is not None
    assert (film.seconds, probe(film.film).seconds) == (Fraction(53, 4), Decimal("13.25"))
    assert [clip.name for clip in film.clips if clip] == ["02-s-1.mp4", "05-s-2.mp4"]
    assert sorted(file.name for file in (tmp_path / "night" / "clips").iterdir()) == [
        "01-s-title-0.mp4",
        "02-s-1.mp4",
        "03-s-lamp-0.mp4",
        "04-s-sea-0.mp4",
        "05-s-2.mp4",
    ]
    shots = [each for job in json.loads(film.manifest.read_text())["jobs"] for each in job["shots"]]
    assert [(each["address"], each["in"], each["out"], each.get("free")) for each in shots] == [
        ("s.title", 0, 1.5, "card"),
        ("s.a", 1.5, 4.5, None),
        ("s.b", 4.5, 7, None),
        ("s.lamp", 7, 9, "still"),
        ("s.sea", 9, 10.25, "clip"),
        ("s.c", 10.25, 13.25, None),
    ]


def test_the_subtitle_track_holds_the_words(tmp_path: Path) -> None:
    film = built(tmp_path, prepared(tmp_path))
    with av.open(str(film.film)) as container:
        shown = [
            (packet.pts, bytes(packet)[2:].decode())
            for packet in container.demux(container.streams.subtitles[0])
            if packet.size > 2
        ]
    assert shown == [(1500, "Mei: We are late."), (10250, "The end")]


def test_second_build_renders_nothing(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    first = built(tmp_path, made)
    before = kept(tmp_path), first.film and first.film.stat().st_mtime_ns
    second = built(tmp_path, made)
    assert (kept(tmp_path), second.film and second.film.stat().st_mtime_ns) == before


def test_file_is_identified_by_its_bytes_and_not_its_name(tmp_path: Path) -> None:
    built(tmp_path, prepared(tmp_path))
    before = kept(tmp_path)
    (tmp_path / "lamp.png").rename(tmp_path / "renamed.png")
    built(tmp_path, night(tmp_path, file="renamed.png"))
    assert kept(tmp_path) == before
    save_picture(tmp_path / "renamed.png", color=(200, 0, 0))
    film = built(tmp_path, night(tmp_path, file="renamed.png"))
    after = kept(tmp_path)
    assert len(after) == len(before) == 3
    assert len(after.keys() & before.keys()) == 2
    assert film.film is not None


def test_moved_cut_changes_the_film_but_no_clip(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    first = built(tmp_path, made)
    shots = [
        replace(each, part=UsedPart(Decimal(1), Decimal(2), span())) if each.name == "b" else each
        for each in made.shots
    ]
    second = built(tmp_path, replace(made, shots=tuple(shots)))
    assert (first.seconds, second.seconds) == (Fraction(53, 4), Fraction(47, 4))
    assert first.clips == second.clips


def test_a_film_of_free_shots_alone_needs_no_job(tmp_path: Path) -> None:
    made = story([free(tmp_path, "a", "1.5", "card", prompt="Night"), free(tmp_path, "b", "0.5", "card")])
    film = built(tmp_path, made)
    assert film.film is not None
    assert probe(film.film).seconds == 2


def test_missing_job_means_no_film_and_the_sheet_says_so(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    result = without(run_of(made, tmp_path / "store"), "s#2")
    film = assemble(made, result, tmp_path / "night", drawn=True)
    assert film.film is None
    page = film.sheet.read_text()
    assert "1 of 2 jobs missing" in page
    for words in ("title, free", "picture, free", "footage, free", "We are late.", "The end", "cut: 0.5–3 s of 4 s"):
        assert words in page


def test_edit_lists_and_timelines_contain_the_cut(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    jobs = [each.job for each in run_of(made, tmp_path / "store").jobs]
    [track] = json.loads(export("otio", exported_film(made, jobs, tmp_path / "none")))["tracks"]["children"]
    cut = next(each for each in track["children"] if each["name"] == "s.b")
    assert cut["source_range"]["start_time"]["value"] == 84
    assert cut["source_range"]["duration"]["value"] == 60
    edl = export("edl", exported_film(made, jobs, tmp_path / "none"))
    assert "00:00:03:12 00:00:06:00 00:00:04:12 00:00:07:00" in edl


def test_every_list_has_the_notes_of_a_scene(tmp_path: Path) -> None:
    made = story([shot("a", 3)])
    made = replace(made, scenes=tuple(replace(each, notes=("Ask Bo",)) for each in made.scenes))
    film = exported_film(made, [each.job for each in run_of(made, tmp_path / "store").jobs], tmp_path)
    assert "* LOC: 00:00:00:00 YELLOW  Ask Bo\n" in export("edl", film)
    for format_ in ("otio", "mlt", "fcpxml", "fcp7xml", "md"):
        assert "Ask Bo" in export(format_, film), format_


def test_notes_are_markers_and_a_column(tmp_path: Path) -> None:
    made = story([shot("a", 3, beside=WordsBeside(notes=("Dolly | in",), say=(Spoken("Mei", "Run!"),)))])
    jobs = [each.job for each in run_of(made, tmp_path / "store", failed=["s#1"]).jobs]
    film = exported_film(made, jobs, tmp_path)
    [track] = json.loads(export("otio", film))["tracks"]["children"]
    assert [marker["name"] for marker in track["children"][0]["markers"]] == ["Dolly | in"]
    assert '<marker start="0s" duration="1/24s" value="Dolly | in" />' in export("fcpxml", film)
    assert "* LOC: 00:00:00:00 YELLOW  Dolly | in\n" in export("edl", film)
    assert r"| 1 | s.a | 00:00:00:00 | 3 s | Prompt of a. | Mei: Run! |  | Dolly \| in |" in export("md", film)
    assert "Mei: Run!,,Dolly | in" in export("csv", film)


def test_linked_folder_is_left_alone(tmp_path: Path) -> None:
    made, elsewhere = prepared(tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir()
    own = elsewhere / f"{'a' * 64}.mp4"
    own.write_text("mine")
    (tmp_path / "night").mkdir()
    (tmp_path / "night" / FOLDER).symlink_to(elsewhere)
    with pytest.raises(StoryboardError, match="is a link"):
        built(tmp_path, made)
    assert [file.name for file in elsewhere.iterdir()] == [own.name]


def test_only_unused_clips_of_our_own_are_removed(tmp_path: Path) -> None:
    made = prepared(tmp_path)
    built(tmp_path, made)
    (tmp_path / "night" / FOLDER / "holiday.mp4").write_text("mine")
    built(tmp_path, replace(made, shots=made.shots[1:]))
    assert len(kept(tmp_path)) == 3
    assert "holiday.mp4" in kept(tmp_path)


def test_two_alike_free_shots_share_a_clip(tmp_path: Path) -> None:
    made = story([free(tmp_path, name, "0.5", "card") for name in ("a", "b")])
    film = built(tmp_path, made)
    assert film.seconds == 1
    assert len(kept(tmp_path)) == 1
    assert [job["id"] for job in json.loads(film.manifest.read_text())["jobs"]] == ["s.a", "s.b"]
