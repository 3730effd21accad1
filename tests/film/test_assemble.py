"""What a build leaves: exactly this film, whole or honestly incomplete, and nothing made twice."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from storyboard.errors import StoryboardError
from storyboard.film import Film, assemble
from storyboard.film.draft import Draft
from storyboard.media.render_options import RenderOptions
from storyboard.run.result import JobState, RunResult
from storyboard.story.story import Shot, Story
from tests.support.films import run_of, without
from tests.support.footage import flashes, length_of, shoot
from tests.support.shots import run, shot, story

NIGHT: Sequence[Shot] = (*run(3, 2, scene="arrival"), *run(4, scene="river"))


def night() -> Story:
    return replace(story(NIGHT), title="Lantern Night", logline="A courier crosses Suzhou.")


def build(tmp_path: Path, made: Story, **options: Any) -> tuple[Film, RunResult]:
    result = run_of(made, tmp_path / "store", **options)
    return assemble(made, result, tmp_path / "build" / "night"), result


def left(film: Film) -> list[str]:
    return sorted(str(path.relative_to(film.folder)) for path in film.folder.rglob("*") if path.is_file())


def read(film: Film) -> dict[str, Any]:
    return json.loads(film.manifest.read_text())  # type: ignore[no-any-return]


def times(film: Film) -> dict[str, int]:
    return {name: (film.folder / name).stat().st_mtime_ns for name in left(film)}


def seconds(path: Path) -> Fraction:
    with av.open(str(path)) as clip:
        return length_of(clip.streams.video[0])


def test_a_build_leaves_clips_in_story_order_the_film_the_sheet_and_the_manifest(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    assert left(film) == ["clips/01-arrival-1.mp4", "clips/02-river-1.mp4", "index.html", "manifest.json", "night.mp4"]
    assert film.film == tmp_path / "build" / "night" / "night.mp4"
    assert film.clips == (film.folder / "clips/01-arrival-1.mp4", film.folder / "clips/02-river-1.mp4")
    assert seconds(film.film) == film.seconds == 9
    assert [clip.read_bytes() for clip in film.clips] == [r.clip.read_bytes() for r in result.jobs if r.clip]


def test_manifest_has_the_place_of_every_shot(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    said = read(film)
    assert (said["version"], said["title"], said["seconds"], said["complete"]) == (1, "Lantern Night", 9, True)
    assert said["film"]["file"] == "night.mp4"
    first, second = said["jobs"]
    assert (first["id"], first["clip"], first["in"], first["out"]) == ("arrival#1", "clips/01-arrival-1.mp4", 0, 5)
    assert (first["key"], first["sha256"]) == (result.jobs[0].key, result.jobs[0].sha256)
    assert [(s["address"], s["in"], s["out"]) for s in first["shots"]] == [("arrival.a", 0, 3), ("arrival.b", 3, 5)]
    assert [(s["address"], s["in"], s["out"]) for s in second["shots"]] == [("river.a", 5, 9)]


def test_slightly_longer_clips_keep_their_real_length(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    longer = shoot(tmp_path / "longer.mp4", 5.25, size=(160, 90))
    jobs = (replace(result.jobs[0], clip=longer, sha256="a" * 64), result.jobs[1])
    film = assemble(made, replace(result, jobs=jobs), tmp_path / "night")
    assert film.seconds == Fraction(37, 4)
    times = [(s["in"], s["out"]) for job in read(film)["jobs"] for s in job["shots"]]
    assert times == [(0, 3), (3, 5.25), (5.25, 9.25)]


@pytest.mark.parametrize(
    ("lasts", "words"),
    [
        (8, "8 s came for 5 s that were ordered: the rest is cut off"),
        (2, "2 s came for 5 s that were ordered: its last"),
    ],
)
def test_clip_of_another_length_is_fitted_and_the_sheet_says_so(lasts: int, words: str, tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    odd = replace(result.jobs[0], clip=shoot(tmp_path / "odd.mp4", lasts, flash=12 * lasts - 1), sha256="a" * 64)
    film = assemble(made, replace(result, jobs=(odd, result.jobs[1])), tmp_path / "night")
    assert film.film is not None
    assert seconds(film.film) == film.seconds == 9
    assert len(flashes(film.film)) == (0 if lasts > 5 else 12 * 3 + 1), "its last picture, held or cut off"
    assert [(s["in"], s["out"]) for job in read(film)["jobs"] for s in job["shots"]] == [(0, 3), (3, 5), (5, 9)]
    assert [job.get("lasts") for job in read(film)["jobs"]] == [str(lasts), None]
    assert words in film.sheet.read_text()
    assert film.sheet.read_text().count("data:image/jpeg;base64,/9j/") == 3, (
        "a picture for every shot, also behind the clip's end"
    )
    before = times(film)
    assemble(made, replace(result, jobs=(odd, result.jobs[1])), tmp_path / "night")
    assert times(film) == before, "it is known by the manifest, and nothing is made again"


def test_without_every_job_there_is_a_draft_with_cards_in_the_gaps(tmp_path: Path) -> None:
    film, _ = build(tmp_path, night(), failed=["river#1"])
    assert left(film) == ["clips/01-arrival-1.mp4", "index.html", "manifest.json", "night.draft.mp4"]
    assert film.film is None
    assert film.draft == Draft(film.folder / "night.draft.mp4", 2, ("river#1",))
    assert film.draft.words == "1 of 2 jobs; river#1 is a card"
    assert seconds(film.draft.file) == 9
    assert film.clips == (film.folder / "clips/01-arrival-1.mp4", None)
    said = read(film)
    assert (said["complete"], said["film"], said["last_film"]) == (False, None, None)
    assert (said["draft"]["file"], said["draft"]["jobs"], said["draft"]["cards"]) == ("night.draft.mp4", 2, ["river#1"])
    assert [(job["state"], job["clip"]) for job in said["jobs"]] == [
        ("done", "clips/01-arrival-1.mp4"),
        ("failed", None),
    ]
    assert "the text was refused" in film.sheet.read_text()


def test_the_last_complete_film_stays_beside_the_draft_until_the_next_one(tmp_path: Path) -> None:
    whole, result = build(tmp_path, night())
    before = times(whole)["night.mp4"]
    film = assemble(night(), without(result, "river#1"), whole.folder)
    assert left(film) == ["clips/01-arrival-1.mp4", "index.html", "manifest.json", "night.draft.mp4", "night.mp4"]
    assert times(film)["night.mp4"] == before
    assert (film.film, film.last_film) == (None, film.folder / "night.mp4")
    assert read(film)["last_film"]["file"] == "night.mp4"
    assert 'href="night.mp4"' in film.sheet.read_text()
    again = assemble(night(), result, whole.folder)
    assert left(again) == [*left(whole)[:2], "index.html", "manifest.json", "night.mp4"]
    assert times(again)["night.mp4"] == before, "it is the same film: nothing to join"


def test_unchanged_draft_is_not_rendered_again(tmp_path: Path) -> None:
    film, result = build(tmp_path, night(), failed=["river#1"])
    before = times(film)
    assert assemble(night(), result, film.folder) == film
    assert times(film) == before


def test_without_any_clip_no_draft_is_made_and_the_old_one_is_removed(tmp_path: Path) -> None:
    film, result = build(tmp_path, night(), failed=["river#1"])
    none = assemble(night(), without(result, "arrival#1"), film.folder)
    assert (none.draft, none.trouble) == (None, None)
    assert left(none) == ["index.html", "manifest.json"]


def test_failed_draft_is_reported_and_does_not_fail_the_build(tmp_path: Path) -> None:
    whole, result = build(tmp_path, night())
    (whole.folder / "night.draft.mp4").mkdir()
    film = assemble(night(), without(result, "river#1"), whole.folder)
    assert film.draft is None
    assert film.trouble is not None and "night.draft.mp4 is in the way" in film.trouble
    assert read(film)["draft"] is None
    assert left(film) == ["clips/01-arrival-1.mp4", "index.html", "manifest.json", "night.mp4"]
    assert seconds(whole.folder / "night.mp4") == 9


def test_cards_never_take_the_place_of_a_bought_film(tmp_path: Path) -> None:
    result = run_of(night(), tmp_path / "store")
    contents = [each.job.content for each in result.jobs]
    folder = tmp_path / "night"
    bought = assemble(night(), result, folder, bought=contents)
    before = times(bought)["night.mp4"]
    other = replace(result.jobs[1], clip=shoot(tmp_path / "card.mp4", 4, size=(160, 90)), sha256="c" * 64)
    mixed = assemble(night(), replace(result, jobs=(result.jobs[0], other)), folder, bought=contents[:1])
    assert (mixed.film, mixed.bought, mixed.last_film) == (None, 1, folder / "night.mp4")
    assert mixed.draft == Draft(folder / "night.draft.mp4", 2, ())
    assert times(mixed)["night.mp4"] == before
    assert assemble(night(), result, folder, bought=contents).film == folder / "night.mp4"
    assert not mixed.draft.file.exists()


def test_clips_of_deleted_scenes_are_removed_and_other_files_stay(tmp_path: Path) -> None:
    film, _ = build(tmp_path, night())
    (film.folder / "clips" / "notes.txt").write_text("mine")
    again, _ = build(tmp_path, story(run(4, scene="river")))
    assert left(again) == ["clips/01-river-1.mp4", "clips/notes.txt", "index.html", "manifest.json", "night.mp4"]
    assert seconds(again.folder / "night.mp4") == 4


def test_an_unchanged_film_is_not_touched(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    before = times(film)
    cached = tuple(replace(each, state=JobState.CACHED, reason="in the store") for each in result.jobs)
    assert assemble(night(), replace(result, jobs=cached), film.folder) == film
    assert times(film) == before


def test_only_the_changed_part_is_rendered_again(tmp_path: Path) -> None:
    film, _ = build(tmp_path, night())
    before = times(film)
    again, _ = build(tmp_path, replace(night(), title="Another title"))
    changed = {name for name, time in times(again).items() if before[name] != time}
    assert changed == {"index.html", "manifest.json"}


def test_a_renamed_shot_changes_the_subtitles_and_no_clip(tmp_path: Path) -> None:
    film, _ = build(tmp_path, night())
    before = times(film)
    renamed = (replace(NIGHT[0], address="arrival.gate", name="gate"), *NIGHT[1:])
    again, _ = build(tmp_path, replace(night(), shots=renamed))
    changed = {name for name, time in times(again).items() if before[name] != time}
    assert changed == {"index.html", "manifest.json", "night.mp4"}
    with av.open(str(again.film)) as joined:
        shown = [bytes(packet)[2:].decode() for packet in joined.demux(subtitles=0) if packet.size > 2]
    assert shown == ["arrival.gate", "arrival.b", "river.a"]


@pytest.mark.parametrize(
    "harm", ["film cut", "film gone", "clip gone", "sheet gone", "manifest gone", "manifest broken"]
)
def test_lost_or_damaged_files_are_restored(tmp_path: Path, harm: str) -> None:
    film, result = build(tmp_path, night())
    assert film.film is not None
    whole = {name: (film.folder / name).read_bytes() for name in left(film)}
    match harm:
        case "film cut":
            film.film.write_bytes(whole["night.mp4"][:-10])
        case "manifest broken":
            film.manifest.write_text('{"version": 1, "jobs": [3]}')
        case _:
            name = {
                "film": "night.mp4",
                "clip": "clips/02-river-1.mp4",
                "sheet": "index.html",
                "manifest": "manifest.json",
            }
            (film.folder / name[harm.partition(" ")[0]]).unlink()
    assemble(night(), result, film.folder)
    assert {name: (film.folder / name).read_bytes() for name in left(film)} == whole


def test_editing_a_delivered_clip_does_not_change_the_store(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    clip, stored = film.clips[0], result.jobs[0].clip
    assert clip is not None
    assert stored is not None
    before = stored.read_bytes()
    clip.write_bytes(b"edited in place")
    assert stored.read_bytes() == before


def test_a_huge_file_in_the_place_of_a_clip_is_refused_without_being_read(tmp_path: Path) -> None:
    made = night()
    (tmp_path / "second").mkdir()
    first = build(tmp_path, made)[0].clips[0]
    assert first is not None
    place = tmp_path / "second" / "build" / "night" / "clips" / first.name
    place.parent.mkdir(parents=True)
    place.touch()
    os.truncate(place, 50_000_000_000)  # its bytes would take a minute
    with pytest.raises(StoryboardError, match="is in the way"):
        build(tmp_path / "second", made)


def can_reflink(folder: Path) -> bool:
    """Whether the file system of a folder can share the bytes of two files until one is written to (Linux only)."""
    import fcntl

    ficlone = 0x40049409
    (folder / "a").write_bytes(b"a")
    with (folder / "a").open("rb") as source, (folder / "b").open("wb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), ficlone, source.fileno())
        except OSError:
            return False
    return True


@pytest.mark.posix("clips are copied there")
def test_read_only_clip_is_shared_on_disk(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    for each in result.jobs:
        assert each.clip is not None
        each.clip.chmod(0o400)
    film = assemble(made, result, tmp_path / "night")
    pairs = [(clip, each.clip) for clip, each in zip(film.clips, result.jobs, strict=True) if clip and each.clip]
    assert len(pairs) == len(result.jobs)
    linked = not can_reflink(tmp_path)
    assert [clip.samefile(stored) for clip, stored in pairs] == [linked] * len(pairs)
    assert all(stored.stat().st_mode & 0o777 == 0o400 for _, stored in pairs)


def test_unreadable_clip_leaves_the_last_film_and_the_next_build_repairs_it(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0" * 4096)
    jobs = (result.jobs[0], replace(result.jobs[1], clip=broken, sha256="b" * 64))
    with pytest.raises(StoryboardError, match=r"broken\.mp4 cannot be played"):
        assemble(night(), replace(result, jobs=jobs), film.folder)
    assert seconds(film.folder / "night.mp4") == 9
    interim = json.loads(film.manifest.read_text())
    assert (interim["film"], interim["last_film"]["file"], interim["jobs"]) == (None, "night.mp4", [])
    healed = assemble(night(), result, film.folder, in_store=lambda sha256: True)
    assert seconds(film.folder / "night.mp4") == 9
    assert healed.clips[1] is not None
    assert result.jobs[1].clip is not None
    assert healed.clips[1].read_bytes() == result.jobs[1].clip.read_bytes()


def test_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "build").write_text("a file")
    with pytest.raises(StoryboardError, match="cannot be written"):
        build(tmp_path, night())


def test_two_simultaneous_builds_leave_one_film(tmp_path: Path) -> None:
    short = story(run(4, scene="river"))
    results = {"long": (night(), run_of(night(), tmp_path / "a")), "short": (short, run_of(short, tmp_path / "b"))}
    folder = tmp_path / "night"
    threads = [threading.Thread(target=assemble, args=(*results[which], folder)) for which in ("long", "short") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = json.loads((folder / "manifest.json").read_text())
    assert seconds(folder / "night.mp4") == said["seconds"]
    assert sorted(path.name for path in (folder / "clips").iterdir()) == sorted(
        Path(job["clip"]).name for job in said["jobs"]
    )


def test_a_hundred_jobs_keep_their_order_in_a_listing(tmp_path: Path) -> None:
    many = story([shot(f"n{number}", 3, scene=f"s{number}") for number in range(101)])
    result = run_of(many, tmp_path / "store", RenderOptions(64, 4))
    film = assemble(many, result, tmp_path / "night")
    names = [clip.name for clip in film.clips if clip]
    assert names == sorted(names)
    assert names[0] == "001-s0-1.mp4"
    assert seconds(tmp_path / "night" / "night.mp4") == 303


def test_leftovers_of_a_killed_build_are_removed(tmp_path: Path) -> None:
    film, result = build(tmp_path, night())
    for half in (film.folder / ".abc.part", film.folder / "clips" / ".def.part"):
        half.write_bytes(b"half")
    again = assemble(night(), result, film.folder)
    assert not [name for name in left(again) if name.endswith(".part")]


@pytest.mark.posix("the size of its files cannot be limited")
def test_full_disk_is_an_error_and_the_next_build_continues(tmp_path: Path) -> None:
    made = night()
    result = run_of(made, tmp_path / "store")
    folder = tmp_path / "night"
    limit = max(clip.stat().st_size for each in result.jobs if (clip := each.clip)) + 100
    with (
        files_no_larger_than(limit),
        pytest.raises(StoryboardError, match=r"night\.mp4 cannot be written: File too large"),
    ):
        assemble(made, result, folder)
    assert sorted(path.name for path in folder.iterdir()) == ["clips", "manifest.json"]
    assert json.loads((folder / "manifest.json").read_text())["film"] is None
    assert seconds(assemble(made, result, folder).folder / "night.mp4") == 9


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """As on a disk that is full; the system refuses to write on."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
