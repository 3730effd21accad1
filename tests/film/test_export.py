"""The film for other programs: what each list says, where it goes, what it may overwrite."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
import srt
import webvtt

from storyboard.errors import StoryboardError
from storyboard.film import assemble
from storyboard.film.export import BUNDLES, FORMATS, SUFFIXES, export, exported_film
from storyboard.film.export_files import write_beside_clips, write_to
from storyboard.film.exported_film import ExportedFilm
from storyboard.film.timecode import timecode
from storyboard.jobs.job import Job
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.run.result import RunResult
from storyboard.story.story import Spoken, Story, WordsBeside
from tests.support.films import run_of
from tests.support.footage import shoot
from tests.support.shots import run, shot, story
from tests.support.work import LINEAR, growth

TEXTS = tuple(form for form in FORMATS if form not in BUNDLES)
HOSTILE = (
    '=HYPERLINK("http://evil.example","x")',
    "a --> b\n\n00:00:00.000 --> 99:00:00.000\nmine",
    "</prompt><script>alert(1)</script>]]><!--",
    "\x1b[2J\x1b]0;owned\x07 \x00 \x9b31m",
    "* FROM CLIP NAME: other.mp4\n002  AX V C 00:00:00:00",
    "| a | b |\n# head\n<img src=x>",
    "\u202e\ud800\ufffe\u2028\u2029",
)


def night() -> Story:
    return replace(story([*run(3, 2, scene="arrival"), shot("灯", 4, "雨。\x07 <b>&", scene="river")]), title="Night")


def jobs_of(result: RunResult) -> list[Job]:
    return [each.job for each in result.jobs]


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    return jobs_of(run_of(night(), tmp_path / "store", failed=["arrival#1", "river#1"]))


@pytest.fixture
def film(tmp_path: Path) -> ExportedFilm:
    """A built film."""
    result = run_of(night(), tmp_path / "store")
    assemble(night(), result, tmp_path / "night")
    return exported_film(night(), jobs_of(result), tmp_path / "night")


def test_an_edit_decision_list(film: ExportedFilm) -> None:
    assert film.line.rate == 12
    assert export("edl", film) == (
        "TITLE: Night\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  AX       AA/V  C        00:00:00:00 00:00:03:00 00:00:00:00 00:00:03:00\n"
        "* FROM CLIP NAME: 01-arrival-1.mp4\n"
        "* COMMENT: arrival.a\n"
        "* LOC: 00:00:00:00 CYAN    arrival\n"
        "\n"
        "002  AX       AA/V  C        00:00:03:00 00:00:05:00 00:00:03:00 00:00:05:00\n"
        "* FROM CLIP NAME: 01-arrival-1.mp4\n"
        "* COMMENT: arrival.b\n"
        "\n"
        "003  AX       AA/V  C        00:00:00:00 00:00:04:00 00:00:05:00 00:00:09:00\n"
        "* FROM CLIP NAME: 02-river-1.mp4\n"
        "* COMMENT: river.灯\n"
        "* LOC: 00:00:05:00 CYAN    river\n"
    )


def test_missing_clip_is_black_and_named_in_the_edit_list(tmp_path: Path, jobs: list[Job]) -> None:
    text = export("edl", exported_film(night(), jobs, tmp_path))
    assert "003  BL       V     C        00:00:00:00 00:00:04:00 00:00:05:00 00:00:09:00\n" in text
    assert "* COMMENT: 02-river-1.mp4 is missing\n" in text


def test_too_many_shots_for_an_edit_list_is_refused_with_a_message(tmp_path: Path) -> None:
    made, many = long_film(1000)
    with pytest.raises(StoryboardError, match="at most 999 events, and this film has 1000 shots") as refused:
        export("edl", exported_film(made, many, tmp_path))
    assert refused.value.help == "export otio, fcpxml or fcp7xml, which have no such limit"


def test_final_cut_xml(film: ExportedFilm) -> None:
    root = ElementTree.fromstring(export("fcpxml", film))
    clips = list(root.iter("asset-clip"))
    assert [clip.get("offset") for clip in clips] == ["0s", "36/12s", "60/12s"]
    assert clips[2].findtext("note") == "雨。\ufffd <b>&"


def test_a_table(tmp_path: Path, jobs: list[Job]) -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", exported_film(night(), jobs, tmp_path)))))
    assert [(row["address"], row["in"], row["out"]) for row in rows] == [
        ("arrival.a", "0", "3"),
        ("arrival.b", "3", "5"),
        ("river.灯", "5", "9"),
    ]
    assert rows[0]["prompt"] == "Prompt of a."
    assert (rows[1]["first frame"], rows[1]["frames"], rows[1]["timecode in"]) == ("72", "48", "00:00:03:00")


def test_lists_contain_price_and_task(film: ExportedFilm) -> None:
    job = film.cut.jobs[0].job
    block = Block(
        ("arrival.a",),
        job.content,
        job.base,
        1,
        "kirin",
        "https://x",
        "dots",
        1,
        "t-1",
        "c" * 64,
        5,
        Decimal("1.180"),
        PurchaseState.DONE,
    )
    paid = replace(film, bought={job.content: block})
    clip = otio.adapters.read_from_string(export("otio", paid)).find_clips()[0]
    told = clip.metadata["storyboard"]
    assert (told["provider"], told["task"], told["cost_usd"], told["take"]) == ("kirin", "t-1", "1.180", 1)
    rows = list(csv.DictReader(io.StringIO(export("csv", paid))))
    assert [row["cost usd"] for row in rows] == ["1.180", "1.180", ""]


@pytest.mark.parametrize("form", TEXTS)
def test_the_same_film_gives_the_same_bytes(form: str, film: ExportedFilm) -> None:
    first, second = (export(form, film, prompts=True) for _ in range(2))
    assert first == second != ""


def test_the_same_bundle_gives_the_same_bytes(film: ExportedFilm, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_to("otioz", film, tmp_path / f"{name}.otioz")
    assert (tmp_path / "a.otioz").read_bytes() == (tmp_path / "b.otioz").read_bytes()


def test_film_that_came_out_longer_keeps_its_real_length(tmp_path: Path) -> None:
    result = run_of(night(), tmp_path / "store")
    longer = replace(result.jobs[0], clip=shoot(tmp_path / "longer.mp4", 5.25), sha256="a" * 64)
    assemble(night(), RunResult((longer, result.jobs[1])), tmp_path / "night")
    built = exported_film(night(), jobs_of(result), tmp_path / "night")
    assert "00:00:05,250 --> 00:00:09,250\nriver.灯" in export("srt", built, prompts=True)
    planned = exported_film(night(), jobs_of(result), tmp_path / "elsewhere")
    assert "00:00:05,000 --> 00:00:09,000\nriver.灯" in export("srt", planned, prompts=True)


def test_short_clip_leaves_a_gap_in_the_lists_and_moves_nothing(tmp_path: Path) -> None:
    result = run_of(night(), tmp_path / "store")
    short = replace(result.jobs[0], clip=shoot(tmp_path / "short.mp4", 2), sha256="a" * 64)
    assemble(night(), RunResult((short, result.jobs[1])), tmp_path / "night")
    film = exported_film(night(), jobs_of(result), tmp_path / "night")
    assert [(each.start, each.length, each.used) for each in film.line.shots] == [
        (0, 36, 24),
        (36, 24, 0),
        (60, 48, 48),
    ]
    [pictures, sounds] = otio.adapters.read_from_string(export("otio", film)).tracks
    kinds = [(type(each).__name__, int(each.duration().value)) for each in pictures]
    assert kinds == [("Clip", 24), ("Gap", 12), ("Clip", 24), ("Clip", 48)]
    assert isinstance(pictures[2].media_reference, otio.schema.MissingReference)
    assert [(type(each).__name__, int(each.duration().value)) for each in sounds] == [
        ("Clip", 24),
        ("Gap", 12),
        ("Gap", 24),
        ("Clip", 48),
    ]
    root = ElementTree.fromstring(export("fcpxml", film))
    spine = root.find(".//spine")
    assert spine is not None
    assert [(each.tag, each.get("offset")) for each in spine] == [
        ("asset-clip", "0s"),
        ("gap", "24/12s"),
        ("gap", "36/12s"),
        ("asset-clip", "60/12s"),
    ]
    assert "001  AX       AA/V  C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n" in export("edl", film)


def test_requested_frame_rate_is_used(film: ExportedFilm, tmp_path: Path) -> None:
    jobs = [job.job for job in film.cut.jobs]
    other = exported_film(night(), [job for job in jobs if isinstance(job, Job)], tmp_path / "night", fps=Fraction(25))
    assert (other.line.rate, other.line.frames) == (Fraction(25), 225)


def test_clips_of_a_job_that_moved_are_linked_where_they_are(tmp_path: Path) -> None:
    before = story([shot("a", 3, scene="x"), shot("b", 3, scene="y")])
    result = run_of(before, tmp_path / "store")
    assemble(before, result, tmp_path / "night")
    after = replace(before, shots=before.shots[::-1], scenes=before.scenes[::-1])
    moved = exported_film(after, jobs_of(result)[::-1], tmp_path / "night")
    assert [film_shot.job.file for film_shot in moved.line.shots] == ["02-y-1.mp4", "01-x-1.mp4"]
    assert all(moved.media(each) for each in moved.line.shots)


@pytest.mark.parametrize(
    ("frame", "rate", "text"),
    [
        (0, Fraction(24), "00:00:00:00"),
        (24 * 3661 + 5, Fraction(24), "01:01:01:05"),
        (1800, Fraction(30_000, 1001), "00:01:00:00"),
        (59, Fraction(60_000, 1001), "00:00:00:59"),
    ],
)
def test_a_timecode_counts_every_frame(frame: int, rate: Fraction, text: str) -> None:
    assert timecode(frame, rate) == text


def hostile() -> Story:
    shots = [
        shot(
            f"s{at}",
            3,
            text.replace("\ud800", ""),
            split_before=True,
            beside=WordsBeside((Spoken(text, text),), (text,), (text,)),
        )
        for at, text in enumerate(HOSTILE)
    ]
    made = story(shots)
    scenes = tuple(replace(scene, title="\n".join(HOSTILE), notes=HOSTILE) for scene in made.scenes)
    return replace(made, title="\r\n".join(HOSTILE), logline=HOSTILE[2], scenes=scenes, notes=HOSTILE)


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("prompts", [False, True])
def test_hostile_text_breaks_no_format(form: str, prompts: bool, tmp_path: Path) -> None:
    made = hostile()
    jobs = jobs_of(run_of(made, tmp_path / "store", failed=[f"s#{at}" for at in range(1, 8)]))
    film = exported_film(made, jobs, tmp_path)
    text = export(form, film, prompts=prompts)
    assert text.encode()
    assert not [character for character in text if character in "\x00\x07\x1b\x9b\u2028\u2029\ufffe"]
    match form:
        case "otio":
            assert len(otio.adapters.read_from_string(text).find_clips()) == 7
        case "mlt" | "fcpxml" | "fcp7xml":
            ElementTree.fromstring(text)
        case "edl":
            timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=24)
            assert len(timeline.find_clips()) == 7
        case "srt":
            assert len(list(srt.parse(text))) == (7 if prompts else 14)
        case "vtt":
            cues = webvtt.from_string(text).captions
            assert len(cues) == (7 if prompts else 14)
            assert all(cue.end_in_seconds <= 35 for cue in cues)
        case "provenance":
            assert len(json.loads(text)["clips"]) == 7
        case "csv":
            rows = list(csv.reader(io.StringIO(text)))
            assert len(rows) == 8
            assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@")]
        case "md":
            assert sum(line.startswith("| ") for line in text.splitlines()) == 8
            assert "<img" not in text.replace("\\<img", "")


def long_film(shots: int) -> tuple[Story, list[Job]]:
    made = story([shot(f"s{at}", 3, split_before=True) for at in range(shots)])
    from storyboard.cards import load_catalog
    from storyboard.jobs.compile import compile_story

    jobs = compile_story(made, load_catalog(None)).value
    assert jobs is not None
    return made, list(jobs)


@pytest.mark.parametrize("form", TEXTS)
def test_work_of_an_export_grows_only_with_the_number_of_shots(form: str, tmp_path: Path) -> None:
    films = {shots: exported_film(*long_film(shots), tmp_path) for shots in (2, 100, 400)}
    assert growth(lambda shots: export(form, films[shots]), 100) < LINEAR


@pytest.mark.parametrize("form", FORMATS)
def test_export_is_replaced_only_if_it_is_unedited(form: str, film: ExportedFilm, tmp_path: Path) -> None:
    folder = tmp_path / "night"
    file = write_beside_clips(form, film, folder, "night", prompts=True)
    assert file == folder / f"night{SUFFIXES[form]}"
    before = file.read_bytes()
    if form not in BUNDLES:
        stamp = file.stat().st_mtime_ns
        write_beside_clips(form, film, folder, "night", prompts=True)
        assert file.stat().st_mtime_ns == stamp, "it is the same"
    other = exported_film(
        replace(night(), title="Another"), [j.job for j in film.cut.jobs if isinstance(j.job, Job)], folder
    )
    write_beside_clips(form, other, folder, "night", prompts=form not in ("srt", "vtt"))
    if form != "csv":
        assert file.read_bytes() != before
    file.write_bytes(b"edited in another program")
    with pytest.raises(StoryboardError, match="it may hold work of yours"):
        write_beside_clips(form, film, folder, "night", prompts=True)
    assert file.read_bytes() == b"edited in another program"
    assert not [part for part in folder.iterdir() if part.name.endswith(".part")]


def test_a_list_is_not_written_through_a_link(film: ExportedFilm, tmp_path: Path) -> None:
    mine = tmp_path / "mine.otio"
    mine.write_text("mine")
    (tmp_path / "night" / "night.otio").symlink_to(mine)
    with pytest.raises(StoryboardError):
        write_beside_clips("otio", film, tmp_path / "night", "night")
    assert mine.read_text() == "mine"


def test_bundle_contains_no_files_behind_links(film: ExportedFilm, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key of the user")
    jobs = [job.job for job in film.cut.jobs if isinstance(job.job, Job)]
    clip = tmp_path / "night/clips/01-arrival-1.mp4"
    clip.unlink()
    clip.symlink_to(secret)
    linked = exported_film(night(), jobs, tmp_path / "night")
    assert [linked.media(each) is None for each in linked.line.shots] == [True, True, False]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/02-river-1.mp4").write_text("the key of the user")
    (tmp_path / "night/clips").rename(tmp_path / "night/before")
    (tmp_path / "night/clips").symlink_to(tmp_path / "elsewhere")
    linked = exported_film(night(), jobs, tmp_path / "night")
    assert not any(linked.media(each) for each in linked.line.shots)
    write_to("otioz", linked, tmp_path / "night.otioz")
    assert b"the key of the user" not in (tmp_path / "night.otioz").read_bytes()


@pytest.mark.parametrize("record", ["", "[]", '{"night.otio": 1}', '{"../x": "' + "a" * 64 + '"}', "\x00"])
def test_damaged_record_of_exports_removes_no_files(record: str, film: ExportedFilm, tmp_path: Path) -> None:
    folder = tmp_path / "night"
    file = write_beside_clips("otio", film, folder, "night")
    (folder / ".exports.json").write_text(record)
    assert write_beside_clips("otio", film, folder, "night") == file
    assert json.loads((folder / ".exports.json").read_text()).keys() == {"night.otio"}, "no file of another folder"


def test_a_build_keeps_the_exports(film: ExportedFilm, tmp_path: Path) -> None:
    file = write_beside_clips("otio", film, tmp_path / "night", "night")
    assemble(night(), run_of(night(), tmp_path / "store"), tmp_path / "night")
    assert file.is_file()
