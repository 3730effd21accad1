"""What a film and its papers say of where it comes from."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from lxml import etree

from storyboard.film import Film, assemble
from storyboard.film.export import export, exported_film
from storyboard.film.exported_film import ExportedFilm, StoryCommit
from storyboard.jobs.canonical import canonical
from storyboard.jobs.key import content_of
from storyboard.jobs.lock import Block
from storyboard.jobs.purchase_state import PurchaseState
from storyboard.media.film_tags import FilmTags, SourceType
from storyboard.run.result import RunResult
from storyboard.story.story import Story
from tests.support.films import run_of, watchable, without
from tests.support.footage import shoot
from tests.support.numbered_films import every_kind_of_shot
from tests.support.shots import run, story

XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
WORDS = {"x": "adobe:ns:meta/", "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"}
PLACE = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def night(title: str = "Night") -> Story:
    return replace(story([*run(3, 2, scene="arrival"), *run(4, scene="river")]), title=title)


def tags_of(file: Path) -> dict[str, str]:
    """The tags that ffprobe reads."""
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "json", str(file)]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return dict(told["format"]["tags"])


def xmp_of(file: Path) -> etree._Element:
    """The XMP of an mp4 file: the body of its last box."""
    content = file.read_bytes()
    at = content.rindex(b"uuid" + XMP) - 4
    assert at + int.from_bytes(content[at : at + 4], "big") == len(content), "the box ends with the file"
    packet = content[at + 24 :].decode()
    return etree.fromstring(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")].encode())


def source_types(file: Path) -> list[str | None]:
    return [each.text for each in xmp_of(file).iterfind(".//Iptc4xmpExt:DigitalSourceType", WORDS)]


def build(tmp_path: Path, made: Story, result: RunResult, *, bought: bool, drawn: bool = False) -> Film:
    contents = [each.job.content for each in result.jobs] if bought else []
    return assemble(made, result, tmp_path / "night", bought=contents, drawn=drawn)


def test_a_bought_film_says_that_a_model_made_it(tmp_path: Path) -> None:
    made = night("Night & <day>")
    film = watchable(build(tmp_path, made, run_of(made, tmp_path / "store"), bought=True))
    assert source_types(film) == [f"{PLACE}trainedAlgorithmicMedia"]
    assert [each.text for each in xmp_of(film).iterfind(".//Iptc4xmpExt:AISystemUsed", WORDS)] == ["kirin_v3_t2v"]
    tags = tags_of(film)
    assert tags["title"] == "Night & <day>"
    assert f"{PLACE}trainedAlgorithmicMedia" in tags["comment"]
    assert "kirin_v3_t2v" in tags["comment"]


@pytest.mark.parametrize("way", ["tables", "copied", "encoded"])
def test_tags_are_written_however_the_film_is_joined(tmp_path: Path, way: str) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    if way != "tables":
        sizes = [(160, 90), (160, 90) if way == "copied" else (96, 90)]
        clips = [shoot(tmp_path / f"{at}.mp4", lasts, size=sizes[at]) for at, lasts in enumerate((5, 4))]
        jobs = zip(result.jobs, clips, strict=True)
        result = RunResult(tuple(replace(j, clip=clip, sha256=str(at) * 64) for at, (j, clip) in enumerate(jobs)))
    film = watchable(build(tmp_path, made, result, bought=True))
    assert source_types(film) == [f"{PLACE}trainedAlgorithmicMedia"]
    assert tags_of(film)["title"] == "Night"
    if shutil.which("ffmpeg") is not None:
        command = ["ffmpeg", "-v", "error", "-i", str(film), "-f", "null", "-"]
        assert subprocess.run(command, capture_output=True, check=True).stderr == b""


def test_animatic_draft_and_mixed_film_have_the_right_tags(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    drawn = watchable(build(tmp_path / "drawn", made, result, bought=False, drawn=True))
    assert source_types(drawn) == [f"{PLACE}algorithmicMedia"]
    assert "no AI model" in tags_of(drawn)["comment"]
    draft = watchable(build(tmp_path / "draft", made, without(result, "river#1"), bought=True))
    assert source_types(draft) == [f"{PLACE}compositeWithTrainedAlgorithmicMedia"]
    mixed = every_kind_of_shot(tmp_path / "source")
    film = watchable(build(tmp_path / "mixed", mixed, run_of(mixed, tmp_path / "store"), bought=True))
    assert source_types(film) == [f"{PLACE}compositeWithTrainedAlgorithmicMedia"]


def test_film_that_changes_from_drawn_to_bought_changes_its_tags(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    build(tmp_path, made, result, bought=False)
    film = watchable(build(tmp_path, made, result, bought=True))
    assert source_types(film) == [f"{PLACE}trainedAlgorithmicMedia"]


def test_hostile_title_breaks_no_tag() -> None:
    tags = FilmTags("]]></rdf:li>\x1b[2J\x00\n<!--", SourceType.TRAINED, ("a<b", "\x07"))
    packet = tags.xmp_box[24:].decode()
    etree.fromstring(packet[packet.index("<x:xmpmeta") : packet.index("<?xpacket end")].encode())
    assert "\x1b" not in tags.plain["title"] + tags.plain["comment"]


def paid(film: ExportedFilm) -> ExportedFilm:
    """The film with a lock that names its first clip as bought."""
    job = film.cut.jobs[0]
    block = Block(
        ("arrival.a", "arrival.b"),
        job.job.content,
        job.job.base,
        1,
        "kirin",
        "https://x",
        "dots",
        1,
        "t-1",
        job.result.sha256,
        5,
        Decimal("1.180"),
        PurchaseState.DONE,
    )
    return replace(film, bought={job.job.content: block}, commit=StoryCommit("c" * 40, is_unchanged=True))


def test_provenance_has_source_request_task_price_and_hash_of_each_clip(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    assemble(made, result, tmp_path / "night", bought=[result.jobs[0].job.content])
    film = paid(exported_film(made, [each.job for each in result.jobs], tmp_path / "night"))
    told = json.loads(export("provenance", film))
    assert told["story"] == {"file": "night.story", "commit": "c" * 40, "as_committed": True}
    mp4 = tmp_path / "night/night.mp4"
    assert told["film"]["sha256"] == hashlib.sha256(mp4.read_bytes()).hexdigest()
    assert told["film"]["digital_source_type"] == f"{PLACE}compositeWithTrainedAlgorithmicMedia"
    first, second = told["clips"]
    clip = tmp_path / "night" / first["file"]
    assert first["sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert (first["provider"], first["task"], first["cost_usd"], first["take"]) == ("kirin", "t-1", "1.180", 1)
    assert first["digital_source_type"] == f"{PLACE}trainedAlgorithmicMedia"
    line = result.jobs[0].job.shots[0].origin.span.position.line
    assert first["shots"][0] == {
        "address": "arrival.a",
        "source": f"night.story:{line}",
        "prompt": "Prompt of a.",
    }
    assert content_of(canonical(first["request"]), first["take"]) == first["content"], "the request is what was hashed"
    assert (second["provider"], second["model"]) == (None, None)
    assert second["digital_source_type"] == f"{PLACE}algorithmicMedia"
    assert first["frames"] == [0, int(Fraction(5) * film.line.rate)]


def test_missing_facts_are_null(tmp_path: Path) -> None:
    made = night()
    jobs = [each.job for each in run_of(made, tmp_path / "store", failed=["arrival#1", "river#1"]).jobs]
    told = json.loads(export("provenance", exported_film(made, jobs, tmp_path / "night")))
    assert told["film"] is None
    assert {(clip["file"], clip["sha256"], clip["digital_source_type"]) for clip in told["clips"]} == {(None,) * 3}
